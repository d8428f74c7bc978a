// Taint eviction, pod clean-up, pod CIDRs of nodes, and the choice of controllers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { FakeApi } from '#client/fake.ts'
import { watch, worldOf } from '#client/runner/world.ts'
import { cidrText, overlaps, parseCidr } from './cidr.ts'
import { isEnabled } from './index.ts'
import { reconcileNodeCidrs } from './node-ipam.ts'
import { reconcileNodeTtl } from './node-ttl.ts'
import { podGcController, reconcilePods } from './pod-gc.ts'
import { reconcileTaintedPod } from './taint-eviction.ts'
import { actionOf, at, lines, node, pod, text } from './test-objects.ts'

const watches = [watch(Pods), watch(Nodes)]
const tainted = node('n1', 'Unknown', {
  spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: text(10) }] },
})
const tolerant = (seconds?: number): Pod =>
  pod('p', {
    node: 'n1',
    spec: {
      tolerations: [
        {
          key: 'node.kubernetes.io/unreachable',
          operator: 'Exists',
          effect: 'NoExecute',
          ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
        },
      ],
    },
  })
const evict = (p: Pod, seconds: number, seen = { taintedSinceMs: at(20).getTime() as number | undefined, relieved: false }, n = tainted) =>
  reconcileTaintedPod('ns/p', worldOf(watches, [n, p]), seen, at(seconds))
const evicted = [
  'patch pods ns/p (taint is not tolerated)',
  'delete pods ns/p (taint is not tolerated) [TaintManagerEviction: Marking for deletion Pod ns/p]',
]

test('a pod that does not tolerate the taint goes at once, one that does for a time when it is over', () => {
  assert.deepEqual(lines(evict(pod('p', { node: 'n1' }), 11)), evicted)
  const waits = evict(tolerant(300), 110)
  assert.deepEqual([lines(waits), waits.recheckAfterMs], [[], 200_000])
  assert.deepEqual(lines(evict(tolerant(300), 310)), evicted)
  assert.deepEqual(lines(evict(tolerant(), 9999)), [])
  assert.deepEqual(lines(evict(pod('p', { node: 'n1', deleting: true }), 11)), [])
})

test('a taint without a time counts from when it was seen', () => {
  const undated = node('n1', 'True', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } })
  assert.equal(evict(tolerant(100), 30, { taintedSinceMs: at(20).getTime(), relieved: false }, undated).recheckAfterMs, 90_000)
})

test('a taint that goes cancels', () => {
  const relieved = evict(tolerant(300), 50, { taintedSinceMs: undefined, relieved: true }, node('n1'))
  assert.deepEqual(lines(relieved), ['event Normal TaintManagerEviction: Cancelling deletion of Pod ns/p'])
})

test('pods that nobody else removes', () => {
  const gone = { goneNodes: new Set(['lost']) }
  const collect = (pods: Pod[], threshold = 0) => lines(reconcilePods(worldOf(watches, [node('n1'), ...pods]), gone, threshold, at(100)))
  assert.deepEqual(collect([pod('a', { node: 'lost' }), pod('b', { node: 'n1' })]), [
    'patch pods ns/a (node is gone)',
    'delete pods ns/a (node is gone)',
  ])
  assert.deepEqual(collect([pod('a', { deleting: true, phase: 'Failed' })]), ['delete pods ns/a (deleted before it was scheduled)'])
  const ended = [1, 2, 3].map((i) => pod(`e${i}`, { node: 'n1', phase: 'Succeeded', createdAt: i }))
  assert.deepEqual(collect(ended, 2), ['delete pods ns/e1 (more terminated pods than --terminated-pod-gc-threshold)'])
  assert.deepEqual(collect(ended, 0), [])
})

test('a node is gone after its quarantine, and only if the server says so too', async () => {
  let nowMs = 0
  const api = new FakeApi()
  const { observe } = podGcController(api.client(), { terminatedThreshold: 0, periodMs: 1000, monotonicMs: () => nowMs })
  const world = worldOf(watches, [pod('a', { node: 'lost' }), pod('b', { node: 'late' })])
  const look = async () => [...((await observe?.('pods', world, AbortSignal.timeout(1000)))?.goneNodes ?? [])]
  assert.deepEqual(await look(), [])
  nowMs = 41_000
  api.seed(node('late'))
  assert.deepEqual(await look(), ['lost'])
})

