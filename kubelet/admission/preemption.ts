/** Which pods go so that a critical one may come: as few and as small as upstream picks, those of lesser quality of service first. Pure. */
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import { qosClass } from '#kubelet/cgroups/qos.ts'
import { isStatic } from '#kubelet/pods/pod-state.ts'
import { podRequests, type Rejection, type Shortage } from './admission.ts'

/** The priority from which on a pod is critical (system-cluster-critical). */
export const criticalPriority = 2_000_000_000

/** Static pods, mirrors and pods of the highest priorities: resources are no reason to refuse them. */
export function isCritical(pod: Pod): boolean {
  return isStatic(pod) || isMirror(pod) || (pod.spec?.priority ?? 0) >= criticalPriority
}

interface Need {
  name: string
  amount: bigint
}

/** `others`: the active pods of the node. What is not a shortage refuses the pod, and so does a shortage that no preemption mends. */
export function planPreemption(
  pod: Pod,
  problems: readonly Shortage[],
  others: readonly Pod[],
): { victims: Pod[] } | { rejection: Rejection } {
  const needs = problems.map(({ short }) => short)
  const candidates = others.filter((other) => isPreemptable(pod, other))
  const of = (quality: string): Pod[] => candidates.filter((each) => qosClass(each) === quality)
  const [bestEffort, burstable, guaranteed] = [of('BestEffort'), of('Burstable'), of('Guaranteed')]
  const missing = without(needs, candidates)
  if (missing.length > 0) return { rejection: unmet(missing) }
  const third = nearest(guaranteed, without(needs, [...bestEffort, ...burstable]))
  const second = nearest(burstable, without(needs, [...bestEffort, ...third]))
  const first = nearest(bestEffort, without(needs, [...second, ...third]))
  return { victims: [...first, ...second, ...third] }
}

function isPreemptable(pod: Pod, other: Pod): boolean {
  if (isCritical(pod) && !isCritical(other)) return true
  const [own, its] = [pod.spec?.priority, other.spec?.priority]
  return own !== undefined && its !== undefined && own > its
}

function unmet(needs: readonly Need[]): Rejection {
  const text = needs.map(({ name, amount }) => `(res: ${name}, q: ${amount}), `).join('')
  return {
    reason: 'UnexpectedAdmissionError',
    message: `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${text}]`,
  }
}

const requestOf = (pod: Pod, name: string): bigint => (name === 'pods' ? 1n : (podRequests(pod).get(name) ?? 0n))

function without(needs: readonly Need[], pods: readonly Pod[]): Need[] {
  return needs
    .map(({ name, amount }) => ({ name, amount: pods.reduce((left, pod) => left - requestOf(pod, name), amount) }))
    .filter(({ amount }) => amount > 0n)
}

/** Again and again the pod that leaves the least to be met; of two alike the smaller one. `needs` can be met by all of them together. */
function nearest(pods: readonly Pod[], needs: readonly Need[]): Pod[] {
  const left = [...pods]
  const chosen: Pod[] = []
  for (let open = [...needs]; open.length > 0 && left.length > 0; ) {
    const best = left.reduce((one, other) => {
      const difference = distance(other, open) - distance(one, open)
      return difference < 0 || (difference === 0 && isSmaller(other, one)) ? other : one
    })
    left.splice(left.indexOf(best), 1)
    chosen.push(best)
    open = without(open, [best])
  }
  return chosen
}

function distance(pod: Pod, needs: readonly Need[]): number {
  return needs.reduce((sum, { name, amount }) => {
    const open = Number(amount - requestOf(pod, name))
    return open > 0 ? sum + (open / Number(amount)) ** 2 : sum
  }, 0)
}

function isSmaller(pod: Pod, than: Pod): boolean {
  for (const name of ['memory', 'cpu']) {
    const difference = requestOf(pod, name) - requestOf(than, name)
    if (difference !== 0n) return difference < 0n
  }
  return true
}
