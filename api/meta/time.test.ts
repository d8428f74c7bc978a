import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalMicroTime, canonicalTime, formatDuration, formatMicroTime, formatTime, parseDuration } from './time.ts'

test('times become UTC and whole seconds', () => {
  assert.equal(canonicalTime('2024-01-02T03:04:05Z'), '2024-01-02T03:04:05Z')
  assert.equal(canonicalTime('2024-01-02T03:04:05.999Z'), '2024-01-02T03:04:05Z')
  assert.equal(canonicalTime('2024-01-01T00:30:00+02:00'), '2023-12-31T22:30:00Z')
  assert.equal(canonicalTime('2024-02-29T23:59:59-01:00'), '2024-03-01T00:59:59Z')
})

test('the zero time is no time', () => {
  assert.equal(canonicalTime('0001-01-01T00:00:00Z'), undefined)
  assert.equal(canonicalMicroTime('0001-01-01T00:00:00.000000Z'), undefined)
})

test('bad times are refused in the words of Go', () => {
  const at = (text: string) => `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`
  const cases: [string, string][] = [
    ['yesterday', `${at('yesterday')} "yesterday" as "2006"`],
    ['', `${at('')} "" as "2006"`],
    ['2020-01-01 00:00:00Z', `${at('2020-01-01 00:00:00Z')} " 00:00:00Z" as "T"`],
    ['2020-01-01T00:00:00', `${at('2020-01-01T00:00:00')} "" as "Z07:00"`],
    ['2020-01-01T00:00:00Zx', 'parsing time "2020-01-01T00:00:00Zx": extra text: "x"'],
    ['2020-13-01T00:00:00Z', 'parsing time "2020-13-01T00:00:00Z": month out of range'],
    ['2020-02-30T00:00:00Z', 'parsing time "2020-02-30T00:00:00Z": day out of range'],
    ['2020-01-01T25:00:00Z', 'parsing time "2020-01-01T25:00:00Z": hour out of range'],
  ]
  for (const [text, message] of cases) assert.throws(() => canonicalTime(text), { message }, text)
})

test('micro times keep six digits', () => {
  assert.equal(canonicalMicroTime('2020-01-01T00:00:00.123456Z'), '2020-01-01T00:00:00.123456Z')
  assert.equal(canonicalMicroTime('2020-01-01T01:00:00.000001+01:00'), '2020-01-01T00:00:00.000001Z')
  assert.throws(() => canonicalMicroTime('2020-01-01T00:00:00Z'))
})

test('dates are written as Time and MicroTime', () => {
  const date = new Date('2024-05-06T07:08:09.123Z')
  assert.equal(formatTime(date), '2024-05-06T07:08:09Z')
  assert.equal(formatMicroTime(date), '2024-05-06T07:08:09.123000Z')
})

test('durations are read and written as Go does', () => {
  for (const [text, canonical] of [
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1.5h', '1h30m0s'],
    ['0', '0s'],
    ['1500ms', '1.5s'],
    ['-5m', '-5m0s'],
    ['250us', '250µs'],
  ] as const) {
    assert.equal(formatDuration(parseDuration(text)), canonical, text)
  }
  assert.throws(() => parseDuration('5'), { message: 'time: invalid duration "5"' })
})
