import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { canonical } from '#api/canonical.ts'
import { ConfigMaps } from '#api/core/config-map.ts'
import { decodeMessage } from '#api/decode.ts'
import { ApiError } from '#api/meta/status.ts'
import { apiVersionOf, type Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { applyTypeOf, zeroObject } from './apply-type.ts'
import { capUpdaters, entriesOf, isReset, type Owner, type Ownership, ownershipOf, readOwnership, sameButTimes } from './entries.ts'
import { emptySet, setOf } from './field-set.ts'
import { lastAppliedAnnotation } from './last-applied.ts'
import { resetFilter } from './reset-fields.ts'
import { fieldsFromScale, fieldsOfScale, pathOfFields } from './scale-fields.ts'
import { type ApplyRequest, serverSideApply } from './server-side-apply.ts'
import { trackUpdate, type Versions } from './track.ts'

type Plain = Record<string, unknown>
const resource = ConfigMaps as unknown as Resource

const versionsOf = (of: Resource, subresource = ''): Versions => ({
  apiVersion: apiVersionOf(of),
  type: applyTypeOf(of),
  typeAt: (version) => (version === apiVersionOf(of) ? applyTypeOf(of) : undefined),
  convert: (object, version) => (version === apiVersionOf(of) ? object : undefined),
  filter: resetFilter(of, subresource),
})

const request = (manager: string, more: Partial<ApplyRequest> = {}): ApplyRequest => ({
  kind: 'ConfigMap',
  manager,
  subresource: '',
  force: false,
  now: '2026-01-01T00:00:00Z',
  versions: versionsOf(resource),
  zero: zeroObject(resource),
  ...more,
})
const configMap = (more: Plain, metadata: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...metadata },
  ...more,
})

/** Applies to what stands there and returns the object with its managed fields. */
function apply(live: Plain | undefined, config: Plain, by: ApplyRequest): Plain {
  const { object, managedFields } = serverSideApply(live, config, by)
  const decoded = canonical<unknown>(decodeMessage(structuredClone(object), resource.schema).object, resource.schema) as Plain
  return { ...decoded, metadata: { ...(decoded['metadata'] as Plain), ...(managedFields && { managedFields }) } }
}

function update(live: Plain, change: Plain, manager: string, time = '2026-01-01T00:00:00Z'): Plain {
  const { managedFields, ...metadata } = live['metadata'] as Plain & { managedFields?: never }
  const [bare, next] = [
    { ...live, metadata },
    { ...live, ...change, metadata: { ...metadata, ...(change['metadata'] as Plain) } },
  ]
  const owner: Owner = { manager, operation: 'Update', apiVersion: 'v1', subresource: '' }
  const ownership = trackUpdate(ownershipOf(managedFields), { live: bare, next, owner, now: time, versions: versionsOf(resource) })
  return { ...next, metadata: { ...next.metadata, managedFields: entriesOf(ownership) } }
}

/** `manager operation: fields`, one line for each. */
const owners = (object: Plain): string[] =>
  ((object['metadata'] as { managedFields?: { manager?: string; operation?: string; fieldsV1?: unknown }[] }).managedFields ?? []).map(
    ({ manager, operation, fieldsV1 }) => `${manager} ${operation}: ${JSON.stringify(fieldsV1)}`,
  )

