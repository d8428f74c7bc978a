// Custom resources held to rules: golden texts were taken from upstream's server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Correlated } from '#api/structural/correlate.ts'
import type { Structural } from '#api/structural/schema.ts'
import { ruleValidator } from './rule-validator.ts'

type Rule = NonNullable<Structural['x-kubernetes-validations']>[number]

const spec = (rules: Rule[], properties: Record<string, Structural> = {}): Structural => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      'x-kubernetes-validations': rules,
      properties: {
        count: { type: 'integer' },
        words: { type: 'array', items: { type: 'string' } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        ...properties,
      },
    },
  },
})

function validate(schema: Structural, value: unknown, oldValue?: unknown, budget?: number) {
  const correlated = oldValue === undefined ? undefined : new Correlated(value, oldValue, schema)
  const { errors, warnings } = ruleValidator(schema)?.validate({ value, oldValue, correlated }, budget) ?? { errors: [], warnings: [] }
  return { errors: errors.map(({ field, reason, message }) => `${field}: ${reason}: ${message}`), warnings }
}
const errorsOf = (...args: Parameters<typeof validate>): string[] => validate(...args).errors

const object = (spec: unknown) => ({ apiVersion: 'g/v1', kind: 'K', metadata: { name: 'a' }, spec })

test('no rules, no validator', () => {
  assert.equal(ruleValidator(spec([])), undefined)
})

test('what is said, and where', () => {
  const rule = 'self.count < 0'
  const cases: [Rule, string][] = [
    [{ rule }, 'spec: FieldValueInvalid: Invalid value: failed rule: self.count < 0'],
    [{ rule, message: ' too many ' }, 'spec: FieldValueInvalid: Invalid value: too many'],
    [{ rule, messageExpression: "'is ' + string(self.count)", message: 'x' }, 'spec: FieldValueInvalid: Invalid value: is 4'],
    [{ rule, messageExpression: "self.labels['no']", message: 'spare' }, 'spec: FieldValueInvalid: Invalid value: spare'],
    [{ rule, messageExpression: "'a\\nb'" }, 'spec: FieldValueInvalid: Invalid value: failed rule: self.count < 0'],
    [
      { rule, reason: 'FieldValueForbidden', fieldPath: '.count' },
      'spec.count: FieldValueForbidden: Forbidden: failed rule: self.count < 0',
    ],
    [
      { rule, reason: 'FieldValueRequired', fieldPath: ".labels['a.b']" },
      'spec.labels[a.b]: FieldValueRequired: Required value: failed rule: self.count < 0',
    ],
    [{ rule, reason: 'FieldValueDuplicate' }, 'spec: FieldValueDuplicate: Duplicate value'],
  ]
  for (const [given, want] of cases) assert.deepEqual(errorsOf(spec([given]), object({ count: 4 })), [want])
})

test('rules that fail', () => {
  const failed = (rule: string) => errorsOf(spec([{ rule }]), object({ count: 4, words: ['a'] }))
  assert.deepEqual(failed("self.labels['x'] == 'y'"), [
    `spec: FieldValueInvalid: Invalid value: "object": no such key: labels evaluating rule: self.labels['x'] == 'y'`,
  ])
  assert.deepEqual(failed('1 / (self.count - 4) == 1'), [
    'spec: FieldValueInvalid: Invalid value: "object": division by zero evaluating rule: 1 / (self.count - 4) == 1',
  ])
  const overload = 'call arguments did not match a supported operator, function or macro signature for rule'
  assert.deepEqual(failed("dyn(self.count) < 'x'"), [
    `spec: FieldValueInvalid: Invalid value: "object": 'no such overload': ${overload}: dyn(self.count) < 'x'`,
  ])
})

test('scalars are shown', () => {
  const schema = spec([], { name: { type: 'string', 'x-kubernetes-validations': [{ rule: "self == 'b'" }] } })
  assert.deepEqual(errorsOf(schema, object({ name: 'a' })), [`spec.name: FieldValueInvalid: Invalid value: "a": failed rule: self == 'b'`])
})

test('lists, maps, and old values', () => {
  const named: Structural = {
    type: 'object',
    properties: { key: { type: 'string' }, n: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: 'self.n >= oldSelf.n' }],
  }
  const schema = spec([], {
    parts: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'], items: named },
    byName: { type: 'object', additionalProperties: named },
  })
  const value = (n: number) =>
    object({
      parts: [
        { key: 'x', n: 9 },
        { key: 'a', n },
      ],
      byName: { a: { key: 'a', n } },
    })
  const before = object({ parts: [{ key: 'a', n: 5 }], byName: { a: { key: 'a', n: 5 } } })
  assert.deepEqual(errorsOf(schema, value(6), before), [])
  assert.deepEqual(errorsOf(schema, value(1)), [])
  assert.deepEqual(errorsOf(schema, value(1), before), [
    'spec.parts[1]: FieldValueInvalid: Invalid value: failed rule: self.n >= oldSelf.n',
    'spec.byName[a]: FieldValueInvalid: Invalid value: failed rule: self.n >= oldSelf.n',
  ])
})

test('an optional oldSelf is there on create too', () => {
  const schema = spec([{ rule: 'oldSelf.hasValue() && oldSelf.value().count <= self.count', optionalOldSelf: true, message: 'no' }])
  assert.deepEqual(errorsOf(schema, object({ count: 1 })), ['spec: FieldValueInvalid: Invalid value: no'])
  assert.deepEqual(errorsOf(schema, object({ count: 1 }), object({ count: 1 })), [])
})

test('what did not change only warns', () => {
  const schema = spec([{ rule: 'self.count < 3', message: 'too many' }])
  const text = 'Invalid value: too many'
  assert.deepEqual(validate(schema, object({ count: 4 }), object({ count: 4 })), { errors: [], warnings: [`spec: ${text}`] })
  assert.deepEqual(validate(schema, object({ count: 5 }), object({ count: 4 })), {
    errors: [`spec: FieldValueInvalid: ${text}`],
    warnings: [],
  })
})

test('allOf holds rules as well', () => {
  const schema = spec([], { name: { type: 'string', allOf: [{ 'x-kubernetes-validations': [{ rule: "self != 'a'" }] }] } })
  assert.deepEqual(errorsOf(schema, object({ name: 'a' })), [`spec.name: FieldValueInvalid: Invalid value: "a": failed rule: self != 'a'`])
})

test('the budget of a call and of a request', () => {
  const costly = 'lists.range(300).all(i, lists.range(300).all(j, lists.range(9).all(k, i + j + k >= 0)))'
  const over =
    "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule"
  assert.deepEqual(errorsOf(spec([{ rule: costly }, { rule: 'false' }]), object({})), [
    `spec: FieldValueInvalid: Invalid value: "object": ${over}: ${costly}`,
  ])
  const spent = 'validation failed due to running out of cost budget, no further validation rules will be run'
  assert.deepEqual(errorsOf(spec([{ rule: 'has(self.count)' }, { rule: 'self.count == 1' }]), object({ count: 1 }), undefined, 3), [
    `spec: FieldValueInvalid: Invalid value: "object": ${spent}`,
  ])
})
