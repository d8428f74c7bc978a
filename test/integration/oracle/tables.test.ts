/** Differential test of tables: the cells that stock kubectl shows of one object. Ages are left out. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { pathOf } from './compare.ts'
import { object, type Row, rows } from './table-corpus.ts'
import { call, send } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
type Fields = Record<string, unknown>

const ages = ['Age', 'Last Seen', 'First Seen', 'Last Schedule']
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const main = { name: 'main', image: 'app:1' }
const longAgo = '2020-01-01T00:00:00Z'

const pod = (title: string, status: Fields, spec: Fields = {}): Row => ({
  title: `pod ${title}`,
  object: object('Pod', 'v1', { spec: { containers: [main, { ...main, name: 'side' }], ...spec } }),
  status,
})
const base = { ready: false, restartCount: 0, image: 'a', imageID: '' }
const container = (state: Fields, more: Fields = {}): Fields => ({ ...base, name: 'main', state, ...more })
const side = (state: Fields, more: Fields = {}): Fields => ({ ...base, name: 'side', state, ...more })
const running = { running: { startedAt: longAgo } }
const ended = (exitCode: number, reason = '', more: Fields = {}): Fields => ({
  terminated: { exitCode, reason, finishedAt: longAgo, ...more },
})
const ready = { type: 'Ready', status: 'True' }
const initContainers = [
  { name: 'i', image: 'x' },
  { name: 's', image: 'y', restartPolicy: 'Always' },
]
const init = (...states: Fields[]): Fields => ({ phase: 'Pending', initContainerStatuses: states })
const one = (name: string, state: Fields, more: Fields = {}): Fields => ({ ...base, name, state, ...more })

const pods: Row[] = [
  pod('new', {}),
  pod('running', {
    phase: 'Running',
    containerStatuses: [container(running, { ready: true, restartCount: 3, lastState: ended(1, 'Error') }), side(running, { ready: true })],
    conditions: [ready],
    podIP: '10.0.0.9',
    podIPs: [{ ip: '10.0.0.9' }],
  }),
  pod('back-off', {
    phase: 'Running',
    containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 1 }), side(running, { ready: true })],
  }),
  pod('one completed', {
    phase: 'Running',
    containerStatuses: [container(ended(0, 'Completed')), side(running, { ready: true })],
    conditions: [ready],
  }),
  pod('one completed, not ready', {
    phase: 'Running',
    containerStatuses: [container(ended(0, 'Completed')), side(running, { ready: true })],
  }),
  pod('one failed', { phase: 'Running', containerStatuses: [container(ended(0, 'Completed')), side(ended(2, 'Error'))] }),
  pod('exit code', { phase: 'Failed', containerStatuses: [container(ended(3)), side(ended(0, 'Completed'))] }),
  pod('signal', { phase: 'Failed', containerStatuses: [container(ended(0, '', { signal: 9 }))] }),
  pod('ended', { phase: 'Succeeded' }),
  pod('evicted', { phase: 'Failed', reason: 'Evicted' }),
  pod('gated', {}, { schedulingGates: [{ name: 'example.com/a' }] }),
  pod(
    'nominated and gates',
    { phase: 'Pending', nominatedNodeName: 'n', conditions: [{ type: 'example.com/x', status: 'True' }] },
    { readinessGates: [{ conditionType: 'example.com/x' }, { conditionType: 'example.com/y' }] },
  ),
  pod('init waits', init(one('i', { waiting: { reason: 'PodInitializing' } })), { initContainers }),
  pod('init back-off', init(one('i', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 2, lastState: ended(1) })), {
    initContainers,
  }),
  pod('init failed', init(one('i', ended(4))), { initContainers }),
  pod('init error', init(one('i', ended(4, 'Error'))), { initContainers }),
  pod('sidecar starts', init(one('i', ended(0, 'Completed')), one('s', running, { started: false })), { initContainers }),
  pod(
    'sidecar runs',
    {
      phase: 'Running',
      initContainerStatuses: [
        one('i', ended(0, 'Completed'), { restartCount: 4 }),
        one('s', running, { started: true, ready: true, restartCount: 1, lastState: ended(1) }),
      ],
      containerStatuses: [container(running, { ready: true })],
    },
    { initContainers },
  ),
]

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [main, { ...main, name: 'side', image: 'other' }] } }
const selector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x', 'w'] }] }
const port = { port: 80 }
const subset = { addresses: [1, 2, 3, 4].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }

const others: Row[] = [
  {
    title: 'deployment',
    object: object('Deployment', 'apps/v1', { spec: { selector, template } }),
    status: { replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
  },
  {
    title: 'replica set',
    object: object('ReplicaSet', 'apps/v1', { spec: { selector, template, replicas: 4 } }),
    status: { replicas: 2, readyReplicas: 1 },
  },
  {
    title: 'service',
    object: object('Service', 'v1', {
      spec: {
        ports: [port, { port: 81, protocol: 'UDP', name: 'b' }].map((p, i) => ({ name: `p${i}`, ...p })),
        clusterIP: 'None',
        selector: { b: 'c', a: 'b' },
      },
    }),
  },
  { title: 'external service', object: object('Service', 'v1', { spec: { type: 'ExternalName', externalName: 'a.b' } }) },
  {
    title: 'load balancer',
    object: object('Service', 'v1', { spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 31999 }], clusterIP: '10.96.250.250' } }),
    status: { loadBalancer: { ingress: [{ ip: '5.5.5.5', ipMode: 'VIP' }, { hostname: 'h.example' }] } },
  },
  {
    title: 'node',
    object: object('Node', 'v1', {
      spec: { unschedulable: true },
      metadata: { name: 'tables-case', labels: { 'node-role.kubernetes.io/b': '', 'node-role.kubernetes.io/a': '' } },
    }),
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      addresses: [{ type: 'InternalIP', address: '1.1.1.1' }],
      nodeInfo: { kubeletVersion: 'v1', osImage: 'x' },
    },
  },
  { title: 'endpoints', object: object('Endpoints', 'v1', { subsets: [subset] }) },
  {
    title: 'endpoint slice',
    object: object('EndpointSlice', 'discovery.k8s.io/v1', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.4'] }],
      ports: [{ port: 80 }, { name: 'b' }],
    }),
  },
  { title: 'empty slice', object: object('EndpointSlice', 'discovery.k8s.io/v1', { addressType: 'IPv4', endpoints: [] }) },
  {
    title: 'event',
    object: object('Event', 'v1', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default', fieldPath: 'spec' },
      reason: 'R',
      message: ' m ',
      type: 'Normal',
      count: 3,
      source: { component: 'c', host: 'h' },
    }),
  },
  {
    title: 'new event',
    object: object('Event', 'events.k8s.io/v1', {
      eventTime: '2024-01-01T00:00:00.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'i',
      action: 'a',
      reason: 'r',
      type: 'Normal',
      regarding: { namespace: 'default', kind: 'Pod' },
      note: 'n',
    }),
  },
  { title: 'config map', object: object('ConfigMap', 'v1', { data: { a: 'b' }, binaryData: { c: 'AAA=' } }) },
  { title: 'secret', object: object('Secret', 'v1', { data: { c: 'AAA=' } }) },
  { title: 'service account', object: object('ServiceAccount', 'v1', { secrets: [{ name: 'x' }] }) },
  { title: 'lease', object: object('Lease', 'coordination.k8s.io/v1', { spec: { holderIdentity: 'me' } }) },
]

/** Also what protection or orphaning holds; nobody else would let go of it there. */
async function remove(path: string): Promise<void> {
  await call('DELETE', `${path}?propagationPolicy=Background`)
  await send({ method: 'PATCH', path, text: '{"metadata":{"finalizers":null}}', contentType: 'application/merge-patch+json' })
}

