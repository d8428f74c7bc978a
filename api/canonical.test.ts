import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployments } from './apps/deployment.ts'
import { canonical } from './canonical.ts'
import { clone } from './clone.ts'
import { ConfigMaps } from './core/config-map.ts'
import { EndpointsResource } from './core/endpoints.ts'
import { Pods } from './core/pod.ts'
import { decodeBody } from './decode.ts'
import { applyDefaults } from './defaulting.ts'
import { EndpointSlices } from './discovery/endpoint-slice.ts'
import { PodDisruptionBudgets } from './policy/pod-disruption-budget.ts'
import type { KubeObject, Resource } from './resource.ts'
import { type CSINode, CSINodes } from './storage/csi-node.ts'

/** The way of a body to its stored form, without what a kind adds itself. */
function stored<T extends KubeObject>(body: unknown, resource: Resource<T>): T {
  return canonical(applyDefaults(decodeBody(JSON.stringify(body), resource).object, resource.schema), resource.schema)
}

// Observed on upstream 1.35.
test('what Go writes for absent values', () => {
  assert.deepEqual(stored({ metadata: { name: 'd' } }, Deployments), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
    status: {},
  })
  assert.deepEqual(stored({ metadata: { name: 'e' }, addressType: 'IPv4', endpoints: [] }, EndpointSlices), {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'e' },
    addressType: 'IPv4',
    endpoints: null,
    ports: null,
  })
  assert.deepEqual(stored({ metadata: { name: 'e' }, subsets: [] }, EndpointsResource), {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'e' },
  })
})

test('empty values go, pointers stay, structs are written as {}', () => {
  const pod = stored(
    {
      metadata: { name: 'p', labels: {}, finalizers: [], generation: 0 },
      spec: {
        containers: [
          { name: 'a', image: '', stdin: false, securityContext: {}, resources: { limits: { cpu: '1.0' } }, ports: [{ containerPort: 0 }] },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
        terminationGracePeriodSeconds: 0,
        hostNetwork: false,
        nodeSelector: {},
      },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
    Pods,
  )
  assert.deepEqual(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: {
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [{ name: 'a', ports: [{ containerPort: 0, protocol: 'TCP' }], resources: { limits: { cpu: '1' } }, securityContext: {} }],
      terminationGracePeriodSeconds: 0,
    },
    status: { conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }] },
  })
})

test('equal objects have equal bytes, and the form is stable', () => {
  const a = stored({ metadata: { name: 'c', labels: { b: '1', a: '2' } }, data: { z: '', y: 'x' } }, ConfigMaps)
  const b = stored({ data: { y: 'x', z: '' }, metadata: { labels: { a: '2', b: '1' }, name: 'c' } }, ConfigMaps)
  assert.equal(JSON.stringify(a), JSON.stringify(b))
  assert.equal(JSON.stringify(stored(a, ConfigMaps)), JSON.stringify(a))
})

test('the given object stays as it is', () => {
  const { object } = decodeBody('{"metadata":{"name":"c","labels":{"b":"","a":""},"finalizers":[]},"data":{}}', ConfigMaps)
  const before = clone(object)
  canonical(object, ConfigMaps.schema)
  assert.deepEqual(object, before)
})

test('keys of Object.prototype survive sorting', () => {
  const { object } = decodeBody('{"metadata":{"name":"c"},"data":{"b":"1","__proto__":"2"}}', ConfigMaps)
  assert.equal(JSON.stringify(canonical(object, ConfigMaps.schema).data), '{"__proto__":"2","b":"1"}')
  assert.equal(JSON.stringify(clone(object.data)), '{"b":"1","__proto__":"2"}')
})

test('static defaults fill zero values, not pointers that hold them', () => {
  const { object } = decodeBody(
    '{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"protocol":""}]}],"volumes":[{"name":"d","azureDisk":{"diskName":"a","diskURI":"b","readOnly":true,"fsType":""}}]}}',
    Pods,
  )
  const pod = applyDefaults(object, Pods.schema)
  assert.equal(pod.spec.containers[0]?.ports?.[0]?.protocol, 'TCP')
  assert.deepEqual(pod.spec.volumes?.[0]?.azureDisk, {
    diskName: 'a',
    diskURI: 'b',
    readOnly: true,
    fsType: '',
    cachingMode: 'ReadWrite',
    kind: 'Shared',
  })
})

test('a zero time in a map is null', () => {
  const { object } = decodeBody('{"status":{"disruptedPods":{"a":null}}}', PodDisruptionBudgets)
  assert.deepEqual(canonical(object, PodDisruptionBudgets.schema).status.disruptedPods, { a: null })
})

test('lists of nothing are dropped, or kept for those who tell them from none', () => {
  const read = (text: string): CSINode => decodeBody(text, CSINodes).object
  const [written, absent] = [read('{"spec":{"drivers":[]}}'), read('{"spec":{}}')]
  assert.equal(canonical(written, CSINodes.schema).spec.drivers, null)
  assert.deepEqual(canonical(written, CSINodes.schema, 'kept').spec.drivers, [])
  assert.deepEqual(canonical(written, CSINodes.schema, 'kept where always written').spec.drivers, [])
  assert.equal(canonical(clone(absent), CSINodes.schema, 'kept').spec.drivers, null)
})
