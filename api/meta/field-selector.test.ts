import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '#api/resource.ts'
import { checkFieldSelector, formatFieldSelector, matchesFields, parseFieldSelector } from './field-selector.ts'

const pods = { scope: 'Namespaced', selectableFields: { 'status.phase': () => 'Running' } } as const
const plain = { scope: 'Namespaced' } as const
const obj = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n' } } as KubeObject

test('field selectors match fields', () => {
  const cases: [string, boolean][] = [
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name!=a', false],
    ['metadata.namespace==n,status.phase=Running', true],
    ['status.phase!=Running', false],
  ]
  for (const [text, expected] of cases) assert.equal(matchesFields(parseFieldSelector(text), pods, obj), expected, text)
})

test('values may hold escaped commas and equal signs', () => {
  const [requirement] = parseFieldSelector('metadata.name=a\\,b\\=c\\\\')
  assert.equal(requirement?.value, 'a,b=c\\')
  assert.equal(formatFieldSelector(parseFieldSelector('metadata.name=a\\,b')), 'metadata.name=a\\,b')
  assert.throws(() => parseFieldSelector('a=\\x'), { code: 400, message: 'invalid field selector: invalid escape sequence: \\x' })
  assert.throws(() => parseFieldSelector('foo'), { code: 400, message: "invalid selector: 'foo'; can't understand 'foo'" })
})

test('fields that cannot be selected are refused', () => {
  assert.throws(() => checkFieldSelector(parseFieldSelector('foo=bar'), pods), { code: 400, message: 'field label not supported: foo' })
  assert.throws(() => checkFieldSelector(parseFieldSelector('foo=bar'), plain), {
    message: '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
  })
  assert.throws(() => checkFieldSelector(parseFieldSelector('toString=bar'), pods))
  checkFieldSelector(parseFieldSelector('metadata.name=a,status.phase=b'), pods)
})
