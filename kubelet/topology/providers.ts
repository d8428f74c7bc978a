/** The hints of those who give out processors and devices. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { type CpuSet, difference, union } from '#kubelet/cpus/cpu-set.ts'
import { type CpuFacts, type CpuState, exclusiveCpus } from '#kubelet/cpus/static-policy.ts'
import { type DeviceState, inUse, wantedDevices } from '#kubelet/devices/device-state.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import { bitsOf, type Hint, type Hints, inMask, masksOf, type NodeMask } from './hints.ts'

/** One thing that can be given: where it is, and whether it is free. Without nodes it is anywhere. */
interface Unit {
  nodes: readonly number[]
  free: boolean
}

/** Sets of nodes that have enough free units; the smallest that could have enough at all are preferred. */
export function hintsFor(units: readonly Unit[], count: number, nodes: readonly number[]): Hint[] {
  const within = (mask: NodeMask): Unit[] => units.filter((unit) => unit.nodes.some((node) => inMask(mask, node)))
  const masks = masksOf(nodes)
  const least = Math.min(...masks.filter((mask) => within(mask).length >= count).map(bitsOf))
  return masks
    .filter((mask) => within(mask).filter(({ free }) => free).length >= count)
    .map((mask) => ({ nodes: mask, preferred: bitsOf(mask) === least }))
}

export interface Asking {
  pod: Pod
  containers: readonly AnyContainer[]
  /** NUMA nodes of the machine. */
  nodes: readonly number[]
}

/** For as many processors as these containers want for themselves, all together. */
export function cpuHints({ pod, containers, nodes }: Asking, state: CpuState, facts: CpuFacts): Hints {
  const count = containers.reduce((sum, container) => sum + exclusiveCpus(pod, container), 0)
  if (count === 0) return new Map()
  const given = state.assigned.get(pod.metadata.uid ?? '')
  const own = containers.reduce<CpuSet>((all, { name }) => union(all, given?.get(name) ?? new Set()), new Set())
  // What they have already they keep.
  const free = own.size >= count ? own : union(difference(state.shared, facts.reserved), own)
  const units = facts.topology.map(({ id, numaNode }) => ({ nodes: [numaNode], free: free.has(id) }))
  return new Map([['cpu', hintsFor(units, count, nodes)]])
}

export function deviceHints({ pod, containers, nodes }: Asking, state: DeviceState): Hints {
  const counts = new Map<string, number>()
  for (const container of containers)
    for (const [name, count] of wantedDevices(container, state)) counts.set(name, (counts.get(name) ?? 0) + count)
  const given = state.assigned.get(pod.metadata.uid ?? '')
  const used = inUse(state.assigned)
  return new Map(
    [...counts]
      .filter(([, count]) => count > 0)
      .map(([name, count]) => {
        const devices = [...(state.resources.get(name)?.devices ?? [])]
        if (devices.every(([, { numaNodes }]) => numaNodes.length === 0)) return [name, undefined]
        const own = new Set(containers.flatMap((container) => given?.get(container.name)?.get(name) ?? []))
        const isFree = (id: string, healthy: boolean): boolean =>
          own.size >= count ? own.has(id) : healthy && (own.has(id) || !used.get(name)?.has(id))
        const units = devices.map(([id, { healthy, numaNodes }]) => ({ nodes: numaNodes, free: isFree(id, healthy) }))
        return [name, hintsFor(units, count, nodes)]
      }),
  )
}
