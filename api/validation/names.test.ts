import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkConfigMapKey,
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvVarName,
  checkHttpHeaderName,
  checkLabelValue,
  checkPathSegmentName,
  checkPercent,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
  checkRelaxedEnvVarName,
  checkWildcardDns1123Subdomain,
} from './names.ts'

const long = (n: number): string => 'a'.repeat(n)

test('good names pass', () => {
  const good: [(value: string) => readonly string[], string[]][] = [
    [checkDns1123Label, ['a', '0', 'a-b', long(63)]],
    [checkDns1123Subdomain, ['a', 'a.b', '0.1', long(253)]],
    [checkWildcardDns1123Subdomain, ['*.a.b']],
    [checkDns1035Label, ['a', 'a-1', long(63)]],
    [checkQualifiedName, ['a', 'A.b_c-d', 'x.y/z', 'a/B']],
    [checkLabelValue, ['', 'a', 'A.b_c-d', long(63)]],
    [checkPortName, ['a', 'http', 'a1-b', '1a']],
    [checkConfigMapKey, ['a', '.a', 'a_b.C-d', '...a'.slice(2)]],
    [checkEnvVarName, ['A', 'a.b-c_D1']],
    [checkRelaxedEnvVarName, ['1', 'a b', '!@#']],
    [checkHttpHeaderName, ['X-A', 'a1']],
    [checkPercent, ['0%', '150%']],
    [checkPathSegmentName, ['a', 'A:b', '...']],
  ]
  for (const [check, values] of good) for (const value of values) assert.deepEqual(check(value), [], `${check.name} ${value}`)
})

test('bad names are refused in upstream words', () => {
  assert.deepEqual(checkDns1123Label('a.b'), ['must not contain dots'])
  assert.deepEqual(checkDns1123Label('A'), [
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ])
  assert.deepEqual(checkDns1123Label(long(64)), ['must be no more than 63 characters'])
  assert.deepEqual(checkDns1123Subdomain(''), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ])
  assert.deepEqual(checkQualifiedName('/a'), ['prefix part must be non-empty'])
  assert.equal(checkQualifiedName('a/').length, 2)
  assert.match(checkQualifiedName('a/b/c')[0] ?? '', /^a valid label key must consist .* with an optional DNS subdomain prefix and '\/'/)
  assert.deepEqual(checkQualifiedName(long(64)), ['name part must be no more than 63 bytes'])
  assert.deepEqual(checkLabelValue(long(64)), ['must be no more than 63 bytes'])
  assert.deepEqual(checkPortName('-1--2-'), [
    'must contain at least one letter (a-z)',
    'must not contain consecutive hyphens',
    'must not begin or end with a hyphen',
  ])
  assert.deepEqual(checkPortNumber(0), ['must be between 1 and 65535, inclusive'])
  assert.deepEqual(checkConfigMapKey('..'), ["must not be '..'"])
  assert.deepEqual(checkConfigMapKey('..a'), ["must not start with '..'"])
  assert.deepEqual(checkRelaxedEnvVarName(''), ['environment variable name must be non-empty'])
  assert.equal(checkRelaxedEnvVarName('a=b').length, 1)
  assert.equal(checkRelaxedEnvVarName('ä').length, 1)
  assert.deepEqual(checkPathSegmentName('a/%'), ["may not contain '/'", "may not contain '%'"])
})

test('lengths are counted in bytes', () => {
  assert.equal(checkLabelValue('ä'.repeat(32))[0], 'must be no more than 63 bytes')
})

test('a trailing line break is no part of a name', () => {
  assert.notDeepEqual(checkDns1123Label('a\n'), [])
})
