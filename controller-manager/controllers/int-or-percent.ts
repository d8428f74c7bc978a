/** Values that are a count or a percentage of another count, such as maxSurge. */

/** The count that `value` means of `total`. Text that is no percentage counts as 0 (validation refuses it). */
export function scaledCount(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const match = /^(\d+)%$/.exec(value)
  if (!match) return 0
  const exact = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
