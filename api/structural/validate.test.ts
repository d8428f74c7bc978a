import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Correlated } from './correlate.ts'
import type { Structural } from './schema.ts'
import { validateValue } from './validate.ts'

const shown = (value: unknown, schema: Structural, correlated?: Correlated): string[] =>
  validateValue(value, schema, undefined, correlated).map(({ field, message }) => `${field}: ${message}`)

const inA = (schema: Structural): Structural => ({ type: 'object', properties: { a: schema } })

/** Schema of `a`, its value, what is said. */
const rows: readonly [Structural, unknown, ...string[]][] = [
  [{ type: 'string' }, 5, 'a: Invalid value: "integer": a in body must be of type string: "integer"'],
  [{ type: 'integer' }, 1.5, 'a: Invalid value: "number": a in body must be of type integer: "number"'],
  [{ type: 'integer' }, 2],
  [{ type: 'number' }, 2],
  [{ type: 'string' }, null, 'a: Invalid value: "null": a in body must be of type string: "null"'],
  [{ type: 'string', nullable: true }, null],
  [{ 'x-kubernetes-int-or-string': true }, true, 'a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
  [{ 'x-kubernetes-int-or-string': true }, '5'],
  [{ type: 'string', enum: ['x', 'y'] }, 'z', 'a: Unsupported value: "z": supported values: "x", "y"'],
  [{ type: 'integer', enum: [1, 2] }, 3, 'a: Unsupported value: 3: supported values: "1", "2"'],
  [{ type: 'string', maxLength: 1 }, '😀'],
  [{ type: 'string', maxLength: 1 }, 'ab', 'a: Too long: may not be more than 1 byte'],
  [{ type: 'string', minLength: 2 }, 'a', 'a: Invalid value: "a": a in body should be at least 2 chars long'],
  [{ type: 'string', pattern: '^x' }, 'y', `a: Invalid value: "y": a in body should match '^x'`],
  [{ type: 'string', format: 'date' }, 'x', 'a: Invalid value: "x": a in body must be of type date: "x"'],
  [{ type: 'string', format: 'unheard-of' }, 'x'],
  [{ type: 'number', minimum: 1.5, exclusiveMinimum: true }, 1.5, 'a: Invalid value: 1.5: a in body should be greater than 1.5'],
  [{ type: 'integer', maximum: 1.5 }, 2, 'a: Invalid value: 2: a in body should be less than or equal to 1'],
  [{ type: 'number', multipleOf: 0.1 }, 0.3],
  [{ type: 'number', multipleOf: 0.5 }, 0.7, 'a: Invalid value: 0.7: a in body should be a multiple of 0.5'],
  [{ type: 'array', maxItems: 1, items: { type: 'string' } }, ['x', 'y'], 'a: Too many: 2: must have at most 1 item'],
  [{ type: 'array', items: { type: 'string' } }, [1], 'a[0]: Invalid value: "integer": a[0] in body must be of type string: "integer"'],
  [{ type: 'object', required: ['b'] }, {}, 'a.b: Required value'],
  [{ type: 'object', required: ['constructor'] }, {}, 'a.constructor: Required value'],
  [{ type: 'object', minProperties: 1 }, {}, 'a: Invalid value: 0: a in body should have at least 1 properties'],
  [
    { type: 'object', additionalProperties: { type: 'string' } },
    { k: 1 },
    'a.k: Invalid value: "integer": a.k in body must be of type string: "integer"',
  ],
  [
    { type: 'object', oneOf: [{ required: ['x'] }, { required: ['y'] }] },
    { x: 1, y: 1 },
    '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
  [
    { type: 'object', anyOf: [{ required: ['x'] }, { required: ['y'] }] },
    {},
    '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
    'a.x: Required value',
  ],
  [{ type: 'object', not: { required: ['x'] } }, { x: 1 }, '<nil>: Invalid value: "": "a" must not validate the schema (not)'],
  [
    { type: 'integer', allOf: [{ minimum: 3 }, { maximum: 5 }] },
    7,
    'a: Invalid value: 7: a in body should be less than or equal to 5',
    '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)',
  ],
]

describe('values are held to their schema', () => {
  for (const [schema, value, ...expected] of rows)
    it(`${JSON.stringify(schema)} ${JSON.stringify(value)}`, () => assert.deepEqual(shown({ a: value }, inA(schema)), expected))
})

describe('what did not change is not judged', () => {
  const schema = inA({
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 5 } } },
  })
  const judge = (next: object, prev: object): string[] => shown(next, schema, new Correlated(next, prev, schema))
  const old = { a: [{ k: 'x', v: 9 }] }

  it('items of associative lists are found by their key', () => {
    assert.deepEqual(
      judge(
        {
          a: [
            { k: 'new', v: 1 },
            { k: 'x', v: 9 },
          ],
        },
        old,
      ),
      [],
    )
  })
  it('a changed value is judged, and so is a new one', () => {
    const told = (at: number): string => `a[${at}].v: Invalid value: 8: a[${at}].v in body should be less than or equal to 5`
    assert.deepEqual(judge({ a: [{ k: 'x', v: 8 }] }, old), [told(0)])
    assert.deepEqual(
      judge(
        {
          a: [
            { k: 'x', v: 9 },
            { k: 'y', v: 8 },
          ],
        },
        old,
      ),
      [told(1)],
    )
  })
})
