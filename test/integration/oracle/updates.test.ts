/** Differential test of updates: what may change, what is put back, and what upstream says where it may not. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { applyMergePatch } from '#api/patch/merge-patch.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { causesOf, comparable, pathOf, sorted } from './compare.ts'
import { update } from './ours.ts'
import { type Change, type Suite, suites } from './update-corpus.ts'
import { call, send } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
type Fields = Record<string, unknown>

/** Tolerations that admission adds to every pod. */
const admitted = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))
const main = { name: 'main', image: 'app' }
const meta = (name: string): Fields => ({ name: `updates-${name}`, namespace: 'default' })
const status = (name: string, patch: Fields): Change => ({ name, patch: { status: patch }, subresource: 'status' })
const spec = (name: string, patch: Fields): Change => ({ name, patch: { spec: patch } })

const pods: Suite = {
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta('pod'), annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' } },
    spec: {
      activeDeadlineSeconds: 100,
      containers: [{ ...main, resources: { requests: { cpu: '1' } } }],
      tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }],
    },
  },
  changes: [
    { name: 'labels', patch: { metadata: { labels: { a: 'b' } } } },
    { name: 'annotation gone', patch: { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': null } } } },
    { name: 'annotation added', patch: { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } } },
    spec('image', {
      containers: [
        {
          ...main,
          image: 'other',
          imagePullPolicy: 'Always',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: { requests: { cpu: '1' } },
        },
      ],
    }),
    spec('container added', { containers: [main, { ...main, name: 'b' }] }),
    spec('deadline longer', { activeDeadlineSeconds: 200 }),
    spec('deadline shorter', { activeDeadlineSeconds: 50 }),
    spec('deadline gone', { activeDeadlineSeconds: null }),
    spec('toleration added', {
      tolerations: [
        { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
        { key: 'b', operator: 'Exists' },
        ...admitted,
      ],
    }),
    spec('gate added', { schedulingGates: [{ name: 'example.com/a' }] }),
    status('status', {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
      qosClass: null,
    }),
    status('one address', { podIP: '10.0.0.1' }),
    status('bad status', {
      qosClass: 'Guaranteed',
      nominatedNodeName: 'A_',
      podIPs: [{ ip: 'x' }],
      hostIP: '1.1.1.1',
      hostIPs: [{ ip: '1.1.1.2' }],
      conditions: [{ type: 'a b', status: 'True', observedGeneration: -1 }],
    }),
    { name: 'ephemeral', patch: { spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] } }, subresource: 'ephemeralcontainers' },
    {
      name: 'bad ephemeral',
      patch: {
        spec: {
          ephemeralContainers: [
            {
              name: 'main',
              image: 'x',
              targetContainerName: 'y',
              ports: [{ containerPort: 80 }],
              volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'y' }],
              resources: { limits: { cpu: '1' } },
            },
          ],
        },
      },
      subresource: 'ephemeralcontainers',
    },
    { name: 'resize', patch: { spec: { containers: [{ ...main, resources: { requests: { cpu: '2' } } }] } }, subresource: 'resize' },
    {
      name: 'resize removes',
      patch: { spec: { containers: [{ ...main, resources: { requests: { memory: '1Gi' } } }] } },
      subresource: 'resize',
    },
    {
      name: 'resize changes class',
      patch: {
        spec: { containers: [{ ...main, resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } } }] },
      },
      subresource: 'resize',
    },
    { name: 'resize renames', patch: { spec: { containers: [{ ...main, name: 'x' }] } }, subresource: 'resize' },
  ],
}

const gated: Suite = {
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta('gated'),
    spec: { containers: [main], schedulingGates: [{ name: 'example.com/a' }], nodeSelector: { a: 'b' } },
  },
  changes: [
    spec('gate gone', { schedulingGates: null }),
    spec('selector stricter', { nodeSelector: { c: 'd' } }),
    spec('selector looser', { nodeSelector: { a: 'c' } }),
    spec('affinity added', {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
        },
      },
    }),
  ],
}

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [main] } }
const deployments: Suite = {
  object: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('deployment'),
    spec: { selector: { matchLabels: { app: 'a' } }, template },
  },
  changes: [
    spec('replicas', { replicas: 3 }),
    { name: 'annotations', patch: { metadata: { annotations: { a: 'b' } } } },
    { name: 'labels', patch: { metadata: { labels: { a: 'b' } } } },
    spec('selector', { selector: { matchLabels: { app: 'a', b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } }),
    status('status', { replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }),
    status('bad status', { replicas: 1, updatedReplicas: 2, readyReplicas: -1, availableReplicas: 3 }),
  ],
}

