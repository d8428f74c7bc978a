/** The static CPU manager policy: containers of Guaranteed pods that ask for whole processors get them for themselves, all others share the rest. Pure. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { milliCpuOf, qosClass } from '#kubelet/cgroups/qos.ts'
import { type Aligned, inMask, type NodeMask } from '#kubelet/topology/hints.ts'
import { type CpuSet, cpuSetText, difference, intersection, same, union } from './cpu-set.ts'
import { takeCpus } from './take.ts'
import type { Cpu } from './topology.ts'

export interface PolicyOptions {
  fullCoresOnly: boolean
  /** What is reserved is not shared either. */
  strictReservation: boolean
}

export interface CpuState {
  shared: CpuSet
  /** Pod uid → container name → processors. */
  assigned: ReadonlyMap<string, ReadonlyMap<string, CpuSet>>
}

export interface CpuFacts {
  topology: readonly Cpu[]
  reserved: CpuSet
  options: PolicyOptions
}

const known = ['full-pcpus-only', 'strict-cpu-reservation']
const others = ['distribute-cpus-across-numa', 'prefer-align-cpus-by-uncorecache', 'align-by-socket', 'distribute-cpus-across-cores']

/** Throws with one line for an option that is unknown, not supported here or has a bad value. */
export function policyOptions(given: Readonly<Record<string, string>>): PolicyOptions {
  for (const [name, value] of Object.entries(given)) {
    if (others.includes(name)) throw new Error(`cpuManagerPolicyOptions: "${name}" is not supported by this kubelet`)
    if (!known.includes(name)) throw new Error(`unknown CPU Manager Policy option: "${name}"`)
    if (value !== 'true' && value !== 'false') throw new Error(`bad value for option "${name}": "${value}" is not true or false`)
  }
  return { fullCoresOnly: given['full-pcpus-only'] === 'true', strictReservation: given['strict-cpu-reservation'] === 'true' }
}

/** The processors that no container gets for itself; `milliCpu` of reserved CPU are rounded up. Throws where they are not there. */
export function reservedCpus(topology: readonly Cpu[], explicit: CpuSet, milliCpu: number): CpuSet {
  const count = explicit.size > 0 ? explicit.size : Math.ceil(milliCpu / 1000)
  if (count === 0)
    throw new Error(
      'the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero, or reservedSystemCPUs to be set',
    )
  const all = new Set(topology.map(({ id }) => id))
  const reserved = explicit.size > 0 ? intersection(explicit, all) : takeCpus(topology, all, count)
  if (reserved?.size !== count) throw new Error(`unable to reserve the required amount of CPUs (${count} of ${all.size})`)
  return reserved
}

/** How many processors a container gets for itself. */
export function exclusiveCpus(pod: Pod, container: Pick<Container, 'resources'>): number {
  const { requests, limits } = container.resources ?? {}
  const milli = milliCpuOf(requests?.['cpu'] ?? limits?.['cpu'])
  const whole = pod.spec?.resources?.requests ?? pod.spec?.resources?.limits
  return whole === undefined && qosClass(pod) === 'Guaranteed' && milli % 1000 === 0 ? milli / 1000 : 0
}

/** Why a state from disk cannot go on; undefined where it can. */
export function stateProblem(state: CpuState, { topology, reserved, options }: CpuFacts): string | undefined {
  const all = new Set(topology.map(({ id }) => id))
  const usable = options.strictReservation ? difference(all, reserved) : all
  const kept = intersection(reserved, state.shared)
  if (options.strictReservation && kept.size > 0)
    return `some of strictly reserved cpus: "${cpuSetText(kept)}" are present in defaultCpuSet: "${cpuSetText(state.shared)}"`
  if (!options.strictReservation && !same(kept, reserved))
    return `not all reserved cpus: "${cpuSetText(reserved)}" are present in defaultCpuSet: "${cpuSetText(state.shared)}"`
  let total: CpuSet = state.shared
  for (const [uid, containers] of state.assigned)
    for (const [name, set] of containers) {
      if (intersection(set, state.shared).size > 0)
        return `pod: ${uid}, container: ${name} cpuset: "${cpuSetText(set)}" overlaps with default cpuset "${cpuSetText(state.shared)}"`
      total = union(total, set)
    }
  if (same(total, usable)) return undefined
  return `current set of available CPUs "${cpuSetText(usable)}" doesn't match with CPUs in state "${cpuSetText(total)}"`
}

