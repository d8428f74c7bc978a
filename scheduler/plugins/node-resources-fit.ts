/**
 * NodeResourcesFit: what the pod requests must be free on the node; the emptier a node would be afterwards, the better (LeastAllocated over
 * cpu and memory). A code is a set of bits, so that one node can lack several things.
 */
import type { Plugin } from '#scheduler/plugin.ts'
import type { PodShape } from '#scheduler/shape.ts'
import type { Snapshot } from '#scheduler/snapshot.ts'

const [pods, cpu, memory, ephemeral, firstScalar] = [1, 2, 4, 8, 16]

/** Column cells are plain numbers; an index of a node is always within. */
const cell = (column: Float64Array, i: number): number => column[i] ?? 0

function lacking(shape: PodShape, snapshot: Snapshot, i: number): number {
  const { columns } = snapshot
  const { requests } = shape
  let code = 0
  if (cell(columns.podCount, i) + 1 > cell(columns.podsAllocatable, i)) code |= pods
  const short = (wanted: number, allocatable: Float64Array, requested: Float64Array): boolean =>
    wanted > 0 && wanted > cell(allocatable, i) - cell(requested, i)
  if (short(requests.cpuMilli, columns.cpuAllocatable, columns.cpuRequested)) code |= cpu
  if (short(requests.memoryBytes, columns.memoryAllocatable, columns.memoryRequested)) code |= memory
  if (short(requests.ephemeralBytes, columns.ephemeralAllocatable, columns.ephemeralRequested)) code |= ephemeral
  let bit = firstScalar
  for (const [resource, wanted] of requests.scalars) {
    const held = snapshot.rows[i]?.scalars.get(resource)
    if (wanted > 0 && wanted > (held?.allocatable ?? 0) - (held?.requested ?? 0)) code |= bit
    if (bit < 1 << 15) bit <<= 1 // beyond twelve extended resources the rest share a bit
  }
  return code
}

/** Share of a resource that stays free, 0 to 100. */
const freeShare = (allocatable: number, used: number): number =>
  allocatable === 0 || used > allocatable ? 0 : Math.floor(((allocatable - used) * 100) / allocatable)

export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter(shape, snapshot, { nodes, verdicts }) {
    for (const i of nodes) verdicts[i] = lacking(shape, snapshot, i)
  },
  explain(code, shape) {
    const scalars = [...shape.requests.scalars.keys()]
    return [
      ...(code & pods ? ['Too many pods'] : []),
      ...(code & cpu ? ['Insufficient cpu'] : []),
      ...(code & memory ? ['Insufficient memory'] : []),
      ...(code & ephemeral ? ['Insufficient ephemeral-storage'] : []),
      ...scalars.filter((_, at) => code & (firstScalar << at)).map((resource) => `Insufficient ${resource}`),
    ]
  },
  resolvable: () => true,
  score(shape, snapshot, { nodes, scores }) {
    const { columns } = snapshot
    for (const i of nodes) {
      const cpuFree = freeShare(cell(columns.cpuAllocatable, i), cell(columns.cpuScored, i) + shape.scored.cpuMilli)
      const memoryFree = freeShare(cell(columns.memoryAllocatable, i), cell(columns.memoryScored, i) + shape.scored.memoryBytes)
      scores[i] = Math.floor((cpuFree + memoryFree) / 2)
    }
  },
  wakesOn: ['nodeAdded', 'nodeChanged', 'podGone', 'podChanged'],
}
