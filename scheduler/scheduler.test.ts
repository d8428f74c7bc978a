import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { createLogger } from '#component/logging.ts'
import { SchedulingLoop } from './loop.ts'
import { plugins } from './plugins/index.ts'
import { SchedulingQueue } from './queue.ts'
import { Scheduler } from './schedule.ts'
import { shapeOf } from './shape.ts'
import { Cluster } from './snapshot.ts'

const node = (
  name: string,
  more: { spec?: Node['spec']; labels?: Record<string, string>; allocatable?: Record<string, string> } = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...more.labels } },
  spec: more.spec ?? {},
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10', ...more.allocatable } },
})
let made = 0
const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name, uid: `uid-${name}-${made++}` },
  spec: { containers: [{ name: 'c', image: 'web' }], ...spec },
  status: {},
})
const asking = (cpu: string, more: Record<string, string> = {}): Partial<Pod['spec']> => ({
  containers: [{ name: 'c', image: 'web', resources: { requests: { cpu, ...more } } }],
})
const hostPort = (port: number, hostIP?: string): Partial<Pod['spec']> => ({
  containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: port, protocol: 'TCP', ...(hostIP ? { hostIP } : {}) }] }],
})
const on = (name: string, spec: Partial<Pod['spec']>): Pod => pod(`on-${name}`, { ...spec, nodeName: name })

function decide(nodes: readonly Node[], placed: readonly Pod[], wanted: Partial<Pod['spec']>): string {
  const cluster = new Cluster()
  for (const p of placed.slice(0, 1)) cluster.setPod(p) // before its node is known, as informers may tell it
  for (const n of nodes) cluster.setNode(n)
  for (const p of placed.slice(1)) cluster.setPod(p)
  const decision = new Scheduler(plugins).schedule(shapeOf(pod('p', wanted)), cluster)
  return decision.verdict === 'bind' ? decision.node : decision.message
}

const taint = (effect: string) => ({ taints: [{ key: 'gpu', value: 'yes', effect }] })
const refused = (reasons: string, helpful = 0, count = 2): string => {
  const parts = [
    ...(count - helpful > 0 ? [`${count - helpful} Preemption is not helpful for scheduling`] : []),
    ...(helpful > 0 ? [`${helpful} No preemption victims found for incoming pod`] : []),
  ]
  return `0/${count} nodes are available: ${reasons}. preemption: 0/${count} nodes are available: ${parts.sort().join(', ')}.`
}

