// Whatever the text, the readers and engines of the API answer a value or their own error, and what they read means what was written.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ConfigMaps } from './core/config-map.ts'
import { Pods } from './core/pod.ts'
import { decodeBody } from './decode.ts'
import { compileJsonPath } from './json-path/find.ts'
import { JsonPathError } from './json-path/parse.ts'
import { JsonSyntaxError, parseJson } from './json-scan.ts'
import { formatFieldSelector, parseFieldSelector } from './meta/field-selector.ts'
import { formatSelector, matches, parseSelector } from './meta/label-selector.ts'
import { addQuantities, canonicalQuantity, compareQuantities, parseQuantity, QuantityError } from './meta/quantity.ts'
import { ApiError } from './meta/status.ts'
import { sameJson } from './own.ts'
import { applyPatch, type PatchType, parsePatch } from './patch/patch.ts'
import { compileCustom } from './structural/compile.ts'
import type { Structural } from './structural/schema.ts'
import { validateValue } from './structural/validate.ts'
import { schemaOfTree } from './tree.ts'

const runs = { numRuns: 1500 }
type Plain = Record<string, unknown>

/** The value, or undefined where it was refused with one of these errors; any other error fails the test. */
function orRefused<T>(run: () => T, ...errors: readonly (new (...args: never[]) => Error)[]): T | undefined {
  try {
    return run()
  } catch (error) {
    assert.ok(
      errors.some((known) => error instanceof known),
      String((error as Error).stack),
    )
    return undefined
  }
}

/** Texts of these pieces: more often nearly right than random characters are. */
const textOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join(''))

const keys = ['metadata', 'spec', 'containers', 'name', 'data', 'labels', '$patch', '$retainKeys', '__proto__', 'constructor', 'length']
const { value: anyValue } = fc.letrec<{ value: unknown; list: unknown[]; object: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, 0, -1, 1.5, 1e21, true, '', 'x', 'delete', 'replace', 'merge'),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom(...keys, '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers'), tie('value'), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}))

describe('texts', () => {
  test('the reader of JSON takes what JSON.parse takes, and nothing else', () => {
    const text = fc.oneof(
      fc.json(),
      textOf('{', '}', '[', ']', ',', ':', '"', '"a"', '1', '-0', '1e5', '9007199254740993', 'true', 'null', ' ', '\\u0000', '__proto__'),
    )
    fc.assert(
      fc.property(text, (text) => {
        const read = orRefused(() => parseJson(text), JsonSyntaxError)
        const wanted = orRefused(() => ({ value: JSON.parse(text) as unknown }), SyntaxError)
        assert.equal(read !== undefined, wanted !== undefined)
        // numbers that a double would change keep their text, which says the same
        if (read && wanted) assert.ok(sameJson(JSON.parse(JSON.stringify(read.value) ?? 'null'), wanted.value ?? null), text)
      }),
      runs,
    )
  })

  test('label selectors', () => {
    const text = textOf('a', 'b.c/d', '=', '==', '!=', '!', ' in ', ' notin ', '(', ')', ',', '>', '<', '5', ' ', '__proto__')
    const labels = fc.dictionary(fc.constantFrom('a', 'b.c/d', '5', '__proto__'), fc.constantFrom('', 'a', '5'), { noNullPrototype: true })
    fc.assert(
      fc.property(text, labels, (text, labels) => {
        const selector = orRefused(() => parseSelector(text), ApiError)
        if (selector) assert.equal(matches(parseSelector(formatSelector(selector)), labels), matches(selector, labels), text)
      }),
      runs,
    )
  })

  test('field selectors', () => {
    fc.assert(
      fc.property(textOf('metadata.name', '=', '==', '!=', ',', '\\', '\\=', '\\,', '\\\\', 'a'), (text) => {
        const found = orRefused(() => parseFieldSelector(text), ApiError)
        if (found) assert.deepEqual(parseFieldSelector(formatFieldSelector(found)).map(String), found.map(String))
      }),
      runs,
    )
  })

  test('quantities have one canonical text, which says the same, and add up', () => {
    // Upstream has no suffix for thousands of E and leaves it out: without E, then.
    const text = fc.oneof(
      textOf('1', '0', '.', '-', '+', 'm', 'k', 'Ki', 'Gi', 'e', 'n', '999').filter((each) => !each.includes('E')),
      fc.tuple(fc.integer(), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3')).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [a, b] = [left, right].map((each) => orRefused(() => parseQuantity(each), QuantityError))
        if (!a) return
        const canonical = canonicalQuantity(left)
        assert.equal(canonicalQuantity(canonical), canonical)
        assert.equal(compareQuantities(canonical, left), 0)
        if (b) assert.equal(addQuantities(a, b).nano, addQuantities(b, a).nano)
      }),
      runs,
    )
  })
})

