/** Timestamps and durations: Go's texts for them, and the calendar in a time zone. */

import { plainDouble } from './double-text.ts'
import { checkedTimestamp, floorDivide } from './operations.ts'
import { CelError, Duration, Timestamp } from './value.ts'

const nanosPerSecond = 1_000_000_000n
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/
const localTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?$/
const fullDate = /^(\d{4})-(\d\d)-(\d\d)$/

/** Go's time.Parse with RFC3339; undefined where it fails. */
export function parseTimestamp(text: string): Timestamp | CelError | undefined {
  return fromParts(rfc3339.exec(text))
}

/** The forms of the OpenAPI format `date-time`: RFC 3339, or without a zone (UTC). */
export function parseDateTime(text: string): Timestamp | CelError | undefined {
  if (text === '') return new Timestamp(0n)
  return fromParts(rfc3339.exec(text) ?? localTime.exec(text))
}

export function parseDate(text: string): Timestamp | CelError | undefined {
  return fromParts(fullDate.exec(text))
}

function fromParts(match: RegExpExecArray | null): Timestamp | CelError | undefined {
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match
  const [y, m, d, h, min, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number]
  if (m < 1 || m > 12 || d < 1 || d > daysIn(y, m) || h > 23 || min > 59 || s > 59) return undefined
  if (Number(offsetHours) > 24 || Number(offsetMinutes) > 60) return undefined
  const offset = (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60) * (sign === '-' ? -1 : 1)
  const seconds = BigInt(utcSeconds(y, m, d) + h * 3600 + min * 60 + s - offset)
  return checkedTimestamp(seconds * nanosPerSecond + BigInt(fraction.slice(0, 9).padEnd(9, '0')), offset)
}

function daysIn(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 0)
  return date.getUTCDate()
}

function utcSeconds(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime() / 1000
}

const two = (value: number): string => String(value).padStart(2, '0')

/** RFC 3339 with as many digits of the second as are needed, in the zone the timestamp was written with. */
export function formatTimestamp(time: Timestamp): string {
  const local = time.nanos + BigInt(time.offset) * nanosPerSecond
  const seconds = floorDivide(local, nanosPerSecond)
  const date = new Date(Number(seconds) * 1000)
  const fraction = String(local - seconds * nanosPerSecond)
    .padStart(9, '0')
    .replace(/0+$/, '')
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  const day = `${String(date.getUTCFullYear()).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
  const minutes = Math.abs(time.offset) / 60
  const zone = time.offset === 0 ? 'Z' : `${time.offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`
  return `${day}T${clock}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: nanosPerSecond,
  m: 60n * nanosPerSecond,
  h: 3600n * nanosPerSecond,
}

/** Go's time.ParseDuration; undefined where it fails. */
export function parseDuration(text: string): Duration | undefined {
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return new Duration(0n)
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = unitNanos[unit] as bigint
    nanos += BigInt(whole || '0') * scale
    const digits = fraction.slice(0, 18)
    if (digits !== '') nanos += (BigInt(digits) * scale) / 10n ** BigInt(digits.length)
  }
  const value = text.startsWith('-') ? -nanos : nanos
  return value === BigInt.asIntN(64, value) ? new Duration(value) : undefined
}

const looseUnits: readonly (readonly [bigint, readonly string[]])[] = [
  [1n, ['ns', 'nano']],
  [1_000n, ['us', 'µs', 'micro']],
  [1_000_000n, ['ms', 'milli']],
  [nanosPerSecond, ['s', 'sec']],
  [60n * nanosPerSecond, ['m', 'min']],
  [3600n * nanosPerSecond, ['h', 'hr', 'hour']],
  [86400n * nanosPerSecond, ['d', 'day']],
  [7n * 86400n * nanosPerSecond, ['w', 'wk', 'week']],
]

