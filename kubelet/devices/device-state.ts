/** Which devices there are and who has them; and the choice of devices for a pod. Pure, but for the maps that its owner keeps. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { quantityValue } from '#api/meta/quantity.ts'
import type { DeviceAmounts } from '#kubelet/node/node-status.ts'
import { type Aligned, inMask, type NodeMask } from '#kubelet/topology/hints.ts'

export interface Device {
  healthy: boolean
  numaNodes: readonly number[]
}

export interface DeviceResource {
  devices: ReadonlyMap<string, Device>
  /** When its plug-in went away, in ms; undefined while it is there. */
  stoppedAt: number | undefined
}

/** Pod uid → container → resource → device ids. */
export type Assignments = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>>

export interface DeviceState {
  resources: ReadonlyMap<string, DeviceResource>
  assigned: Assignments
}

/** A plug-in that is being restarted does not lose its devices at once, as upstream. */
const stopGraceMs = 5 * 60_000

/** What the node's status shows. */
export function deviceAmounts({ resources }: DeviceState, now: number): DeviceAmounts {
  const capacity: Record<string, string> = {}
  const allocatable: Record<string, string> = {}
  for (const [name, { devices, stoppedAt }] of resources) {
    const gone = stoppedAt !== undefined && now - stoppedAt > stopGraceMs
    const healthy = [...devices.values()].filter((each) => each.healthy).length
    capacity[name] = gone ? '0' : String(devices.size)
    allocatable[name] = stoppedAt === undefined ? String(healthy) : '0'
  }
  return { capacity, allocatable }
}

/** Of a container's limits, those that are devices of this node: resource and count. */
export function wantedDevices(
  container: Pick<Container, 'resources'>,
  { resources, assigned }: DeviceState,
): [name: string, count: number][] {
  const known = (name: string): boolean => resources.has(name) || [...inUse(assigned).keys()].includes(name)
  return Object.entries(container.resources?.limits ?? {})
    .filter(([name]) => name.includes('/') && known(name))
    .map(([name, text]) => [name, quantityValue(text)])
}

export function inUse(assigned: Assignments): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>()
  for (const containers of assigned.values())
    for (const byResource of containers.values())
      for (const [name, ids] of byResource) used.set(name, new Set([...(used.get(name) ?? []), ...ids]))
  return used
}

export type DeviceChoice = { assigned: Assignments } | { problem: string }

/** Gives each container of the pod its devices; what an init container had, its pod's later containers may have again. */
export function assignDevices(pod: Pod, state: DeviceState, { affinity, only }: Aligned = {}): DeviceChoice {
  const uid = pod.metadata.uid ?? ''
  const own = new Map(state.assigned.get(uid))
  const reusable = new Map<string, Set<string>>()
  const inits = pod.spec?.initContainers ?? []
  for (const container of [...inits, ...(pod.spec?.containers ?? [])]) {
    if (only?.has(container.name) === false) continue
    const passes = inits.includes(container) && container.restartPolicy !== 'Always'
    const nodes = affinity?.get(container.name)
    for (const [name, count] of wantedDevices(container, state)) {
      const before = own.get(container.name)?.get(name)
      const assigned = new Map([...state.assigned, [uid, own]])
      const chosen = before ?? choose(name, count, { state: { ...state, assigned }, reusable: reusable.get(name) ?? new Set(), nodes })
      if (typeof chosen === 'string') return { problem: chosen }
      if (chosen.length === 0) continue
      own.set(container.name, new Map([...(own.get(container.name) ?? []), [name, chosen]]))
      const pool = reusable.get(name) ?? new Set<string>()
      for (const id of chosen) passes ? pool.add(id) : pool.delete(id)
      reusable.set(name, pool)
    }
  }
  return { assigned: own.size === 0 ? state.assigned : new Map([...state.assigned, [uid, own]]) }
}

/** Device ids, or why there are none, in upstream's words. */
function choose(
  name: string,
  count: number,
  from: { state: DeviceState; reusable: ReadonlySet<string>; nodes: NodeMask | undefined },
): readonly string[] | string {
  if (count === 0) return []
  const resource = from.state.resources.get(name)
  if (!resource) return `cannot allocate unregistered device ${name}`
  const healthy = resource.stoppedAt === undefined ? [...resource.devices].filter(([, device]) => device.healthy).map(([id]) => id) : []
  if (healthy.length === 0) return `no healthy devices present; cannot allocate unhealthy devices ${name}`
  const again = healthy.filter((id) => from.reusable.has(id)).slice(0, count)
  const used = inUse(from.state.assigned).get(name)
  const isNear = (id: string): boolean => resource.devices.get(id)?.numaNodes.some((node) => inMask(from.nodes ?? 0, node)) === true
  const unused = healthy.filter((id) => !used?.has(id))
  // Those of the wanted NUMA nodes first.
  const free = [...unused.filter(isNear), ...unused.filter((id) => !isNear(id))]
  const needed = count - again.length
  if (free.length < needed) return `requested number of devices unavailable for ${name}. Requested: ${needed}, Available: ${free.length}`
  return [...again, ...free.slice(0, needed)]
}

/** The devices that a container may have in place of the ones that were set aside for it. */
export function alternatives(name: string, own: readonly string[], state: DeviceState): string[] {
  const used = inUse(state.assigned).get(name)
  const healthy = [...(state.resources.get(name)?.devices ?? [])].filter(([, device]) => device.healthy).map(([id]) => id)
  return healthy.filter((id) => own.includes(id) || !used?.has(id))
}
