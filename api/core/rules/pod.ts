/** Questions about a pod's state (upstream: pkg/api/v1/pod/util.go). */
import type { Pod } from '#api/core/pod.ts'
import type { PodCondition } from '#api/core/pod-status.ts'

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type)
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: Date): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  if (!ready.lastTransitionTime) return false
  return Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= now.getTime()
}

/** Milliseconds until a ready pod becomes available; undefined where it is not ready, 0 where it is available. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, now: Date): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds === 0) return 0
  if (!ready.lastTransitionTime) return undefined
  return Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now.getTime())
}

/** The pod has ended for good. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
}

export function isPodTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** Neither ended nor on its way out: what controllers count as one of theirs. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !isPodTerminating(pod)
}

/** Conditions with one replaced or added; the time of transition changes only with the status. */
export function withPodCondition(conditions: readonly PodCondition[] | undefined, condition: PodCondition): PodCondition[] {
  const before = conditions?.find((other) => other.type === condition.type)
  if (!before) return [...(conditions ?? []), condition]
  const kept = before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime
  const merged = kept === undefined ? condition : { ...condition, lastTransitionTime: kept }
  return (conditions ?? []).map((other) => (other.type === condition.type ? merged : other))
}

/** Names, ports and probes of all containers that run beside each other: sidecars, then containers. */
export function runningContainers(pod: Pick<Pod, 'spec'>) {
  return [...(pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always'), ...(pod.spec.containers ?? [])]
}