/** The OpenAPI format `duration` as upstream reads it: Go's form, or amounts with written-out units ("3 weeks"). */
export function parseLooseDuration(text: string): Duration | undefined {
  const strict = parseDuration(text)
  if (strict) return strict
  let nanos: bigint | undefined
  for (const [, amount = '', word = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const unit = word.toLowerCase()
    for (const [scale, names] of looseUnits) {
      names.forEach((name, at) => {
        const long = at === names.length - 1 && unit.startsWith(name)
        if (long || unit === name) nanos = (nanos ?? 0n) + BigInt(amount) * scale
      })
    }
  }
  return nanos === undefined ? undefined : new Duration(BigInt.asIntN(64, nanos))
}

/** Seconds with a unit, as CEL converts a duration to a string. */
export function formatSeconds(duration: Duration): string {
  const whole = duration.nanos / nanosPerSecond
  return `${plainDouble(Number(whole) + Number(duration.nanos % nanosPerSecond) / 1e9)}s`
}

/** Go's Duration.String: `1h2m3.5s`. */
export function formatDuration(duration: Duration): string {
  if (duration.nanos === 0n) return '0s'
  const sign = duration.nanos < 0n ? '-' : ''
  const nanos = duration.nanos < 0n ? -duration.nanos : duration.nanos
  if (nanos < nanosPerSecond) {
    const [unit, scale] = nanos < 1_000n ? ['ns', 1n] : nanos < 1_000_000n ? ['µs', 1_000n] : ['ms', 1_000_000n]
    return `${sign}${fractional(nanos, scale as bigint)}${unit}`
  }
  const seconds = nanos / nanosPerSecond
  const text = `${fractional(nanos % (60n * nanosPerSecond), nanosPerSecond)}s`
  if (seconds < 60n) return sign + text
  const minutes = `${(seconds / 60n) % 60n}m${text}`
  return seconds < 3600n ? sign + minutes : `${sign}${seconds / 3600n}h${minutes}`
}

function fractional(value: bigint, scale: bigint): string {
  const digits = String(scale).length - 1
  const rest =
    digits === 0
      ? ''
      : String(value % scale)
          .padStart(digits, '0')
          .replace(/0+$/, '')
  return rest === '' ? String(value / scale) : `${value / scale}.${rest}`
}

/** The calendar of a timestamp in a zone. */
export interface Calendar {
  year: number
  /** 0 to 11. */
  month: number
  day: number
  /** 0 is Sunday. */
  weekday: number
  /** 0 is the first of January. */
  dayOfYear: number
  hours: number
  minutes: number
  seconds: number
  milliseconds: number
}

/** `zone` is an IANA name or an offset such as `-08:00`. */
export function calendarOf(time: Timestamp, zone: string): Calendar | CelError {
  const offset = offsetOf(time, zone)
  if (offset instanceof CelError) return offset
  const local = time.nanos + BigInt(offset) * nanosPerSecond
  const millis = Number(floorDivide(local, 1_000_000n))
  const date = new Date(millis)
  const year = date.getUTCFullYear()
  const startOfDay = utcSeconds(year, date.getUTCMonth() + 1, date.getUTCDate())
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    dayOfYear: (startOfDay - utcSeconds(year, 1, 1)) / 86400,
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
    milliseconds: ((millis % 1000) + 1000) % 1000,
  }
}

function offsetOf(time: Timestamp, zone: string): number | CelError {
  if (zone === '' || zone === 'UTC') return 0
  const colon = zone.indexOf(':')
  if (colon < 0) return namedOffset(time, zone)
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)]
  for (const part of [hours, minutes]) {
    if (!/^[+-]?\d+$/.test(part)) return new CelError(`strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`)
  }
  return (Number(hours) * 60 + (zone.startsWith('-') ? -Number(minutes) : Number(minutes))) * 60
}

const formats = new Map<string, Intl.DateTimeFormat>()

function namedOffset(time: Timestamp, zone: string): number | CelError {
  const format = formats.get(zone) ?? zoneFormat(zone)
  if (format instanceof CelError) return format
  if (formats.size < 100) formats.set(zone, format)
  const millis = Number(floorDivide(time.nanos, 1_000_000n))
  const parts = format.formatToParts(new Date(millis))
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? '0')
  const local = utcSeconds(read('year'), read('month'), read('day')) + read('hour') * 3600 + read('minute') * 60 + read('second')
  return local - Math.floor(millis / 1000)
}

function zoneFormat(zone: string): Intl.DateTimeFormat | CelError {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const
  try {
    return new Intl.DateTimeFormat('en-US-u-hc-h23', { timeZone: zone, ...fields })
  } catch {
    return new CelError(`unknown time zone ${zone}`)
  }
}