export type Assignment = { state: CpuState } | { reason: string; message: string }

/** Gives every container of the pod what it asks for; what an init container had, its pod's later containers may have again. */
export function assignPod(pod: Pod, state: CpuState, facts: CpuFacts, { affinity, only }: Aligned = {}): Assignment {
  const uid = pod.metadata.uid ?? ''
  const own = new Map(state.assigned.get(uid))
  let shared = state.shared
  let reusable: CpuSet = new Set()
  const inits = pod.spec?.initContainers ?? []
  for (const container of [...inits, ...(pod.spec?.containers ?? [])]) {
    const count = exclusiveCpus(pod, container)
    if (count === 0 || only?.has(container.name) === false) continue
    const refused = own.has(container.name) ? undefined : misfit(count, shared, facts)
    if (refused !== undefined) return { reason: 'SMTAlignmentError', message: `SMT Alignment Error: ${refused}` }
    const available = union(difference(shared, facts.reserved), reusable)
    const set = own.get(container.name) ?? takeAligned(facts.topology, available, count, affinity?.get(container.name))
    if (!set) {
      const message = `Allocate failed due to not enough cpus available to satisfy request: requested=${count}, available=${available.size}, which is unexpected`
      return { reason: 'UnexpectedAdmissionError', message }
    }
    own.set(container.name, set)
    shared = difference(shared, set)
    const passes = inits.includes(container) && container.restartPolicy !== 'Always'
    reusable = passes ? union(reusable, set) : difference(reusable, set)
  }
  return { state: own.size === 0 ? state : { shared, assigned: new Map([...state.assigned, [uid, own]]) } }
}

/** As many as can be from these NUMA nodes, and the others from anywhere. */
function takeAligned(topology: readonly Cpu[], available: CpuSet, count: number, nodes: NodeMask | undefined): CpuSet | undefined {
  if (nodes === undefined || count > available.size) return takeCpus(topology, available, count)
  const near = new Set(topology.filter(({ id, numaNode }) => available.has(id) && inMask(nodes, numaNode)).map(({ id }) => id))
  const first = takeCpus(topology, near, Math.min(near.size, count)) ?? new Set()
  return union(first, takeCpus(topology, difference(available, first), count - first.size) ?? new Set())
}

/** Under full-pcpus-only: whole cores, and none that what is reserved has a thread of. */
function misfit(count: number, shared: CpuSet, { topology, reserved, options }: CpuFacts): string | undefined {
  if (!options.fullCoresOnly) return undefined
  const perCore = topology.length / new Set(topology.map(({ core }) => core)).size
  if (count % perCore !== 0) return `requested ${count} cpus not multiple cpus per core = ${perCore}`
  const cores = new Set(topology.filter(({ id }) => reserved.has(id)).map(({ core }) => core))
  const left = topology.filter(({ id, core }) => shared.has(id) && !cores.has(core)).length
  if (count <= left) return undefined
  return `not enough free physical CPUs: available physical CPUs = ${left}, requested CPUs = ${count}, CPUs per core = ${perCore}`
}

/** What the pods that are gone had is shared again. */
export function releasePods(gone: (uid: string) => boolean, state: CpuState): CpuState {
  let { shared } = state
  const assigned = new Map<string, ReadonlyMap<string, CpuSet>>()
  for (const [uid, containers] of state.assigned) {
    if (gone(uid)) for (const set of containers.values()) shared = union(shared, set)
    else assigned.set(uid, containers)
  }
  return assigned.size === state.assigned.size ? state : { shared, assigned }
}