test('where a pod goes, or why it stays', () => {
  const [a, b] = [node('a'), node('b')]
  const zone = (value: string): Partial<Pod['spec']> => ({ nodeSelector: { zone: value } })
  const cases: { story: string; nodes: Node[]; placed?: Pod[]; wanted?: Partial<Pod['spec']>; expected: string }[] = [
    { story: 'equal nodes: the first by name', nodes: [b, a], expected: 'a' },
    { story: 'the emptier node', nodes: [a, b], placed: [on('a', asking('1'))], expected: 'b' },
    { story: 'pods without requests spread too', nodes: [a, b], placed: [on('a', {})], expected: 'b' },
    { story: 'no nodes at all', nodes: [], expected: 'no nodes available to schedule pods' },
    { story: 'too little cpu everywhere', nodes: [a, b], wanted: asking('3'), expected: refused('2 Insufficient cpu', 2) },
    {
      story: 'two things lacking',
      nodes: [a],
      wanted: asking('3', { memory: '8Gi' }),
      expected: refused('1 Insufficient cpu, 1 Insufficient memory', 1, 1),
    },
    {
      story: 'an extended resource',
      nodes: [a],
      wanted: asking('1', { 'example.com/gpu': '1' }),
      expected: refused('1 Insufficient example.com/gpu', 1, 1),
    },
    { story: 'node selector', nodes: [a, node('b', { labels: { zone: 'z' } })], wanted: zone('z'), expected: 'b' },
    {
      story: 'node selector that nothing has',
      nodes: [a, b],
      wanted: zone('z'),
      expected: refused("2 node(s) didn't match Pod's node affinity/selector"),
    },
    { story: 'a taint', nodes: [node('a', { spec: taint('NoSchedule') }), b], expected: 'b' },
    {
      story: 'taint here, lack there',
      nodes: [node('a', { spec: taint('NoExecute') }), b],
      wanted: asking('3'),
      expected: refused('1 Insufficient cpu, 1 node(s) had untolerated taint(s)', 1),
    },
    {
      story: 'a tolerated taint',
      nodes: [node('a', { spec: taint('NoSchedule') })],
      wanted: { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      expected: 'a',
    },
    { story: 'a taint that is only a wish', nodes: [node('a', { spec: taint('PreferNoSchedule') }), b], expected: 'b' },
    {
      story: 'a cordoned node',
      nodes: [node('a', { spec: { unschedulable: true } })],
      expected: refused('1 node(s) were unschedulable', 0, 1),
    },
    { story: 'a host port that is taken', nodes: [a, b], placed: [on('a', hostPort(80))], wanted: hostPort(80), expected: 'b' },
    {
      story: 'a host port taken on another address',
      nodes: [a],
      placed: [on('a', hostPort(80, '10.0.0.1'))],
      wanted: hostPort(80, '10.0.0.2'),
      expected: 'a',
    },
    {
      story: 'a host port taken on every address',
      nodes: [a],
      placed: [on('a', hostPort(80))],
      wanted: hostPort(80, '10.0.0.2'),
      expected: refused("1 node(s) didn't have free ports for the requested pod ports", 1, 1),
    },
    {
      story: 'too many pods',
      nodes: [node('a', { allocatable: { pods: '1' } })],
      placed: [on('a', {})],
      expected: refused('1 Too many pods', 1, 1),
    },
    {
      story: 'a preferred zone wins over emptiness',
      nodes: [a, node('b', { labels: { zone: 'z' } })],
      placed: [on('b', {})],
      wanted: {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 100, preference: { matchExpressions: [{ key: 'zone', operator: 'Exists' }] } },
            ],
          },
        },
      },
      expected: 'b',
    },
    {
      story: 'a pod that ended takes nothing',
      nodes: [node('a', { allocatable: { pods: '1' } })],
      placed: [{ ...on('a', {}), status: { phase: 'Succeeded' } }],
      expected: 'a',
    },
  ]
  for (const { story, nodes, placed = [], wanted = {}, expected } of cases) assert.equal(decide(nodes, placed, wanted), expected, story)
})

test('replicas of one owner keep apart, even where the other node is fuller', () => {
  const cluster = new Cluster()
  for (const name of ['a', 'b']) cluster.setNode(node(name))
  cluster.setPod(on('b', asking('500m')))
  const scheduler = new Scheduler(plugins)
  const seen: string[] = []
  for (let i = 0; i < 4; i++) {
    const replica = pod(`r${i}`, asking('10m'))
    replica.metadata.ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'owner', controller: true }]
    const decision = scheduler.schedule(shapeOf(replica), cluster)
    assert.ok(decision.verdict === 'bind')
    seen.push(decision.node)
    cluster.setPod({ ...replica, spec: { ...replica.spec, nodeName: decision.node } })
  }
  assert.deepEqual(seen, ['a', 'b', 'a', 'b'])
})

test('a hard constraint that nobody judges is refused aloud', () => {
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
  assert.match(decide([node('a')], [], { topologySpreadConstraints: [spread] }), /does not support spec.topologySpreadConstraints yet/)
})

test('kept verdicts follow every change of a node', () => {
  const cluster = new Cluster()
  const scheduler = new Scheduler(plugins)
  const shape = shapeOf(pod('p', asking('1500m')))
  const verdict = (): string => {
    const decision = scheduler.schedule(shape, cluster)
    return decision.verdict === 'bind' ? decision.node : 'none'
  }
  cluster.setNode(node('a'))
  assert.equal(verdict(), 'a')
  const other = on('a', asking('1'))
  cluster.setPod(other)
  assert.equal(verdict(), 'none')
  cluster.removePod(other.metadata.uid ?? '')
  assert.equal(verdict(), 'a')
  cluster.setNode(node('a', { spec: { unschedulable: true } }))
  assert.equal(verdict(), 'none')
  for (let i = 0; i < 100; i++) cluster.setNode(node(`n${i}`)) // beyond the first capacity of the columns
  assert.equal(verdict(), 'n0')
  cluster.removeNode('n0')
  assert.equal(verdict(), 'n1')
})

