import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { Service, ServiceSpec } from '#api/core/service.ts'
import type { Volume } from '#api/core/volume.ts'
import { defaultPod } from './pod.ts'
import { roundResourceList } from './resource-list.ts'
import { defaultService } from './service.ts'
import { defaultVolume } from './volume.ts'

const pod = (spec: PodSpec): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec, status: {} })

test('a bare pod gets every default', () => {
  const { spec } = defaultPod(pod({ containers: [{ name: 'a', image: 'app' }] }))
  assert.deepEqual(spec, {
    containers: [
      {
        name: 'a',
        image: 'app',
        imagePullPolicy: 'Always',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
})

test('requests follow limits, host ports follow container ports, the pod follows its containers', () => {
  const { spec } = defaultPod(
    pod({
      hostNetwork: true,
      resources: { limits: { cpu: '4' } },
      containers: [
        { name: 'a', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { memory: '1Mi' } } },
      ],
    }),
  )
  const [container] = spec.containers
  assert.deepEqual(container?.resources?.requests, { cpu: '1', memory: '1Mi' })
  assert.equal(container?.ports?.[0]?.hostPort, 80)
  assert.deepEqual(spec.resources?.requests, { cpu: '1', memory: '1Mi' })
})

test('a negative grace period is one second; the old name of the account follows the new', () => {
  const { spec } = defaultPod(pod({ containers: [], terminationGracePeriodSeconds: -9, serviceAccount: 'a' }))
  assert.equal(spec.terminationGracePeriodSeconds, 1)
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['a', 'a'])
})

test('volumes', () => {
  const cases: [Volume, Volume][] = [
    [{ name: 'v' }, { name: 'v', emptyDir: {} }],
    [
      { name: 'v', hostPath: { path: '/' } },
      { name: 'v', hostPath: { path: '/', type: '' } },
    ],
    [
      { name: 'v', secret: { secretName: 's' } },
      { name: 'v', secret: { secretName: 's', defaultMode: 420 } },
    ],
    [
      { name: 'v', configMap: { name: 'c', defaultMode: 256 } },
      { name: 'v', configMap: { name: 'c', defaultMode: 256 } },
    ],
    [
      { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { name: 'v', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } },
    ],
    [
      { name: 'v', downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] } },
      { name: 'v', downwardAPI: { defaultMode: 420, items: [{ path: 'p', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] } },
    ],
    [
      { name: 'v', image: { reference: 'a:b' } },
      { name: 'v', image: { reference: 'a:b', pullPolicy: 'IfNotPresent' } },
    ],
  ]
  for (const [given, expected] of cases) {
    defaultVolume(given)
    assert.deepEqual(given, expected)
  }
})

test('amounts are rounded up to thousandths', () => {
  const amounts = { cpu: '1n', memory: '1.0005', pods: '3', bad: 'x' }
  roundResourceList(amounts)
  assert.deepEqual(amounts, { cpu: '1m', memory: '1001m', pods: '3', bad: 'x' })
})

test('services', () => {
  const service = (spec: ServiceSpec): ServiceSpec =>
    defaultService({ apiVersion: 'v1', kind: 'Service', metadata: {}, spec, status: {} } satisfies Service).spec
  assert.deepEqual(service({ ports: [{ port: 80 }] }), {
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    sessionAffinity: 'None',
    type: 'ClusterIP',
    internalTrafficPolicy: 'Cluster',
  })
  assert.equal(service({ type: 'NodePort' }).externalTrafficPolicy, 'Cluster')
  assert.equal(service({ externalIPs: ['1.1.1.1'] }).externalTrafficPolicy, 'Cluster')
  assert.equal(service({ type: 'LoadBalancer' }).allocateLoadBalancerNodePorts, true)
  assert.deepEqual(service({ sessionAffinity: 'ClientIP' }).sessionAffinityConfig, { clientIP: { timeoutSeconds: 10800 } })
  assert.equal(service({ type: 'ExternalName' }).internalTrafficPolicy, undefined)
})
