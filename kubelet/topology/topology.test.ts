import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { cpuSetText, parseCpuSet } from '#kubelet/cpus/cpu-set.ts'
import { assignPod, type CpuFacts, type CpuState } from '#kubelet/cpus/static-policy.ts'
import { assignDevices, type DeviceState } from '#kubelet/devices/device-state.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { planAffinity, type TopologyWorld } from './affinity.ts'
import { type Hint, type Hints, masksOf, mergeHints } from './hints.ts'

const [zero, one, both] = [1, 2, 3]
const hint = (nodes: number | undefined, preferred = true): Hint => ({ nodes, preferred })
const hints = (...lists: (Hint[] | undefined)[]): Hints => new Map(lists.map((list, i) => [String(i), list]))

test('hints are merged by policy', () => {
  assert.deepEqual(masksOf([0, 1]).sort(), [1, 2, 3])
  const either = [hint(zero), hint(one), hint(both, false)]
  // Upstream's: best-effort, restricted, single-numa-node; the nodes, and whether the pod is admitted.
  const table: [string, Hints[], (string | undefined)[]][] = [
    ['nobody asks', [], ['3 yes', '3 yes', 'any yes']],
    ['nobody minds', [hints(undefined)], ['3 yes', '3 yes', 'any yes']],
    ['no place at all', [hints([])], ['3 yes', '3 no', 'any no']],
    ['the lower of two alike', [hints(either)], ['1 yes', '1 yes', '1 yes']],
    ['where both can', [hints(either), hints([hint(one), hint(both, false)])], ['2 yes', '2 yes', '2 yes']],
    ['nowhere both', [hints([hint(zero)]), hints([hint(one)])], ['3 yes', '3 no', 'any no']],
    ['both nodes are needed', [hints([hint(both)])], ['3 yes', '3 yes', 'any no']],
    ['both nodes are what is left', [hints([hint(both, false)])], ['3 yes', '3 no', 'any no']],
    ['one minds, one does not', [hints(undefined, [hint(one)])], ['2 yes', '2 yes', '2 yes']],
  ]
  for (const [story, all, expected] of table) {
    const got = (['best-effort', 'restricted', 'single-numa-node'] as const).map((policy) => {
      const { nodes, admit } = mergeHints(policy, all, [0, 1])
      return `${nodes ?? 'any'} ${admit ? 'yes' : 'no'}`
    })
    assert.deepEqual(got, expected, story)
  }
})

/** Two nodes of four processors; a card on each, and a reserved processor on the first. */
const facts: CpuFacts = {
  topology: Array.from({ length: 8 }, (_, id) => ({
    id,
    core: `${Math.floor(id / 4)}/${id % 4}`,
    socket: Math.floor(id / 4),
    numaNode: Math.floor(id / 4),
  })),
  reserved: parseCpuSet('0'),
  options: { fullCoresOnly: false, strictReservation: false },
}
const fresh: CpuState = { shared: parseCpuSet('0-7'), assigned: new Map() }
const cards = new Map(['a', 'b'].map((id, node) => [id, { healthy: true, numaNodes: [node] }]))
const devices: DeviceState = { resources: new Map([['x.test/card', { devices: cards, stoppedAt: undefined }]]), assigned: new Map() }
const world = (more: Partial<TopologyWorld> = {}): TopologyWorld => ({
  policy: 'single-numa-node',
  scope: 'container',
  nodes: [0, 1],
  cpus: { state: fresh, facts },
  devices,
  ...more,
})

function guaranteed(wants: Record<string, [cpu: string, cards?: string]>): Pod {
  const containers = Object.entries(wants).map(([name, [cpu, card]]) => {
    const amounts = { cpu, memory: '1Gi', ...(card === undefined ? {} : { 'x.test/card': card }) }
    return app(name, { resources: { requests: amounts, limits: amounts } })
  })
  return pod({ containers })
}

/** Where each container is served from, and what it gets there. */
function served(of: Pod, where: TopologyWorld): string {
  const plan = planAffinity(of, where)
  if ('rejection' in plan) return plan.rejection.reason
  const cpus = assignPod(of, fresh, facts, plan)
  const given = assignDevices(of, devices, plan)
  assert.ok('state' in cpus && 'assigned' in given)
  const uid = of.metadata.uid ?? ''
  return (of.spec?.containers ?? [])
    .map(({ name }) => {
      const card = given.assigned.get(uid)?.get(name)?.get('x.test/card')?.join() ?? '-'
      return `${name}: ${cpuSetText(cpus.state.assigned.get(uid)?.get(name) ?? new Set())} ${card}`
    })
    .join('; ')
}

test('processors and devices of a container come from one node', () => {
  assert.equal(served(guaranteed({ m: ['2', '1'] }), world({ policy: 'none' })), 'm: 1-2 a', 'nobody aligns')
  assert.equal(served(guaranteed({ m: ['4', '1'] }), world()), 'm: 4-7 b', 'the reserved one is missing on the first')
  assert.equal(served(guaranteed({ m: ['3', '1'], n: ['4', '1'] }), world()), 'm: 1-3 a; n: 4-7 b')
  assert.equal(served(guaranteed({ m: ['4'], n: ['4', '1'] }), world()), 'TopologyAffinityError', 'the first has taken the only node')
  assert.equal(served(guaranteed({ m: ['5'] }), world()), 'TopologyAffinityError')
  assert.equal(served(guaranteed({ m: ['5'] }), world({ policy: 'restricted' })), 'm: 1,4-7 -', 'no single node could ever do')
  assert.equal(served(guaranteed({ m: ['2', '2'] }), world()), 'TopologyAffinityError')
  assert.equal(served(guaranteed({ m: ['2', '2'] }), world({ policy: 'best-effort' })), 'm: 1-2 a,b')
})

test('a pod as a whole comes from one node', () => {
  const two = guaranteed({ m: ['2'], n: ['2', '1'] })
  assert.equal(served(two, world({ scope: 'pod' })), 'm: 4-5 -; n: 6-7 b')
  assert.equal(served(guaranteed({ m: ['3'], n: ['2'] }), world({ scope: 'pod' })), 'TopologyAffinityError')
})

test('who shares processors and asks for no device is not held up', () => {
  assert.equal(served(pod({ containers: [app('m')] }), world()), 'm:  -')
  assert.equal(served(guaranteed({ m: ['500m'] }), world({ policy: 'restricted' })), 'm:  -')
})