test('random pods never overfill a node, and the sums return to zero', () => {
  let seed = 7
  const random = (n: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % n
  }
  const cluster = new Cluster()
  const scheduler = new Scheduler(plugins)
  for (const name of ['a', 'b', 'c']) cluster.setNode(node(name))
  const placed: Pod[] = []
  for (let i = 0; i < 300; i++) {
    const p = pod(`p${i}`, asking(`${random(800)}m`, { memory: `${random(900)}Mi` }))
    const decision = scheduler.schedule(shapeOf(p), cluster)
    if (decision.verdict === 'bind') {
      placed.push(p)
      cluster.setPod({ ...p, spec: { ...p.spec, nodeName: decision.node } })
    } else cluster.removePod(placed.splice(random(placed.length), 1)[0]?.metadata.uid ?? '')
    for (const row of cluster.rows) {
      if (!row) continue
      const { cpuRequested, cpuAllocatable, memoryRequested, memoryAllocatable, podCount } = cluster.columns
      assert.ok((cpuRequested[row.index] ?? 0) <= (cpuAllocatable[row.index] ?? 0))
      assert.ok((memoryRequested[row.index] ?? 0) <= (memoryAllocatable[row.index] ?? 0))
      assert.equal(podCount[row.index], row.placed.size)
    }
  }
  for (const p of placed) cluster.removePod(p.metadata.uid ?? '')
  assert.deepEqual(
    [...cluster.columns.cpuRequested, ...cluster.columns.podCount].filter((n) => n !== 0),
    [],
  )
})

test('the queue: priority first, then age; back-off; woken by what may help', () => {
  const queue = new SchedulingQueue()
  const [low, high, late] = [pod('low'), pod('high', { priority: 10 }), pod('late')]
  for (const p of [low, high, late]) queue.set(p)
  const names = (nowMs: number): (string | undefined)[] => queue.ready(nowMs).map((p) => p.metadata.name)
  assert.deepEqual(names(0), ['high', 'low', 'late'])
  queue.refused(low, { wakesOn: new Set(['nodeAdded']), mark: queue.mark(), nowMs: 0 })
  queue.failed(late, 0)
  assert.deepEqual(names(500), ['high'])
  assert.equal(queue.nextDueMs(), 0)
  queue.delete(high.metadata.uid ?? '')
  assert.equal(queue.nextDueMs(), 1000)
  assert.deepEqual(names(1000), ['late'])
  queue.notice('podGone')
  assert.deepEqual(names(2000), ['late'], 'a change that does not concern it')
  queue.notice('nodeAdded')
  assert.deepEqual(names(2000), ['low', 'late'])
  queue.failed(late, 2000)
  assert.deepEqual(names(3999), ['low'], 'the second back-off is twice as long')
  assert.deepEqual(names(4000), ['low', 'late'])
})

test('a change during the decision is not missed', () => {
  const queue = new SchedulingQueue()
  const p = pod('p')
  queue.set(p)
  const mark = queue.mark()
  queue.notice('nodeAdded')
  queue.refused(p, { wakesOn: new Set(['nodeAdded']), mark, nowMs: 0 })
  assert.equal(queue.nextDueMs(), 1000)
})

test('the loop binds once, sees its own decisions at once, and takes a failed binding back', async () => {
  const bound: string[] = []
  let failures = 1
  const stop = new AbortController()
  const loop = new SchedulingLoop({
    scheduler: new Scheduler(plugins),
    binder: {
      async bind(p, name) {
        if (failures-- > 0) throw new Error('no answer')
        bound.push(`${p.metadata.name} to ${name}`)
        loop.podChanged({ ...p, spec: { ...p.spec, nodeName: name } }, p)
        if (bound.length === 2) stop.abort()
      },
      async refuse() {
        assert.fail('both fit')
      },
    },
    schedulerName: 'default-scheduler',
    guard: () => undefined,
    log: createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } }),
    now: () => performance.now() * 100, // back-offs pass a hundred times as fast
  })
  loop.nodeChanged(node('a'), undefined)
  loop.nodeChanged(node('b'), undefined)
  for (const name of ['x', 'y']) loop.podChanged(pod(name, asking('1500m')), undefined)
  loop.podChanged(pod('foreign', { schedulerName: 'other' }), undefined)
  loop.podChanged(pod('gated', { schedulingGates: [{ name: 'wait' }] }), undefined)
  await loop.run(stop.signal)
  assert.deepEqual(bound.sort(), ['x to a', 'y to b'])
})
