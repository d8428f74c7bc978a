// Nodes: silence, taints, pods and zones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lease, Leases } from '#api/coordination/lease.ts'
import type { Node } from '#api/core/node.ts'
import type { KubeObject } from '#api/resource.ts'
import { FakeApi } from '#client/fake.ts'
import { FakeClock } from '#client/fake-clock.ts'
import { worldOf } from '#client/runner/world.ts'
import { actionOf, at, lines, node, pod, text } from '#controller-manager/controllers/test-objects.ts'
import { NodeMonitor, type NodeSeen } from './monitor.ts'
import { nodeLifecycleController, reconcileNode } from './node-lifecycle.ts'
import { zonesOf } from './zones.ts'

const rules = { evictionRate: 0.1, secondaryRate: 0.01, largeThreshold: 50, unhealthyThreshold: 0.55 }
const fine: NodeSeen = { added: false, silent: false, justTurned: false, allDisrupted: false, mayEvict: false }
const monitorOf = (clock: FakeClock, api = new FakeApi()) =>
  new NodeMonitor(api.client(), { ...rules, graceMs: 50_000, startupGraceMs: 60_000, clock })
const { watches } = nodeLifecycleController(monitorOf(new FakeClock()), 5000)
const plan = (objects: readonly KubeObject[], seen: Partial<NodeSeen> = {}) =>
  reconcileNode('n1', worldOf(watches, objects), { ...fine, ...seen }, at(100))
const taint = (key: string, effect: string) => ({ key: `node.kubernetes.io/${key}`, effect, timeAdded: text(100) })
const taints = (objects: readonly KubeObject[], seen: Partial<NodeSeen> = {}) =>
  (actionOf(plan(objects, seen), 'patch', 'nodes').patch.body as { spec: { taints: unknown } }).spec.taints

test('a silent node becomes Unknown in all that its kubelet tells', () => {
  const p = plan([node('n1')], { silent: true })
  assert.deepEqual(lines(p), ['updateStatus nodes n1 (node is silent) [NodeNotReady: Node n1 status is now: NodeNotReady]'])
  const { conditions } = (actionOf(p, 'updateStatus').object as Node).status
  assert.deepEqual(
    conditions?.map((c) => [c.type, c.status, c.reason]),
    [
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ],
  )
})

test('taints follow conditions; NoExecute waits for its turn', () => {
  assert.deepEqual(taints([node('n1', 'Unknown')]), [taint('unreachable', 'NoSchedule')])
  assert.deepEqual(taints([node('n1', 'Unknown')], { mayEvict: true }), [
    taint('unreachable', 'NoSchedule'),
    taint('unreachable', 'NoExecute'),
  ])
  assert.deepEqual(taints([node('n1', 'False')], { mayEvict: true }), [taint('not-ready', 'NoSchedule'), taint('not-ready', 'NoExecute')])
  assert.deepEqual(taints([node('n1', 'True', { spec: { unschedulable: true } })]), [taint('unschedulable', 'NoSchedule')])
  assert.equal(plan([node('n1', 'Unknown')]).recheckAfterMs, 1000)
})

test('the opposite taint is swapped at once, a healthy node loses both, other taints stay', () => {
  const own = { key: 'mine', effect: 'NoExecute' }
  const wasUnknown = { spec: { taints: [own, taint('unreachable', 'NoSchedule'), taint('unreachable', 'NoExecute')] } }
  assert.deepEqual(taints([node('n1', 'False', wasUnknown)]), [own, taint('not-ready', 'NoSchedule'), taint('not-ready', 'NoExecute')])
  assert.deepEqual(taints([node('n1', 'True', wasUnknown)]), [own])
  assert.deepEqual(taints([node('n1', 'Unknown', wasUnknown)], { allDisrupted: true }), [own, taint('unreachable', 'NoSchedule')])
  assert.deepEqual(lines(plan([node('n1', 'True', { spec: { taints: [own] } })])), [])
})

test('pods of a silent node stop being ready; of one whose kubelet says it is not, only as it turns', () => {
  const marks = (objects: readonly KubeObject[], seen = {}) => lines(plan(objects, seen)).filter((l) => l.includes('pods'))
  const pods = [pod('a', { node: 'n1' }), pod('b', { node: 'n1', ready: false }), pod('c', { node: 'n2' })]
  assert.deepEqual(marks([node('n1', 'Unknown'), ...pods]), ['patch pods ns/a (node is not ready) [NodeNotReady: Node is not ready]'])
  assert.deepEqual(marks([node('n1', 'False'), ...pods]), [])
  assert.equal(marks([node('n1', 'False'), ...pods], { justTurned: true }).length, 1)
})

