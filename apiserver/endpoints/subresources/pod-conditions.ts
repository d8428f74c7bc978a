/** Sets a condition of a pod; the transition time changes only with the status (pure). */
import type { Pod } from '#api/core/pod.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
}

export function setPodCondition(pod: Pod, condition: Condition, now: Date): void {
  pod.status ??= {}
  const conditions = pod.status.conditions ?? []
  pod.status.conditions = conditions
  const at = conditions.findIndex((c) => c.type === condition.type)
  const was = at < 0 ? undefined : conditions[at]
  const since = was?.status === condition.status ? was.lastTransitionTime : undefined
  const next = { ...condition, lastTransitionTime: since ?? timestamp(now) }
  if (at < 0) conditions.push(next)
  else conditions[at] = { ...was, ...next }
}
