import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceQuota } from '#api/core/resource-quota.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Charge, charge } from './charge.ts'
import { evaluatorOf } from './evaluators.ts'
import { usageOf } from './usage.ts'

const now = new Date('2026-01-01T00:00:00Z')
const quota = (hard: Record<string, string>, used: Record<string, string> | undefined, spec: object = {}): ResourceQuota =>
  ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard, ...spec }, status: { hard, used } }) as ResourceQuota
const pod = (resources: object = {}, spec: object = {}, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', resources }], ...spec },
    status: {},
    ...more,
  }) as never
const asked = (object: KubeObject, old?: KubeObject, subresource = '') =>
  ({ operation: old === undefined ? 'create' : 'update', subresource, object, old, now }) as const
const usedAfter = (outcome: Charge): unknown => (outcome.allowed ? outcome.quotas.map(({ status }) => status.used) : outcome.why)
const pods = evaluatorOf('pods')

test('a pod is charged with what it asks for, under all names', () => {
  const names = { pods: '2', cpu: '1', 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.example.com/gpu': '4' }
  const none = Object.fromEntries(Object.keys(names).map((name) => [name, '0']))
  const resources = { requests: { cpu: '250m', 'example.com/gpu': '1' }, limits: { memory: '64Mi', 'example.com/gpu': '1' } }
  assert.deepEqual(usedAfter(charge([quota(names, none)], pods, asked(pod(resources)))), [
    { pods: '1', cpu: '250m', 'requests.cpu': '250m', 'limits.memory': '64Mi', 'requests.example.com/gpu': '1' },
  ])
})

test('what does not fit, cannot be counted or is not known yet is refused in upstream’s words', () => {
  const big = pod({ requests: { cpu: '900m' } })
  const rows: [Charge, string][] = [
    [
      charge([quota({ cpu: '1', pods: '1' }, { cpu: '200m', pods: '1' })], pods, asked(big)),
      'exceeded quota: q, requested: cpu=900m,pods=1, used: cpu=200m,pods=1, limited: cpu=1,pods=1',
    ],
    [
      charge([quota({ cpu: '1', 'limits.memory': '1' }, { cpu: '0' })], pods, asked(pod())),
      'failed quota: q: must specify cpu for: c; limits.memory for: c',
    ],
    [charge([quota({ pods: '1', cpu: '1' }, { pods: '0' })], pods, asked(big)), 'status unknown for quota: q, resources: cpu,pods'],
  ]
  for (const [outcome, why] of rows) assert.equal(usedAfter(outcome), why)
})

test('scopes say which pods a quota counts', () => {
  const counts = (spec: object, object: KubeObject): boolean =>
    JSON.stringify(usedAfter(charge([quota({ pods: '1' }, { pods: '0' }, spec)], pods, asked(object)))) === '[{"pods":"1"}]'
  const classes = (operator: string, values?: string[]) => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
  })
  const high = pod({}, { priorityClassName: 'high' })
  const rows: [object, KubeObject, boolean][] = [
    [{ scopes: ['BestEffort'] }, pod(), true],
    [{ scopes: ['NotBestEffort'] }, pod(), false],
    [{ scopes: ['Terminating'] }, pod({}, { activeDeadlineSeconds: 5 }), true],
    [{ scopes: ['NotTerminating', 'BestEffort'] }, pod({}, { activeDeadlineSeconds: 5 }), false],
    [classes('In', ['high']), high, true],
    [classes('In', ['low']), high, false],
    [classes('NotIn', ['low']), pod(), true],
    [classes('Exists'), pod(), false],
    [classes('DoesNotExist'), pod(), true],
  ]
  for (const [spec, object, expected] of rows) assert.equal(counts(spec, object), expected, JSON.stringify(spec))
})

test('an update is charged with its growth, a report of the status even beyond the limit', () => {
  const services = evaluatorOf('services')
  const service = (type: string, ports: number): KubeObject =>
    ({ metadata: { name: 's' }, spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })) } }) as never
  const limits = quota({ 'services.nodeports': '2', services: '5' }, { 'services.nodeports': '1', services: '1' })
  assert.deepEqual(usedAfter(charge([limits], services, asked(service('NodePort', 2), service('NodePort', 1)))), [
    { 'services.nodeports': '2', services: '1' },
  ])
  assert.equal(
    usedAfter(charge([limits], services, asked(service('NodePort', 2), service('ClusterIP', 2)))),
    'exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2',
  )
  const claims = evaluatorOf('persistentvolumeclaims')
  const claim = (storage: string, allocated?: string): KubeObject =>
    ({
      metadata: {},
      spec: { resources: { requests: { storage } } },
      status: allocated ? { allocatedResources: { storage: allocated } } : {},
    }) as never
  const room = quota({ 'requests.storage': '1Gi' }, { 'requests.storage': '1Gi' })
  assert.deepEqual(usedAfter(charge([room], claims, asked(claim('1Gi', '2Gi'), claim('1Gi'), 'status'))), [{ 'requests.storage': '2Gi' }])
})

test('kinds without rules of their own are counted', () => {
  const limits = quota({ 'count/deployments.apps': '1', secrets: '1' }, { 'count/deployments.apps': '0', secrets: '1' })
  const object = { metadata: { name: 'd' } } as never
  assert.deepEqual(usedAfter(charge([limits], evaluatorOf('deployments.apps'), asked(object))), [
    { 'count/deployments.apps': '1', secrets: '1' },
  ])
  assert.equal(
    usedAfter(charge([limits], evaluatorOf('secrets'), asked(object))),
    'exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1',
  )
})

test('the use of a namespace is summed up; ended pods and unknown kinds do not count', () => {
  const limits = quota({ pods: '9', 'requests.cpu': '9', 'count/pods': '9', services: '3', 'count/x.y': '1', configmaps: '4' }, undefined)
  const objects = {
    pods: [
      pod({ requests: { cpu: '1' } }),
      pod({ requests: { cpu: '500m' } }),
      pod({ requests: { cpu: '1' } }, {}, { status: { phase: 'Failed' } }),
    ],
    services: [],
    persistentvolumeclaims: [],
  }
  assert.deepEqual(usageOf(limits, { objects, counts: { configmaps: 2 } }, now), {
    pods: '2',
    'requests.cpu': '1500m',
    'count/pods': '3',
    services: '0',
    configmaps: '2',
  })
})