test('nodes are greeted and seen off', () => {
  assert.deepEqual(lines(plan([node('n1')], { added: true })), [
    'event Normal RegisteredNode: Node n1 event: Registered Node n1 in Controller',
  ])
  assert.deepEqual(lines(plan([], { removedUid: 'u' })), ['event Normal RemovingNode: Node n1 event: Removing Node n1 from Controller'])
})

test('the beta labels repeat the stable ones', () => {
  const labelled = node('n1', 'True', {
    metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } },
  })
  const p = plan([labelled])
  assert.deepEqual((actionOf(p, 'patch').patch.body as { metadata: object }).metadata, { labels: { 'beta.kubernetes.io/arch': 'amd64' } })
})

const zones: [story: string, ready: number, unready: number, state: string, rate: number][] = [
  ['all well', 3, 0, 'Normal', 0.1],
  ['two of three down', 1, 2, 'Normal', 0.1],
  ['more than half of many', 4, 6, 'PartialDisruption', 0],
  ['more than half of very many', 40, 60, 'PartialDisruption', 0.01],
  ['just below the threshold', 46, 54, 'Normal', 0.1],
  ['all down', 0, 2, 'FullDisruption', 0.1],
]
for (const [story, ready, unready, state, rate] of zones) {
  test(`zone: ${story}`, () => {
    const nodes = [...Array(ready).fill(node('r')), ...Array(unready).fill(node('u', 'Unknown'))] as Node[]
    const found = zonesOf(nodes, (n) => n.metadata.name === 'r', rules)
    assert.deepEqual(found.byName.get(''), { state, rate })
    assert.equal(found.allDisrupted, ready === 0)
  })
}

const lease = (name: string, renewTime: string): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace: 'kube-node-lease', name },
  spec: { renewTime },
})

test('silence is measured on our own clock from the last change seen', async () => {
  const clock = new FakeClock()
  const monitor = monitorOf(clock)
  const look = (renewTime: string) =>
    monitor.observe('n1', worldOf(watches, [node('n1'), node('n2'), lease('n1', renewTime)]), AbortSignal.timeout(1000))
  assert.deepEqual([(await look('1999-01-01')).added, (await look('1999-01-01')).added], [true, false])
  await clock.advance(49_000)
  assert.equal((await look('1999-01-02')).silent, false)
  await clock.advance(49_000)
  assert.equal((await look('1999-01-02')).silent, false)
  await clock.advance(2000)
  assert.equal((await look('1999-01-02')).silent, true)
})

test('before a node is called silent the server is asked: a cut watch is no dead node', async () => {
  const clock = new FakeClock()
  const api = new FakeApi()
  await api.client().create(Leases, lease('n1', 'new'))
  const monitor = monitorOf(clock, api)
  const look = () => monitor.observe('n1', worldOf(watches, [node('n1'), lease('n1', 'old')]), AbortSignal.timeout(1000))
  await look()
  await clock.advance(60_000)
  assert.equal((await look()).silent, false)
})

test('evictions are spread: the first at once, the next ten seconds later', async () => {
  const clock = new FakeClock()
  const monitor = monitorOf(clock)
  const objects = [node('n1', 'Unknown'), node('n2', 'Unknown'), node('n3'), node('n4')]
  const may = async (name: string) => (await monitor.observe(name, worldOf(watches, objects), AbortSignal.timeout(1000))).mayEvict
  assert.deepEqual([await may('n1'), await may('n2')], [true, false])
  await clock.advance(9000)
  assert.equal(await may('n2'), false)
  await clock.advance(1100)
  assert.equal(await may('n2'), true)
})

test('when nobody is healthy nothing is evicted, and after that all get their time again', async () => {
  const clock = new FakeClock()
  const monitor = monitorOf(clock)
  const look = (status: 'True' | 'Unknown') =>
    monitor.observe('n1', worldOf(watches, [node('n1', 'Unknown'), node('n2', status)]), AbortSignal.timeout(1000))
  await look('Unknown')
  await clock.advance(60_000)
  const dark = await look('Unknown')
  assert.deepEqual([dark.allDisrupted, dark.mayEvict, dark.silent], [true, false, true])
  await clock.advance(1000)
  const light = await monitor.observe('n2', worldOf(watches, [node('n1', 'Unknown'), node('n2')]), AbortSignal.timeout(1000))
  assert.equal(light.allDisrupted, false)
  assert.equal((await look('True')).silent, false)
})
