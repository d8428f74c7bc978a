/** Times on the wire: RFC 3339 to the second (Time), to the microsecond (MicroTime) and Go's durations, with Go's parse errors. */

export class TimeError extends Error {}

const canonicalSeconds = /^\d{4}-(0[1-9]|1[0-2])-([01]\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
const canonicalMicros = /^\d{4}-(0[1-9]|1[0-2])-([01]\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/
/** Go's zero time, which upstream writes as null. */
const ZERO_SECONDS = '0001-01-01T00:00:00Z'

/** The parts of a layout in order: how Go names each, what it takes. */
const parts: readonly [string, RegExp][] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d?/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d/],
]
const zone: [string, RegExp] = ['Z07:00', /^(Z|[+-]\d\d:\d\d)/]

interface Instant {
  /** Milliseconds since 1970 of the whole second. */
  ms: number
  micros: number
}

function parse(text: string, micro: boolean): Instant {
  const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
  const found: string[] = []
  let rest = text
  const take = ([name, pattern]: readonly [string, RegExp]): void => {
    const match = pattern.exec(rest)
    if (!match) {
      const at = `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}`
      throw new TimeError(`${at}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`)
    }
    found.push(match[0])
    rest = rest.slice(match[0].length)
  }
  parts.forEach(take)
  // Go takes a fraction after the seconds even where its layout has none.
  take(micro ? ['.000000', /^[.,]\d{6}(?!\d)/] : ['', /^([.,]\d+)?/])
  take(zone)
  if (rest !== '') throw new TimeError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`)
  return instantOf(text, found)
}

function instantOf(text: string, found: readonly string[]): Instant {
  const at = (i: number): number => Number(found[i])
  const [year, month, day, hour, minute, second] = [at(0), at(2), at(4), at(6), at(8), at(10)]
  const refuse = (what: string): TimeError => new TimeError(`parsing time ${JSON.stringify(text)}: ${what} out of range`)
  if (month < 1 || month > 12) throw refuse('month')
  if (hour > 23) throw refuse('hour')
  if (minute > 59) throw refuse('minute')
  if (second > 59) throw refuse('second')
  const offset = found[12] ?? 'Z'
  if (offset !== 'Z' && Number(offset.slice(1, 3)) > 24) throw refuse('time zone offset hour')
  if (offset !== 'Z' && Number(offset.slice(4)) > 60) throw refuse('time zone offset minute')
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) throw refuse('day')
  date.setUTCHours(hour, minute, second)
  const minutes = offset === 'Z' ? 0 : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)))
  const fraction = (found[11] ?? '').slice(1, 7).padEnd(6, '0')
  return { ms: date.getTime() - minutes * 60_000, micros: Number(fraction) }
}

const secondsText = (ms: number): string => `${new Date(ms).toISOString().slice(0, -5)}Z`

/** UTC, whole seconds: `2024-01-02T03:04:05Z`; undefined for Go's zero time. Throws TimeError. */
export function canonicalTime(text: string): string | undefined {
  const canonical = canonicalSeconds.test(text) ? text : secondsText(parse(text, false).ms)
  return canonical === ZERO_SECONDS ? undefined : canonical
}

/** UTC, six digits: `2024-01-02T03:04:05.000000Z`; undefined for Go's zero time. Throws TimeError. */
export function canonicalMicroTime(text: string): string | undefined {
  if (canonicalMicros.test(text)) return text.startsWith('0001-01-01T00:00:00.000000') ? undefined : text
  const { ms, micros } = parse(text, true)
  const seconds = secondsText(ms)
  if (seconds === ZERO_SECONDS && micros === 0) return undefined
  return `${seconds.slice(0, -1)}.${String(micros).padStart(6, '0')}Z`
}

/** A Date as Time. */
export const formatTime = (date: Date): string => secondsText(date.getTime())

/** A Date as MicroTime. */
export const formatMicroTime = (date: Date): string => `${date.toISOString().slice(0, -1)}000Z`

const units = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

/** Nanoseconds of Go's `1h2m3.5s`. Throws TimeError. */
export function parseDuration(text: string): bigint {
  const refused = new TimeError(`time: invalid duration ${JSON.stringify(text)}`)
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0n
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(body)) throw refused
  let total = 0n
  for (const [, number = '', unit = ''] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units.get(unit) ?? 0n
    const [whole = '', fraction = ''] = number.split('.')
    total += BigInt(whole === '' ? '0' : whole) * size
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  if (total > 9_223_372_036_854_775_807n) throw refused
  return text.startsWith('-') ? -total : total
}

/** As Go prints it: `1h2m3.5s`, `90s` → `1m30s`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s'
  const sign = nanos < 0n ? '-' : ''
  const size = nanos < 0n ? -nanos : nanos
  const decimal = (value: bigint, unit: bigint): string => {
    const fraction = String(value % unit)
      .padStart(String(unit).length - 1, '0')
      .replace(/0+$/, '')
    return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`
  }
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`
  const hours = size / 3_600_000_000_000n
  const minutes = (size / 60_000_000_000n) % 60n
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}
