/** What both servers publish of the same custom resources, in OpenAPI v2 and v3 and in discovery; descriptions are each server's own words. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isPlain, type Plain } from '#api/own.ts'
import { customGroup, definition, type Pair, serveCustom, skipWithoutOracle as skip, startPair } from './pair.ts'

const schemas: Readonly<Record<string, object>> = {
  waldos: {
    type: 'object',
    description: 'Foo CRD for Testing',
    properties: {
      spec: {
        type: 'object',
        properties: {
          bars: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name'],
              properties: {
                name: { type: 'string' },
                feature: { type: 'string', enum: ['a', 'b'] },
                bazs: { type: 'array', items: { type: 'string' } },
              },
            },
          },
        },
      },
      status: {
        type: 'object',
        properties: { bars: { type: 'array', items: { type: 'object', properties: { available: { type: 'boolean' } } } } },
      },
    },
  },
  roots: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  nests: {
    type: 'object',
    properties: {
      spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { dummy: { type: 'string' } } },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
  corners: {
    type: 'object',
    properties: {
      inner: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-embedded-resource': true },
      either: { 'x-kubernetes-int-or-string': true },
      nothing: { type: 'string', nullable: true, default: 'x' },
      number: { type: 'number', minimum: 1, maximum: 10, exclusiveMaximum: true, multipleOf: 0.5 },
      date: { type: 'string', format: 'date-time' },
      pattern: { type: 'string', pattern: '^a+$', minLength: 1, maxLength: 3 },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
        minItems: 1,
      },
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      atom: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'integer', format: 'int32' } },
      any: { type: 'object', additionalProperties: true },
      oneOf: { type: 'string', oneOf: [{ pattern: 'a' }, { minLength: 2 }] },
      oneOfKeys: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
        not: { required: ['c'] },
      },
      rule: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1', message: 'm' }] },
    },
  },
  names: {
    type: 'object',
    properties: { metadata: { type: 'object', properties: { name: { type: 'string', pattern: '^a' } } }, spec: { type: 'object' } },
  },
}

const subresources = { subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } } }
const made = Object.entries(schemas).map(([plural, schema]) => definition(plural, schema, plural === 'waldos' ? subresources : {}))
const prefix = 'com.example.oracle.v1.'

/** Without descriptions and what hangs on them: the names of version 2's parameters are hashes of all they hold. */
function shape(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => shape(item, key))
  if (typeof value === 'string') return key === '$ref' ? value.replace(/^(#\/parameters\/\w+)-.*$/, '$1') : value
  if (!isPlain(value)) return value
  const entries = Object.entries(value).filter(([name, item]) => name !== 'description' || typeof item !== 'string')
  return Object.fromEntries(entries.map(([name, item]): [string, unknown] => [name, shape(item, name)]))
}

const withPrefix = (all: unknown, start: string): Plain =>
  Object.fromEntries(Object.entries(all as Plain).filter(([name]) => name.startsWith(start)))

const definitionsIn = (body: unknown): Plain => withPrefix((body as Plain)['definitions'], prefix)

describe('published custom resources beside upstream', { skip }, () => {
  let pair: Pair
  let served: AsyncDisposable
  before(async () => {
    pair = await startPair('published')
    served = await serveCustom(pair, made)
  })
  after(async () => {
    await served[Symbol.asyncDispose]()
    await pair[Symbol.asyncDispose]()
  })

  test('OpenAPI v2', async () => {
    const count = made.length * 2
    const replies = await pair.until(
      { method: 'GET', path: '/openapi/v2' },
      ({ body }) => Object.keys(definitionsIn(body)).length === count,
    )
    const [ours, theirs] = replies.map(({ body }) => ({
      definitions: shape(definitionsIn(body)),
      paths: shape(withPrefix((body as Plain)['paths'], `/apis/${customGroup}/`)),
    }))
    assert.deepEqual(ours, theirs)
  })

  test('OpenAPI v3', async () => {
    const path = `/openapi/v3/apis/${customGroup}/v1`
    const schemasIn = (body: unknown): Plain => ((body as Plain)['components'] as Plain | undefined)?.['schemas'] as Plain
    const replies = await pair.until({ method: 'GET', path }, ({ body }) => {
      const found = schemasIn(body)
      return (
        found !== undefined &&
        made.every((one) => Object.hasOwn(found, `${prefix}${(one as { spec: { names: { kind: string } } }).spec.names.kind}`))
      )
    })
    const [ours, theirs] = replies.map(({ body }) => {
      const { [`io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions`]: _options, ...schemas } = schemasIn(body)
      // the groups in which upstream's server of custom resources registers the options
      return { paths: shape((body as Plain)['paths']), schemas: shape(schemas) }
    })
    assert.deepEqual(ours, theirs)
  })

  test('discovery', async () => {
    const [ours, theirs] = await pair.ask({ method: 'GET', path: `/apis/${customGroup}/v1` })
    // upstream's order is that of one of Go's maps
    const sorted = (body: unknown): unknown =>
      [...((body as Plain)['resources'] as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1))
    assert.deepEqual(sorted(ours.body), sorted(theirs.body))
    await pair.same({ method: 'GET', path: `/apis/${customGroup}` })
  })
})
