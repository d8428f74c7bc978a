/** Durations as Go prints them. Pure. */

/** Cut to milliseconds: 0s, 12ms, 1.5s, 1m2.003s, 1h0m0s. */
export function goDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.trunc(milliseconds))
  if (ms === 0) return '0s'
  if (ms < 1000) return `${ms}ms`
  const seconds = `${(ms % 60_000) / 1000}s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes === 0) return seconds
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`
}