test('each node gets the first free block; blocks that nodes have stay theirs', () => {
  const range = { range: parseCidr('10.244.0.0/16') ?? assert.fail(), nodePrefix: 24 }
  const has = (name: string, podCIDR: string) => node(name, 'True', { spec: { podCIDR, podCIDRs: [podCIDR] } })
  const given = (nodes: ReturnType<typeof node>[]) =>
    reconcileNodeCidrs(worldOf(watches, nodes), [range]).actions.map((a) =>
      'patch' in a ? [a.ref.name, (a.patch.body as { spec: object }).spec] : [],
    )
  assert.deepEqual(given([has('a', '10.244.0.0/24'), node('c'), node('b'), has('d', '10.244.2.0/24')]), [
    ['b', { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] }],
    ['c', { podCIDR: '10.244.3.0/24', podCIDRs: ['10.244.3.0/24'] }],
  ])
  assert.deepEqual(given([has('a', '10.244.0.0/20'), node('b')]), [['b', { podCIDR: '10.244.16.0/24', podCIDRs: ['10.244.16.0/24'] }]])
  const small = { range: parseCidr('10.0.0.0/24') ?? assert.fail(), nodePrefix: 24 }
  const full = reconcileNodeCidrs(worldOf(watches, [node('a'), node('b')]), [small])
  assert.deepEqual(lines(full), [
    'event Normal CIDRNotAvailable: Node b status is now: CIDRNotAvailable',
    'patch nodes a (node without pod CIDR)',
  ])
  assert.ok(actionOf(full, 'patch'))
})

const ranges: [text: string, canonical: string | undefined][] = [
  ['10.244.1.5/16', '10.244.0.0/16'],
  ['fd00:10:244::/56', 'fd00:10:244::/56'],
  ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['10.0.0.0', undefined],
  ['10.0.0.0/33', undefined],
  ['ten/8', undefined],
]
for (const [given, canonical] of ranges) {
  test(`cidr ${given}`, () => {
    const range = parseCidr(given)
    assert.equal(range && cidrText(range), canonical)
    if (range) assert.ok(overlaps(range, range))
  })
}

const selections: [list: string[], name: string, expect: boolean][] = [
  [['*'], 'deployment-controller', true],
  [['*', '-deployment-controller'], 'deployment-controller', false],
  [['*', '-deployment'], 'deployment-controller', false],
  [['deployment'], 'deployment-controller', true],
  [['deployment'], 'replicaset-controller', false],
  [['-deployment', 'deployment', '*'], 'deployment-controller', false],
]
for (const [list, name, expect] of selections) test(`--controllers=${list}: ${name}`, () => assert.equal(isEnabled(name, list), expect))

test('the ttl annotation grows with the cluster, with overlapping steps', () => {
  const ttls = (count: number, current?: string) => {
    const nodes = Array.from({ length: count }, (_, i) =>
      node(`n${i}`, 'True', {
        metadata: { name: `n${i}`, annotations: current === undefined ? {} : { 'node.alpha.kubernetes.io/ttl': current } },
      }),
    )
    const [step] = reconcileNodeTtl(worldOf(watches, nodes)).actions
    return step && 'parallel' in step ? [...new Set(step.parallel.map((a) => JSON.stringify('patch' in a ? a.patch.body : a)))] : []
  }
  assert.deepEqual(ttls(1), ['{"metadata":{"annotations":{"node.alpha.kubernetes.io/ttl":"0"}}}'])
  assert.deepEqual(ttls(95, '0'), [])
  assert.deepEqual(ttls(101, '0'), ['{"metadata":{"annotations":{"node.alpha.kubernetes.io/ttl":"15"}}}'])
  assert.deepEqual(ttls(95, '15'), [])
})
