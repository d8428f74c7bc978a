import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeBody } from '#api/decode.ts'
import type { ApiError } from '#api/meta/status.ts'
import { schemaOfTree } from '#api/tree.ts'
import { compileCustom } from './compile.ts'
import { applyStructuralDefaults, dropNulls } from './defaulting.ts'
import { resolveFieldPath } from './field-path.ts'
import { validateListTypes } from './list-types.ts'
import type { Structural } from './schema.ts'
import { validateStructural } from './structurality.ts'

const schema: Structural = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'string' },
        list: { type: 'array', items: { type: 'object', properties: { b: { type: 'string' } } } },
        map: { type: 'object', additionalProperties: { type: 'object', properties: { c: { type: 'integer' } } } },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'object' } } },
        pod: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
}
const tree = schemaOfTree<Record<string, unknown>>(compileCustom('com.example.v1.Tab', 'Tab', schema))
const expected = { group: 'example.com', version: 'v1', kind: 'Tab', schema: tree }
const body = (spec: string, metadata = '{}'): string => `{"apiVersion":"example.com/v1","kind":"Tab","metadata":${metadata},"spec":${spec}}`

describe('decoding', () => {
  const rows: readonly [string, unknown, ...string[]][] = [
    ['{"a":"x","z":1}', { a: 'x' }, 'unknown field "spec.z"'],
    ['{"list":[{"b":"x","z":1}]}', { list: [{ b: 'x' }] }, 'unknown field "spec.list[0].z"'],
    ['{"map":{"k":{"c":1,"z":1}}}', { map: { k: { c: 1 } } }, 'unknown field "spec.map.k.z"'],
    ['{"any":{"z":{"y":1},"known":{"z":1}}}', { any: { z: { y: 1 }, known: {} } }, 'unknown field "spec.any.known.z"'],
    ['{"a":"x","a":"y"}', { a: 'y' }, 'duplicate field "spec.a"'],
    ['{"a":5,"list":"x"}', { a: 5, list: 'x' }],
    ['{"a":null,"any":{"n":null}}', { any: { n: null } }],
    ['{"any":{"f":1.0,"e":1e3}}', { any: { f: 1, e: 1000 } }],
    [
      '{"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","z":1},"z":1}}',
      { pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, z: 1 } },
      'unknown field "spec.pod.metadata.z"',
    ],
    ['{"__proto__":{"a":1},"constructor":1}', {}, 'unknown field "spec.__proto__"', 'unknown field "spec.constructor"'],
  ]
  for (const [text, spec, ...problems] of rows)
    it(text, () => {
      const decoded = decodeBody(body(text), expected)
      assert.deepEqual(JSON.parse(JSON.stringify(decoded.object['spec'])), spec)
      assert.deepEqual([...decoded.problems].sort(), problems.sort())
    })

  it('keeps numbers that a double would change', () => {
    const { object } = decodeBody(body('{"any":{"n":9007199254740993}}'), expected)
    assert.ok(JSON.stringify(object).includes('"n":9007199254740993'))
  })

  const refused: readonly [string, string][] = [
    [body('{}', '5'), 'Tab in version "v1" cannot be handled as a Tab: json: cannot unmarshal number into Go value of type v1.ObjectMeta'],
    [
      body('{}', '{"labels":{"a":5}}'),
      'Tab in version "v1" cannot be handled as a Tab: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    ['{"apiVersion":"v1","kind":"Tab"}', 'the API version in the data (v1) does not match the expected API version (example.com/v1)'],
    ['{}', "the object provided is unrecognized (must be of type Tab): Object 'Kind' is missing in '{}' ({})"],
  ]
  for (const [text, message] of refused)
    it(message, () =>
      assert.throws(
        () => decodeBody(text, expected),
        (error: ApiError) => error.code === 400 && error.message === message,
      ),
    )
})

describe('defaults', () => {
  const defaulted: Structural = {
    type: 'object',
    properties: {
      a: { type: 'string', default: 'x' },
      n: { type: 'string', nullable: true, default: 'y' },
      o: { type: 'object', default: { l: [1] }, properties: { l: { type: 'array', items: { type: 'integer' } } } },
      m: { type: 'object', additionalProperties: { type: 'object', properties: { d: { type: 'integer', default: 1 } } } },
    },
  }
  const filled = (value: Record<string, unknown>): unknown => {
    dropNulls(value, defaulted)
    applyStructuralDefaults(value, defaulted)
    return value
  }
  it('stand where nothing does', () => assert.deepEqual(filled({ m: { k: {} } }), { a: 'x', n: 'y', o: { l: [1] }, m: { k: { d: 1 } } }))
  it('replace a null that may not be', () => assert.deepEqual(filled({ a: null, n: null, o: {} }), { a: 'x', n: null, o: {} }))
  it('are copies', () => assert.notEqual((filled({}) as { o: object }).o, (filled({}) as { o: object }).o))
})

describe('schemas', () => {
  it('are structural or not', () => {
    const wrong: Structural = { type: 'object', properties: { a: {} }, anyOf: [{ properties: { c: { type: 'string' } } }] }
    assert.deepEqual(
      validateStructural(wrong, 'x').map(({ field, message }) => `${field}: ${message}`),
      [
        'x.anyOf[0].properties[c].type: Forbidden: must be empty to be structural',
        'x.properties[a].type: Required value: must not be empty for specified object fields',
        'x.properties[c]: Required value: because it is defined in x.anyOf[0].properties[c]',
      ],
    )
  })

  it('resolve paths', () => {
    const found = resolveFieldPath(".spec.map['a.b'].c", schema)
    assert.deepEqual(found.ok && [found.path, found.root, found.schema?.type], ['spec.map[a.b].c', 'spec', 'integer'])
    assert.deepEqual(resolveFieldPath('.spec.zz', schema), { ok: false, why: 'does not refer to a valid field' })
    assert.deepEqual(resolveFieldPath('spec', schema), { ok: false, why: 'expected [ or . but got: spec' })
  })

  it('tell the items of sets and associative lists apart', () => {
    const lists: Structural = {
      type: 'object',
      properties: {
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        map: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object' } },
      },
    }
    const found = validateListTypes({ set: ['a', 'b', 'a', 'a'], map: [{ k: 1 }, { k: '1' }, { v: 1 }, { k: 1 }, {}] }, lists)
    assert.deepEqual(
      found.map(({ field, message }) => `${field}: ${message}`),
      ['set[2]: Duplicate value: "a"', 'map[3]: Duplicate value: {"k":1}', 'map[4]: Duplicate value: {}'],
    )
  })
})
