/** Conditions of workloads: a list by type, where a transition time moves only when the status does. */
export interface WorkloadCondition {
  type: string
  status: string
  reason?: string | undefined
  message?: string | undefined
  lastTransitionTime?: string | undefined
  lastUpdateTime?: string | undefined
}

export function conditionOf<C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function withoutCondition<C extends { type: string }>(conditions: readonly C[], type: string): C[] {
  return conditions.filter((condition) => condition.type !== type)
}

/** Nothing changes where status and reason are the same already: the message of a condition is that of its first occurrence. */
export function withCondition<C extends WorkloadCondition>(conditions: readonly C[], next: C): C[] {
  const current = conditionOf(conditions, next.type)
  if (current && current.status === next.status && (current.reason ?? '') === (next.reason ?? '')) return [...conditions]
  const kept = current?.status === next.status && current.lastTransitionTime ? { lastTransitionTime: current.lastTransitionTime } : {}
  return [...withoutCondition(conditions, next.type), { ...next, ...kept }]
}

/** A time as the API writes it, in whole seconds. */
export function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

/** Leaves out zeros, as the API does for counts that are not pointers. */
export function withoutZeros<T extends object>(counts: T): T {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0 && value !== undefined)) as T
}