const refused = (call: () => unknown): { code: number; message: string; fields: (string | undefined)[] } => {
  try {
    call()
  } catch (error) {
    if (error instanceof ApiError)
      return { code: error.code, message: error.message, fields: (error.details?.causes ?? []).map(({ field }) => field) }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('apply', () => {
  const first = apply(undefined, configMap({ data: { k: '1', l: '1' } }, { labels: { a: 'b' } }), request('a'))
  test('makes an object and owns what it names', () => {
    assert.deepEqual(first['data'], { k: '1', l: '1' })
    assert.deepEqual(owners(first), ['a Apply: {"f:data":{"f:k":{},"f:l":{}},"f:metadata":{"f:labels":{"f:a":{}}}}'])
  })
  test('again changes nothing, not even the time', () => {
    const again = apply(
      first,
      configMap({ data: { k: '1', l: '1' } }, { labels: { a: 'b' } }),
      request('a', { now: '2027-01-01T00:00:00Z' }),
    )
    assert.deepEqual(again, first)
  })
  test('takes out what it names no more', () => {
    const next = apply(first, configMap({ data: { k: '2' } }), request('a'))
    assert.deepEqual([next['data'], (next['metadata'] as Plain)['labels']], [{ k: '2' }, undefined])
    assert.deepEqual(owners(next), ['a Apply: {"f:data":{"f:k":{}}}'])
  })
  test('of the same value shares it, and then it stays until the last gives it up', () => {
    const shared = apply(first, configMap({ data: { k: '1' } }), request('b'))
    assert.equal(owners(shared)[0], 'b Apply: {"f:data":{"f:k":{}}}')
    const left = apply(shared, configMap({}), request('a'))
    assert.deepEqual([left['data'], owners(left)], [{ k: '1' }, ['b Apply: {"f:data":{"f:k":{}}}']])
    assert.equal(apply(left, configMap({}), request('b'))['data'], undefined)
  })
  test('of another value is a conflict', () => {
    assert.deepEqual(
      refused(() => apply(first, configMap({ data: { k: '2' } }), request('b'))),
      {
        code: 409,
        message: 'Apply failed with 1 conflict: conflict with "a": .data.k',
        fields: ['.data.k'],
      },
    )
    const updated = update(first, { data: { k: '1', l: '3' } }, 'u')
    assert.deepEqual(
      refused(() => apply(updated, configMap({ data: { k: '2', l: '2' } }), request('b'))),
      {
        code: 409,
        message: 'Apply failed with 2 conflicts: conflicts with "a":\n- .data.k\nconflicts with "u" using v1:\n- .data.l',
        fields: ['.data.k', '.data.l'],
      },
    )
  })
  test('with force takes it over', () => {
    const next = apply(first, configMap({ data: { k: '2' } }), request('b', { force: true }))
    assert.deepEqual(next['data'], { k: '2', l: '1' })
    assert.deepEqual(owners(next), [
      'a Apply: {"f:data":{"f:l":{}},"f:metadata":{"f:labels":{"f:a":{}}}}',
      'b Apply: {"f:data":{"f:k":{}}}',
    ])
  })
  test('what was there before belongs to somebody', () => {
    const bare = configMap({ data: { k: '1' } })
    const next = apply(bare, configMap({ data: { l: '1' } }), request('a'))
    assert.deepEqual(owners(next), ['a Apply: {"f:data":{"f:l":{}}}', 'before-first-apply Update: {"f:data":{".":{},"f:k":{}}}'])
    assert.equal(refused(() => apply(bare, configMap({ data: { k: '2' } }), request('a'))).fields[0], '.data.k')
  })
  test('of kubectl takes over what client-side apply set', () => {
    const config = configMap({ data: { k: '1' } })
    const metadata = { annotations: { [lastAppliedAnnotation]: JSON.stringify(config) } }
    const live = update(configMap({}), { data: { k: '1', z: '1' }, metadata }, 'kubectl-client-side-apply')
    const managed = {
      ...live,
      metadata: {
        ...(live['metadata'] as Plain),
        managedFields: entriesOf(ownershipOf([entryOf('kubectl-client-side-apply', { 'f:data': { 'f:k': {}, 'f:z': {} } })])),
      },
    }
    const next = apply(managed, configMap({ data: { k: '2' } }), request('kubectl'))
    assert.deepEqual(next['data'], { k: '2', z: '1' })
    const annotations = (next['metadata'] as { annotations: Record<string, string> }).annotations
    assert.equal(annotations[lastAppliedAnnotation], '{"apiVersion":"v1","data":{"k":"2"},"kind":"ConfigMap","metadata":{"name":"x"}}\n')
    assert.equal(refused(() => apply(managed, configMap({ data: { z: '2' } }), request('kubectl'))).fields[0], '.data.z')
    assert.equal(refused(() => apply(managed, configMap({ data: { k: '2' } }), request('other'))).code, 409)
  })
  test('configurations that are none', () => {
    const table: readonly [Plain, number, string][] = [
      [{}, 400, 'invalid object type: /, Kind='],
      [{ ...configMap({}), kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
      [configMap({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
      [
        configMap({ foo: 1 }, { namespace: 'n' }),
        500,
        'failed to create typed patch object (n/x; /v1, Kind=ConfigMap): .foo: field not declared in schema',
      ],
    ]
    for (const [config, code, message] of table) {
      const found = refused(() => apply(first, config, request('a')))
      assert.deepEqual([found.code, found.message], [code, message])
    }
  })
})

const entryOf = (manager: string, fieldsV1: Record<string, unknown>, operation = 'Update'): never =>
  ({ manager, operation, apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1 }) as never

describe('what always holds', () => {
  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'), { minKeys: 1, maxKeys: 4 })
  const step = fc.record({ manager: fc.constantFrom('m', 'n', 'o'), data })
  test('what is applied with force stands there and is owned; doing it again changes nothing', () =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        let live: Plain | undefined
        for (const { manager, data } of steps) {
          const config = configMap({ data })
          const next = apply(live, config, request(manager, { force: true }))
          for (const [key, value] of Object.entries(data)) assert.equal((next['data'] as Plain)[key], value)
          assert.deepEqual(apply(next, config, request(manager)), next)
          // nothing is left that nobody owns: all of it came by apply
          const owned = JSON.stringify(owners(next))
          for (const key of Object.keys((next['data'] ?? {}) as Plain)) assert.ok(owned.includes(`f:${key}`), key)
          live = next
        }
      }),
    ))
})

describe('entries', () => {
  test('more than ten updaters', () => {
    const ownership: Ownership = new Map()
    for (let i = 0; i < 12; i++) {
      const [key, owned] =
        [...ownershipOf([{ ...(entryOf(`m${i}`, { [`f:k${i}`]: {} }) as object), time: `2026-01-01T00:00:${10 + i}Z` } as never])][0] ?? []
      if (key !== undefined && owned !== undefined) ownership.set(key, owned)
    }
    capUpdaters(ownership)
    const left = [...ownership.values()].map(({ manager, time }) => `${manager} ${time}`).sort()
    assert.equal(left.length, 10)
    assert.equal(left[0], 'ancient-changes 2026-01-01T00:00:12Z')
    assert.deepEqual(entriesOf(ownership)?.[0]?.fieldsV1, { 'f:k0': {}, 'f:k1': {}, 'f:k2': {} })
  })
  test('of clients', () => {
    const table: readonly [object, string][] = [
      [{ operation: 'Foo' }, 'operation must be `Apply` or `Update`'],
      [{ operation: 'Apply' }, 'apiVersion must not be empty'],
      [{ operation: 'Apply', apiVersion: 'v1' }, 'missing fieldsType in managed fields entry 0'],
      [{ operation: 'Apply', apiVersion: 'v1', fieldsType: 'X' }, 'invalid fieldsType "X" in managed fields entry 0'],
      [{ operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { q: {} } }, 'key must be 2 characters long:'],
    ]
    for (const [entry, message] of table) assert.throws(() => readOwnership([entry]), { message })
    assert.deepEqual([isReset([]), isReset([{}]), isReset([{ manager: 'a' }]), isReset(undefined)], [true, true, false, false])
  })
  test('that differ by their times', () => {
    const at = (time: string, fields: Record<string, unknown>): never => ({ ...(entryOf('a', fields) as object), time }) as never
    assert.ok(sameButTimes([at('1', { 'f:a': {} })], [at('2', { 'f:a': {} })]))
    assert.ok(!sameButTimes([at('1', { 'f:a': {} })], [at('1', { 'f:b': {} })]))
    assert.ok(!sameButTimes([at('1', {})], []))
  })
})

describe('what an endpoint does not write', () => {
  const all = setOf(['f:spec', 'f:a'], ['f:status', 'f:b'], ['f:metadata', 'f:labels', 'f:c'])
  const table: readonly [string, string, string, string][] = [
    ['apps/v1', 'Deployment', '', '{"f:metadata":{"f:labels":{"f:c":{}}},"f:spec":{"f:a":{}}}'],
    ['apps/v1', 'Deployment', 'status', '{"f:status":{"f:b":{}}}'],
    ['v1', 'Pod', 'status', '{"f:metadata":{"f:labels":{"f:c":{}}},"f:status":{"f:b":{}}}'],
    ['v1', 'Namespace', 'finalize', '{"f:metadata":{"f:labels":{"f:c":{}}},"f:spec":{"f:a":{}}}'],
    ['v1', 'Pod', 'resize', JSON.stringify(all)],
    ['v1', 'ConfigMap', '', JSON.stringify(all)],
  ]
  for (const [apiVersion, kind, subresource, wanted] of table)
    test(`${kind} ${subresource}`, () => {
      const of = kindOf(apiVersion, kind)
      assert.ok(of)
      assert.equal(JSON.stringify(resetFilter(of, subresource).keep(all)), wanted)
    })
})

describe('replicas through scale', () => {
  const paths = (version: string): string[] | undefined => (version === 'apps/v1' ? pathOfFields(['spec', 'replicas']) : undefined)
  const owned = (manager: string, operation: 'Apply' | 'Update', fields: Record<string, unknown>): never =>
    ({ ...(entryOf(manager, fields, operation) as object), apiVersion: 'apps/v1' }) as never
  const both = { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } }
  test('their owners, as the scale has them', () => {
    const found = fieldsOfScale([owned('a', 'Apply', both), owned('b', 'Update', { 'f:spec': { 'f:paused': {} } })], paths)
    assert.deepEqual(
      found?.map(({ manager, apiVersion, fieldsV1 }) => [manager, apiVersion, fieldsV1]),
      [['a', 'autoscaling/v1', { 'f:spec': { 'f:replicas': {} } }]],
    )
  })
  test('a new owner takes them', () => {
    const scale = [
      { ...(entryOf('s', { 'f:spec': { 'f:replicas': {} } }) as object), apiVersion: 'autoscaling/v1', subresource: 'scale' } as never,
    ]
    const found = fieldsFromScale([owned('a', 'Apply', both)], scale, { apiVersion: 'apps/v1', paths })
    assert.deepEqual(
      found?.map(({ manager, subresource, apiVersion, fieldsV1 }) => [manager, subresource, apiVersion, fieldsV1]),
      [
        ['a', undefined, 'apps/v1', { 'f:spec': { 'f:paused': {} } }],
        ['s', 'scale', 'apps/v1', { 'f:spec': { 'f:replicas': {} } }],
      ],
    )
  })
  test('nobody has them', () => assert.equal(fieldsOfScale([owned('a', 'Apply', {})], paths), undefined))
})

test('the zero object of a kind has what Go writes of it', () => {
  const pods = kindOf('v1', 'Pod')
  assert.ok(pods)
  assert.deepEqual(zeroObject(pods), { apiVersion: '', kind: '', metadata: {}, spec: { containers: null }, status: {} })
  assert.equal(emptySet, setOf())
})
