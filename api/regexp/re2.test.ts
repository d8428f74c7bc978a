import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cachedRe2, compileRe2 } from './re2.ts'

/** Expression → the error text of Go's regexp.Compile, '' where it compiles. */
const compiled: readonly [string, string][] = [
  ['^[a-z]+$', ''],
  ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
  ['(', 'error parsing regexp: missing closing ): `(`'],
  ['a)', 'error parsing regexp: unexpected ): `a)`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
  ['[a', 'error parsing regexp: missing closing ]: `[a`'],
  ['\\8', 'error parsing regexp: invalid escape sequence: `\\8`'],
  ['x{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['(x{10}){1000}', 'error parsing regexp: invalid repeat count: `{1000}`'],
  ['(?P<n', 'error parsing regexp: invalid named capture: `(?P<n`'],
  ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['(?i-)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?i-)`'],
  ['\\pX', 'error parsing regexp: invalid character class range: `\\pX`'],
  ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
  ['[[:foo:]]', 'error parsing regexp: invalid character class range: `[:foo:]`'],
  ['\\x{110000}', 'error parsing regexp: invalid escape sequence: `\\x{110000`'],
  ['(?P<year>\\d{4})-(?<month>\\d\\d)', ''],
  ['\\Qa.b\\E(?s:.)\\z', ''],
]

for (const [pattern, want] of compiled) {
  test(`compiles as Go does: ${pattern}`, () => {
    const result = compileRe2(pattern)
    assert.equal(result.ok ? '' : result.error, want)
  })
}

function made(pattern: string) {
  const result = cachedRe2(pattern)
  if (!result.ok) throw new Error(result.error)
  return result.re2
}

test('finds as Go does', () => {
  assert.equal(made('a+').test('bab'), true)
  assert.equal(made('^a+$').test('bab'), false)
  assert.equal(made('a+|b').find('xxbaa'), 'b')
  assert.equal(made('z').find('abc'), undefined)
  assert.deepEqual(made('a*').findAll('baac'), ['', 'aa', ''])
  assert.deepEqual(made('[0-9]+').findAll('1 22 333', 2), ['1', '22'])
  assert.deepEqual(made('.').findAll('a😀b'), ['a', '😀', 'b'])
})

test('time grows with the text, not with the ways to match it', () => {
  const began = process.cpuUsage()
  assert.equal(made('^(a+)+$').test(`${'a'.repeat(50_000)}b`), false)
  assert.equal(made('(x+x+)+y').test('x'.repeat(50_000)), false)
  assert.ok(process.cpuUsage(began).user < 5_000_000)
})