for (const { title, object: made, status } of [...pods, ...others, ...rows]) {
  const resource = kindOf(String(made['apiVersion']), String(made['kind']))
  assert.ok(resource)
  const path = `${pathOf(resource)}/tables-case`
  describe(`table of a ${title}`, { skip }, () => {
    before(async () => {
      await remove(path)
      const reply = await call('POST', pathOf(resource), made)
      assert.equal(reply.code, 201, JSON.stringify(reply.body))
      if (!status || Object.keys(status).length === 0) return
      const changed = await call('PUT', `${path}/status`, { ...reply.body, status: { ...(reply.body['status'] as Fields), ...status } })
      assert.equal(changed.code, 200, JSON.stringify(changed.body))
    })
    after(() => remove(path))
    test('columns and cells', async () => {
      const { body } = await call('GET', `${path}?includeObject=Object`, undefined, table)
      const theirs = body as unknown as {
        columnDefinitions: { name: string; type: string; format: string; priority: number }[]
        rows: { cells: unknown[]; conditions?: unknown[]; object: KubeObject }[]
      }
      const shapes = resource.columns.map(({ name, type, format, priority }) => ({ name, type, format: format ?? '', priority }))
      assert.deepEqual(
        shapes,
        theirs.columnDefinitions.map(({ name, type, format, priority }) => ({ name, type, format, priority })),
      )
      const [row] = theirs.rows
      assert.ok(row)
      const shown = resource.columns.map((column, i) => [column.name, column.cell(row.object, new Date()), row.cells[i]] as const)
      for (const [name, ours, expected] of shown) if (!ages.includes(name)) assert.equal(ours, expected, name)
      assert.deepEqual(resource.rowConditions?.(row.object) ?? [], row.conditions ?? [])
    })
  })
}
