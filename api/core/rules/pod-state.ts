/** What a pod's status says: ready, available, active, terminating. */
import type { Pod } from '#api/core/pod.ts'
import type { PodCondition } from '#api/core/pod-status.ts'

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type)
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** When it became ready, in milliseconds since 1970; undefined where it is not ready or does not say. */
export function podReadySinceMs(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready')
  if (condition?.status !== 'True' || !condition.lastTransitionTime) return undefined
  return Date.parse(condition.lastTransitionTime)
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: Date): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds <= 0) return true
  const since = podReadySinceMs(pod)
  return since !== undefined && since + minReadySeconds * 1000 < now.getTime()
}

/** Milliseconds until a ready pod becomes available; undefined where time alone changes nothing. */
export function podAvailableInMs(pod: Pod, minReadySeconds: number, now: Date): number | undefined {
  const since = podReadySinceMs(pod)
  if (since === undefined || minReadySeconds <= 0) return undefined
  const left = since + minReadySeconds * 1000 - now.getTime()
  return left >= 0 ? left : undefined
}

/** Failed or succeeded: its containers do not run and never will again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
}

export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined
}
