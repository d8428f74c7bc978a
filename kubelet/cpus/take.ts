/** Which processors a container gets for itself: whole nodes and sockets first, then whole cores, then single threads where few are left. Pure. */
import type { CpuSet } from './cpu-set.ts'
import type { Cpu } from './topology.ts'

/** Undefined where too few are available. The order is upstream's: best fit by topology, low numbers first. */
export function takeCpus(topology: readonly Cpu[], available: CpuSet, count: number): CpuSet | undefined {
  if (count > available.size) return undefined
  const taken = new Set<number>()
  const sockets = new Set(topology.map(({ socket }) => socket)).size
  const numaNodes = new Set(topology.map(({ numaNode }) => numaNode)).size
  const byNode = (cpu: Cpu): string => `n${cpu.numaNode}`
  const bySocket = (cpu: Cpu): string => `s${cpu.socket}`
  const levels = numaNodes < sockets ? [byNode, bySocket] : [bySocket, byNode]
  for (const level of [...levels, (cpu: Cpu) => cpu.core]) takeWhole(topology, available, level, { taken, count })
  for (const { id } of inOrder(topology, available, taken)) {
    if (taken.size === count) break
    taken.add(id)
  }
  return taken
}

interface Taking {
  taken: Set<number>
  /** How many there shall be in the end. */
  count: number
}

/** Groups of which every processor is free, as long as as many are still needed. */
function takeWhole(topology: readonly Cpu[], available: CpuSet, groupOf: (cpu: Cpu) => string, { taken, count }: Taking): void {
  const groups = Map.groupBy(inOrder(topology, available, taken), groupOf)
  for (const [group, members] of groups) {
    const whole = topology.filter((cpu) => groupOf(cpu) === group).length
    if (members.length === whole && whole <= count - taken.size) for (const { id } of members) taken.add(id)
  }
}

/** Near what is taken already, then where little is left, so that large holes stay whole. */
function inOrder(topology: readonly Cpu[], available: CpuSet, taken: ReadonlySet<number>): Cpu[] {
  const free = topology.filter(({ id }) => available.has(id) && !taken.has(id))
  const ownSockets = new Set(topology.filter(({ id }) => taken.has(id)).map(({ socket }) => socket))
  const left = (key: 'socket' | 'core', value: number | string): number => free.filter((cpu) => cpu[key] === value).length
  const rank = (cpu: Cpu): number[] => [
    ownSockets.has(cpu.socket) ? 0 : 1,
    left('socket', cpu.socket),
    cpu.socket,
    left('core', cpu.core),
    Number(cpu.core.split('/')[1]),
    cpu.id,
  ]
  const ranked = free.map((cpu) => ({ cpu, rank: rank(cpu) }))
  ranked.sort((a, b) => {
    const i = a.rank.findIndex((value, at) => value !== b.rank[at])
    return i < 0 ? 0 : (a.rank[i] ?? 0) - (b.rank[i] ?? 0)
  })
  return ranked.map(({ cpu }) => cpu)
}
