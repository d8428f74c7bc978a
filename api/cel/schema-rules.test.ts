// Rules of definitions: golden texts were taken from upstream's server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Structural } from '#api/structural/schema.ts'
import { SchemaRules } from './schema-rules.ts'

const words: Structural = { type: 'array', items: { type: 'string' } }
const schemaWith = (
  rule: NonNullable<Structural['x-kubernetes-validations']>[number],
  properties: Record<string, Structural> = {},
): Structural => ({
  type: 'object',
  properties: { count: { type: 'integer' }, words, ...properties },
  'x-kubernetes-validations': [rule],
})

function check(schema: Structural, uncorrelatable?: string, suppressPerExpressionCost = false): string[] {
  const rules = SchemaRules.root(schema, { suppressPerExpressionCost })
  const found = [...rules.check(schema, 'schema', uncorrelatable), ...rules.totals('schema')]
  return found.map(({ field, message }) => `${field.replace('schema.x-kubernetes-validations[0].', '')}: ${message}`)
}

const shown = (rule: string, more = ''): string =>
  `Invalid value: {"Rule":${JSON.stringify(rule)},"Message":"","MessageExpression":"${more}","Reason":null,"FieldPath":"","OptionalOldSelf":null}`
const advice = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
const cubic = 'self.words.all(a, self.words.all(b, self.words.all(c, a + b != c)))'

test('rules that are fine', () => {
  assert.deepEqual(check(schemaWith({ rule: 'self.count > 3', messageExpression: "'too few'" })), [])
  assert.deepEqual(check(schemaWith({ rule: 'self.count >= oldSelf.count' })), [])
  assert.deepEqual(check(schemaWith({ rule: '!oldSelf.hasValue() || oldSelf.value().count == 1', optionalOldSelf: true })), [])
})

test('expressions that do not compile, or have the wrong type', () => {
  assert.deepEqual(check(schemaWith({ rule: 'foo' })), [
    `rule: ${shown('foo')}: compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^`,
  ])
  assert.deepEqual(check(schemaWith({ rule: 'self.count' })), [`rule: ${shown('self.count')}: cel expression must evaluate to a bool`])
  assert.deepEqual(check(schemaWith({ rule: "int('a') == 1" })), [
    `rule: ${shown("int('a') == 1")}: program instantiation failed: type conversion error from 'string' to 'int'`,
  ])
  assert.deepEqual(check(schemaWith({ rule: 'true', messageExpression: '1' })), [
    `messageExpression: ${shown('true', '1')}: messageExpression must evaluate to a string`,
  ])
})

test('oldSelf where it can and cannot be', () => {
  const uncorrelatable = 'oldSelf cannot be used on the uncorrelatable portion of the schema within above'
  assert.deepEqual(check(schemaWith({ rule: 'self == oldSelf' }), 'above'), [`rule: Invalid value: "self == oldSelf": ${uncorrelatable}`])
  assert.deepEqual(check(schemaWith({ rule: 'true', optionalOldSelf: true })), [
    'optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
  ])
})

test('rules that may cost too much, alone and together', () => {
  const total = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x'
  const contributed = 'rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  assert.deepEqual(check(schemaWith({ rule: cubic })), [
    `rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
    contributed,
    `schema: Forbidden: ${total} ${advice}`,
  ])
  assert.deepEqual(check(schemaWith({ rule: cubic }), undefined, true), [contributed, `schema: Forbidden: ${total} ${advice}`])
  const bounded = { words: { ...words, maxItems: 20, items: { type: 'string', maxLength: 10 } } }
  assert.deepEqual(check(schemaWith({ rule: cubic }, bounded)), [])
})

test('rules below lists count once per item', () => {
  const items: Structural = { type: 'string', maxLength: 100, 'x-kubernetes-validations': [{ rule: "self.matches('a.*b')" }] }
  const cost = (maxItems: number | undefined) => {
    const list: Structural = { type: 'array', ...(maxItems === undefined ? {} : { maxItems }), items }
    const rules = SchemaRules.root({ type: 'object', properties: { list } }, { suppressPerExpressionCost: false })
    return rules
      .property(list, 'list')
      .items(items)
      .check(items, 'at', undefined)
      .map(({ message }) => message)
  }
  assert.deepEqual(cost(1000), [])
  assert.deepEqual(cost(200_000), [])
  assert.deepEqual(cost(300_000), [`Forbidden: estimated rule cost exceeds budget by factor of 1.260000x ${advice}`])
  assert.deepEqual(cost(500_000), [`Forbidden: estimated rule cost exceeds budget by factor of 2.1x ${advice}`])
  assert.deepEqual(cost(undefined), [`Forbidden: estimated rule cost exceeds budget by factor of 4.4x ${advice}`])
})
