/** The configuration in force as /configz shows it: upstream's shape, in which durations are texts. Pure. */

/** Names of durations end so; the one that does and counts seconds is left as it is. */
const durationName = /(Period|PeriodCriticalPods|Frequency|TTL|Timeout|Age|Interval)$/
const seconds: ReadonlySet<string> = new Set(['evictionMaxPodGracePeriod'])

export function configz(config: object): object {
  const { apiVersion: _, kind: __, ...fields } = config as Record<string, unknown>
  return { kubeletconfig: shown(fields) }
}

/** What upstream leaves out where it is not set. */
function isUnset(name: string, value: unknown): boolean {
  if (seconds.has(name)) return value === 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === '' || value === undefined
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !isUnset(name, each))
      .map(([name, each]) => [
        name,
        typeof each === 'number' && durationName.test(name) && !seconds.has(name) ? goDuration(each) : shown(each),
      ]),
  )
}

/** Milliseconds as Go writes them: `5m0s`, `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function goDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (Math.abs(ms) < 1000) return `${ms}ms`
  const sign = ms < 0 ? '-' : ''
  const all = Math.abs(ms) / 1000
  const hours = Math.floor(all / 3600)
  const minutes = Math.floor((all % 3600) / 60)
  const rest = Number((all % 60).toFixed(9))
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`
}
