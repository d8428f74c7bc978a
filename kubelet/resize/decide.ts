/** Whether a resize that a spec asks for can be granted now, later or never on this node, and in which order those that wait are asked. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { podRequests, type Rejection } from '#kubelet/admission/admission.ts'
import { qosClass } from '#kubelet/cgroups/qos.ts'
import { isStatic } from '#kubelet/pods/pod-state.ts'
import { type Allocation, allocationOf, sameAmounts } from './allocation.ts'

export interface ResizeNode {
  /** Whether the node would take the pod beside what the others were given. */
  admit(pod: Pod): Rejection | undefined
  /** Capacity less what is reserved, before what eviction keeps free: thousandths of cores, and bytes. */
  allocatable: { cpu: bigint; memory: bigint }
  cpuManagerPolicy: string
}

export type ResizeDecision =
  | { verdict: 'unchanged' | 'granted' }
  | { verdict: 'refused'; reason: 'Deferred'; message: string }
  /** `detail` is upstream's word for metrics. */
  | { verdict: 'refused'; reason: 'Infeasible'; message: string; detail: string }

const infeasible = (detail: string, message: string): ResizeDecision => ({ verdict: 'refused', reason: 'Infeasible', message, detail })

/** `wanted` has the spec's resources. */
export function decideResize(wanted: Pod, given: Allocation, on: ResizeNode): ResizeDecision {
  const asked = allocationOf(wanted)
  if (Object.entries(asked).every(([name, amounts]) => sameAmounts(amounts, given[name] ?? {}))) return { verdict: 'unchanged' }
  if (isStatic(wanted)) return infeasible('static_pod', 'In-place resize of static-pods is not supported')
  const cpuChanges = Object.entries(asked).some(([name, { requests }]) => requests?.['cpu'] !== given[name]?.requests?.['cpu'])
  if (qosClass(wanted) === 'Guaranteed' && on.cpuManagerPolicy === 'static' && cpuChanges)
    return infeasible(
      'guaranteed_pod_cpu_manager_static_policy',
      'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"',
    )
  const requests = podRequests(wanted)
  for (const name of ['memory', 'cpu'] as const) {
    const requested = requests.get(name) ?? 0n
    const capacity = on.allocatable[name]
    if (requested > capacity)
      return infeasible(
        'insufficient_node_allocatable',
        `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}`,
      )
  }
  const refused = on.admit(wanted)
  return refused ? { verdict: 'refused', reason: 'Deferred', message: refused.message } : { verdict: 'granted' }
}

export interface Pending {
  wanted: Pod
  given: Pod
  /** When it was first put off, in ISO text. */
  since: string | undefined
}

const qosOrder = { Guaranteed: 0, Burstable: 1, BestEffort: 2 } as const

/** What asks for no more goes first; then by priority, by class, and the longest waiting before others. */
export function inOrder(pending: readonly Pending[]): Pending[] {
  const rank = (one: Pending) =>
    [
      grows(one) ? 1 : 0,
      -(one.wanted.spec?.priority ?? 0),
      qosOrder[qosClass(one.wanted)],
      one.since === undefined ? Number.POSITIVE_INFINITY : Date.parse(one.since),
    ] as const
  return [...pending].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const i = left.findIndex((value, at) => value !== right[at])
    return i < 0 ? 0 : (left[i] ?? 0) < (right[i] ?? 0) ? -1 : 1
  })
}

function grows({ wanted, given }: Pending): boolean {
  const [now, was] = [podRequests(wanted), podRequests(given)]
  return (['cpu', 'memory'] as const).some((name) => (now.get(name) ?? 0n) > (was.get(name) ?? 0n))
}