const services: Suite = {
  object: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('service'),
    spec: { ports: [{ port: 80, nodePort: 30555 }], type: 'NodePort', selector: { a: 'b' } },
  },
  changes: [
    spec('cluster ip', { clusterIP: '10.0.0.77', clusterIPs: ['10.0.0.77'] }),
    spec('to cluster ip', { type: 'ClusterIP' }),
    spec('to external', { type: 'ExternalName', externalName: 'a.b' }),
    spec('selector', { selector: { c: 'd' } }),
    status('ingress', { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } }),
  ],
}

const others: readonly Suite[] = [
  {
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('map'), immutable: true, data: { a: 'b' } },
    changes: [
      { name: 'data', patch: { data: { a: 'c' } } },
      { name: 'immutable', patch: { immutable: false } },
    ],
  },
  {
    object: { apiVersion: 'v1', kind: 'Secret', metadata: meta('secret'), data: { a: 'AAA=' } },
    changes: [
      { name: 'type', patch: { type: 'x' } },
      { name: 'type gone', patch: { type: null } },
      { name: 'text', patch: { stringData: { b: 'c' } } },
    ],
  },
  {
    object: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: meta('slice'), addressType: 'IPv4', endpoints: [] },
    changes: [
      { name: 'type', patch: { addressType: 'IPv6' } },
      { name: 'labels', patch: { metadata: { labels: { a: 'b' } } } },
      { name: 'endpoints', patch: { endpoints: [{ addresses: ['10.0.0.1'] }] } },
    ],
  },
  {
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'updates-node' },
      spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'], providerID: 'a' },
    },
    changes: [
      spec('cidr', { podCIDR: '10.8.0.0/24', podCIDRs: ['10.8.0.0/24'] }),
      spec('provider', { providerID: 'b' }),
      spec('cordon', { unschedulable: true }),
      status('status', {
        addresses: [
          { type: 'InternalIP', address: '1.1.1.1' },
          { type: 'InternalIP', address: '1.1.1.1' },
        ],
        capacity: { cpu: '2' },
      }),
    ],
  },
]

/** Also what protection or orphaning holds; nobody else would let go of it there. */
async function remove(path: string): Promise<void> {
  await call('DELETE', `${path}?propagationPolicy=Background`)
  await send({ method: 'PATCH', path, text: '{"metadata":{"finalizers":null}}', contentType: 'application/merge-patch+json' })
}

async function compare(resource: Resource, stored: KubeObject, change: Change): Promise<void> {
  const next = applyMergePatch(stored, change.patch) as Fields
  const part = change.subresource ?? ''
  const path = `${pathOf(resource)}/${stored.metadata.name}${part === '' ? '' : `/${part}`}?dryRun=All`
  const [theirs, ours] = [await call('PUT', path, next), update(resource, structuredClone(next), structuredClone(stored), part)]
  if (theirs.code === 200) {
    assert.deepEqual(sorted(ours.causes), [], 'upstream takes it')
    assert.deepEqual(ours.object && comparable(ours.object), comparable(theirs.body as unknown as KubeObject))
  } else {
    assert.equal(theirs.code, 422, JSON.stringify(theirs.body))
    assert.deepEqual(sorted(ours.causes), sorted(causesOf(theirs)))
  }
}

for (const { object, status: first, changes } of [pods, gated, deployments, services, ...others, ...suites]) {
  const resource = kindOf(String(object['apiVersion']), String(object['kind']))
  assert.ok(resource)
  const path = `${pathOf(resource)}/${(object['metadata'] as { name: string }).name}`
  describe(`updates of ${resource.plural}`, { skip }, () => {
    let stored: KubeObject
    before(async () => {
      await remove(path)
      const reply = await call('POST', pathOf(resource), object)
      assert.equal(reply.code, 201, JSON.stringify(reply.body))
      const written = first ? await call('PUT', `${path}/status`, { ...reply.body, status: first }) : reply
      assert.ok(written.code < 300, JSON.stringify(written.body))
      stored = written.body as unknown as KubeObject
    })
    after(() => remove(path))
    for (const change of changes) test(change.name, () => compare(resource, stored, change))
  })
}
