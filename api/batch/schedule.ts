/**
 * Schedules in the form of cron, as upstream's parser reads them (robfig/cron v3, ParseStandard): five fields or a word such as @daily.
 * Pure: times zones are looked up by the caller's function.
 */
import { parseDuration } from '#api/meta/time.ts'

/** What is not a schedule; the message is upstream's. */
export class ScheduleError extends Error {}

/** Values at which a field fires. `any` where it was written as a star: days then do not restrict each other. */
export interface ScheduleField {
  values: ReadonlySet<number>
  any: boolean
}

export type Schedule =
  | { every: bigint }
  | { minute: ScheduleField; hour: ScheduleField; dayOfMonth: ScheduleField; month: ScheduleField; dayOfWeek: ScheduleField }

interface Bounds {
  min: number
  max: number
  names?: readonly string[]
}

const minutes: Bounds = { min: 0, max: 59 }
const hours: Bounds = { min: 0, max: 23 }
const daysOfMonth: Bounds = { min: 1, max: 31 }
const months: Bounds = { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] }
const daysOfWeek: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }

const words: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`)
  }
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`)
  return value
}

function parseValue(text: string, { names, min }: Bounds): number {
  const at = names?.indexOf(text.toLowerCase()) ?? -1
  return at < 0 ? parseNumber(text) : at + min
}

function parseLimits(range: string, expression: string, bounds: Bounds): { start: number; end: number; star: boolean } {
  const [low = '', high, ...more] = range.split('-')
  if (low === '*' || low === '?') return { start: bounds.min, end: bounds.max, star: true }
  const start = parseValue(low, bounds)
  if (high === undefined) return { start, end: start, star: false }
  if (more.length > 0) throw new ScheduleError(`too many hyphens: ${expression}`)
  return { start, end: parseValue(high, bounds), star: false }
}

function parseRange(expression: string, bounds: Bounds, values: Set<number>): boolean {
  const [range = '', stepText, ...more] = expression.split('/')
  const limits = parseLimits(range, expression, bounds)
  const { start, star } = limits
  let { end } = limits
  if (more.length > 0) throw new ScheduleError(`too many slashes: ${expression}`)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  // "5/15" means "from 5 on, every 15"
  if (stepText !== undefined && !range.includes('-')) end = bounds.max
  if (start < bounds.min) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`)
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${expression}`)
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${expression}`)
  for (let value = start; value <= end; value += step) values.add(value)
  return star && step === 1
}

function parseField(text: string, bounds: Bounds): ScheduleField {
  const values = new Set<number>()
  let any = false
  for (const expression of text.split(',').filter((part) => part !== '')) any = parseRange(expression, bounds, values) || any
  return { values, any }
}

function parseEvery(text: string): Schedule {
  const every = '@every '
  if (!text.startsWith(every)) throw new ScheduleError(`unrecognized descriptor: ${text}`)
  try {
    return { every: parseDuration(text.slice(every.length)) }
  } catch (error) {
    throw new ScheduleError(`failed to parse duration ${text}: ${error instanceof Error ? error.message : ''}`)
  }
}

/** `knowsZone` says whether a time zone is known. Throws ScheduleError. */
export function parseSchedule(text: string, knowsZone: (name: string) => boolean): Schedule {
  if (text === '') throw new ScheduleError('empty spec string')
  let rest = text
  if (rest.startsWith('TZ=') || rest.startsWith('CRON_TZ=')) {
    const space = rest.indexOf(' ')
    const equals = rest.indexOf('=')
    if (space < 0) throw new ScheduleError('invalid schedule format: runtime error: slice bounds out of range [:-1]')
    const zone = rest.slice(equals + 1, space)
    if (!knowsZone(zone)) throw new ScheduleError(`provided bad location ${zone}: unknown time zone ${zone}`)
    rest = rest.slice(space).trim()
  }
  if (rest.startsWith('@') && !Object.hasOwn(words, rest)) return parseEvery(rest)
  const fields = (Object.hasOwn(words, rest) ? (words[rest] ?? '') : rest).split(/\s+/u).filter((field) => field !== '')
  if (fields.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  return {
    minute: parseField(minute, minutes),
    hour: parseField(hour, hours),
    dayOfMonth: parseField(dayOfMonth, daysOfMonth),
    month: parseField(month, months),
    dayOfWeek: parseField(dayOfWeek, daysOfWeek),
  }
}

/** Whether the platform's time zone data have a zone of this name; the empty name is UTC, as in Go. */
export function knowsTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC') return true
  // names are those of files: letters small and large are told apart, and no name is all small
  if (!/[A-Z]/.test(name)) return false
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