test('a path that multiplies values ends', () => {
  let chain: unknown = 1
  for (let i = 0; i < 200; i++) chain = { a: chain }
  assert.equal(compileJsonPath('..a')(chain).length, 200)
  assert.throws(() => compileJsonPath('..a..a..a..a')(chain), JsonPathError)
})

describe('bodies', () => {
  const schema: Structural = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          containers: { type: 'array', items: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } },
          data: { type: 'object', additionalProperties: { type: 'integer' } },
          labels: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          length: { 'x-kubernetes-int-or-string': true },
        },
      },
    },
  }
  const Tab = {
    group: 'example.com',
    version: 'v1',
    kind: 'Tab',
    schema: schemaOfTree<Plain>(compileCustom('com.example.v1.Tab', 'Tab', schema)),
  }
  const clean = Object.getOwnPropertyNames(Object.prototype).length

  test('any value is decoded or refused, as a pod and as a custom resource', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, (metadata, spec, rest) => {
        const more = typeof rest === 'object' && rest !== null && !Array.isArray(rest) ? rest : {}
        const text = (apiVersion: string, kind: string): string => JSON.stringify({ ...more, apiVersion, kind, metadata, spec })
        orRefused(() => decodeBody(text('v1', 'Pod'), Pods), ApiError)
        const custom = orRefused(() => decodeBody(text('example.com/v1', 'Tab'), Tab), ApiError)
        if (custom) validateValue(custom.object, schema)
        assert.equal(Object.getOwnPropertyNames(Object.prototype).length, clean)
      }),
      runs,
    )
  })

  test('any patch is applied or refused, and changes nothing but its copy', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', finalizers: ['a/b'] },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const before = JSON.stringify(pod)
    const pointer = fc
      .array(fc.constantFrom(...keys, '0', '1', '-', '', '~', '~01'), { maxLength: 4 })
      .map((p) => p.map((e) => `/${e}`).join(''))
    const operation = fc.record(
      { op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'), path: pointer, from: pointer, value: anyValue },
      { requiredKeys: ['op'] },
    )
    const shot = fc.oneof(
      fc.tuple(fc.constant<PatchType>('json'), fc.array(operation, { maxLength: 5 })),
      fc.tuple(fc.constantFrom<PatchType>('merge', 'strategic', 'json'), anyValue),
    )
    fc.assert(
      fc.property(shot, fc.constantFrom('Strict', 'Warn', 'Ignore'), ([type, body], validation) => {
        orRefused(() => applyPatch(pod, parsePatch(type, JSON.stringify(body), validation), Pods, validation), ApiError)
        assert.equal(JSON.stringify(pod), before)
        assert.equal(Object.getOwnPropertyNames(Object.prototype).length, clean)
      }),
      runs,
    )
  })

  test('a strategic merge of plain maps is the merge of RFC 7386', () => {
    const data = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.option(fc.constantFrom('1', '2')), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(data, data, (stored, changes) => {
        const given = Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== null))
        const current = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: given }
        const wanted = new Map(Object.entries(given))
        for (const [key, value] of Object.entries(changes)) {
          if (value === null) wanted.delete(key)
          else wanted.set(key, value)
        }
        for (const type of ['merge', 'strategic'] as const) {
          const { object } = applyPatch(current, parsePatch(type, JSON.stringify({ data: changes }), 'Strict'), ConfigMaps, 'Strict')
          assert.deepEqual(new Map(Object.entries(object.data ?? {}).sort()), new Map([...wanted].sort()))
        }
      }),
      runs,
    )
  })
})
