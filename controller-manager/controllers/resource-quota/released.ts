/**
 * What may be given back of kinds that are only counted. A request is charged for a moment before its object is stored: a count from in between
 * would give back what is just being spent. So a count below the charge is believed once it is seen again, later. Pure.
 */
import type { ResourceQuota } from '#api/core/resource-quota.ts'

/** A count below what was charged. */
interface Shortfall {
  count: number
  used: number
  /** Monotonic milliseconds at which it was first seen like this. */
  sinceMs: number
}

export type Shortfalls = Readonly<Record<string, Shortfall>>

/** Requests are over by then, or have failed. */
const settledMs = 1000

export interface Believed {
  counts: Readonly<Record<string, number>>
  /** What must be seen again. */
  shortfalls: Shortfalls
}

/** `counts` by group resource, as in the store now. */
export function believedCounts(
  { status }: Pick<ResourceQuota, 'status'>,
  counts: Readonly<Record<string, number>>,
  before: Shortfalls,
  nowMs: number,
): Believed {
  const believed: Record<string, number> = {}
  const shortfalls: Record<string, Shortfall> = {}
  for (const [kind, count] of Object.entries(counts)) {
    const used = Math.max(chargeOf(status.used?.[kind]), chargeOf(status.used?.[`count/${kind}`]))
    const known = before[kind]
    const sinceMs = known?.count === count && known.used === used ? known.sinceMs : nowMs
    const isShort = count < used && nowMs - sinceMs < settledMs
    believed[kind] = isShort ? used : count
    if (isShort) shortfalls[kind] = { count, used, sinceMs }
  }
  return { counts: believed, shortfalls }
}

/** Amounts that are no plain numbers were written by somebody else. */
const chargeOf = (amount: string | undefined): number => (/^\d+$/.test(amount ?? '') ? Number(amount) : 0)
