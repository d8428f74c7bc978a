import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knowsTimeZone, parseSchedule, ScheduleError, type ScheduleField } from './schedule.ts'

const zones = (name: string): boolean => name === 'Europe/Berlin'

function fields(text: string): readonly ScheduleField[] {
  const schedule = parseSchedule(text, zones)
  if ('every' in schedule) throw new Error('fires by a duration')
  return [schedule.minute, schedule.hour, schedule.dayOfMonth, schedule.month, schedule.dayOfWeek]
}

const shown = (text: string): string =>
  fields(text)
    .map(({ values, any }) => (any ? '*' : [...values].sort((a, b) => a - b).join(',')))
    .join(' ')

function faultOf(text: string): string {
  try {
    parseSchedule(text, zones)
    return ''
  } catch (error) {
    assert.ok(error instanceof ScheduleError)
    return error.message
  }
}

test('fields hold values, ranges, steps, lists and names', () => {
  const table: readonly (readonly [string, string])[] = [
    ['* * * * *', '* * * * *'],
    ['*/15 0 ? JAN-mar mon,FRI', '0,15,30,45 0 * 1,2,3 1,5'],
    ['50/3 1-9/4 1,3,2 12 6', '50,53,56,59 1,5,9 1,2,3 12 6'],
    ['*/1 * * * *', '* * * * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@weekly', '0 0 * * 0'],
    ['CRON_TZ=Europe/Berlin 5 4 * * *', '5 4 * * *'],
    ['TZ=Europe/Berlin @daily', '0 0 * * *'],
  ]
  for (const [text, expected] of table) assert.equal(shown(text), expected, text)
  assert.deepEqual(parseSchedule('@every 1h30m', zones), { every: 5_400_000_000_000n })
})

test('what is no schedule is told in upstream’s words', () => {
  const table: readonly (readonly [string, string])[] = [
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@Daily', 'unrecognized descriptor: @Daily'],
    ['CRON_TZ=Foo/Bar 0 0 * * *', 'provided bad location Foo/Bar: unknown time zone Foo/Bar'],
    ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ]
  for (const [text, expected] of table) assert.equal(faultOf(text), expected, text)
})

test('time zones are known by their very names', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'US/Pacific', 'EST5EDT'])
    assert.ok(knowsTimeZone(name), name)
  for (const name of ['Foo/Bar', 'europe/berlin', 'utc', 'Europe/../UTC']) assert.ok(!knowsTimeZone(name), name)
})
