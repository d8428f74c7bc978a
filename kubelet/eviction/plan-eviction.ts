/**
 * Decides about pressure: which thresholds are met, which conditions the node has, and what is to be reclaimed now. Level-based but for the three
 * times that grace and transition periods need, which are handed back in. Pure.
 */
import { type NodePressure, type Observations, type Signal, signals } from './signals.ts'
import { amountIn, type Threshold } from './thresholds.ts'

export interface EvictionState {
  /** When each threshold that is met was first seen so. */
  metSince: ReadonlyMap<Threshold, Date>
  /** When each condition was last seen. */
  conditionSeenAt: ReadonlyMap<NodePressure, Date>
  /** Met, past their grace, and not yet resolved with what is to be reclaimed beyond. */
  active: readonly Threshold[]
}

export const calm: EvictionState = { metSince: new Map(), conditionSeenAt: new Map(), active: [] }

export interface EvictionPlan {
  state: EvictionState
  conditions: readonly NodePressure[]
  /** The threshold to act on; undefined when nothing is starved. */
  reclaim: Threshold | undefined
}

/** Thresholds whose signal has less than they ask for; with `reclaiming` also less than what is to be reclaimed beyond. */
export function thresholdsMet(thresholds: readonly Threshold[], seen: Observations, reclaiming: boolean): Threshold[] {
  return thresholds.filter((threshold) => {
    const observed = seen.get(threshold.signal)
    if (!observed) return false
    const beyond = reclaiming && threshold.minReclaim ? amountIn(threshold.minReclaim, observed) : 0
    return observed.available < amountIn(threshold.amount, observed) + beyond
  })
}

export function planEviction(
  thresholds: readonly Threshold[],
  seen: Observations,
  state: EvictionState,
  options: { transitionMs: number; now: Date },
): EvictionPlan {
  const { transitionMs, now } = options
  const met = new Set([...thresholdsMet(thresholds, seen, false), ...thresholdsMet(state.active, seen, true)])
  const metSince = new Map([...met].map((threshold) => [threshold, state.metSince.get(threshold) ?? now]))
  const conditionSeenAt = new Map(state.conditionSeenAt)
  for (const { signal } of met) conditionSeenAt.set(signals[signal].condition, now)
  const conditions = [...conditionSeenAt].filter(([, at]) => now.getTime() - at.getTime() < Math.max(1, transitionMs)).map(([name]) => name)
  for (const name of conditionSeenAt.keys()) if (!conditions.includes(name)) conditionSeenAt.delete(name)
  const active = [...met].filter((threshold) => now.getTime() - (metSince.get(threshold)?.getTime() ?? 0) >= threshold.graceMs)
  return { state: { metSince, conditionSeenAt, active }, conditions, reclaim: [...active].sort(byUrgency)[0] }
}

const isMemory = (signal: Signal): boolean => signals[signal].resource === 'memory'

/** Memory before all else; otherwise in the order of the configuration. */
function byUrgency(a: Threshold, b: Threshold): number {
  return Number(isMemory(b.signal)) - Number(isMemory(a.signal))
}
