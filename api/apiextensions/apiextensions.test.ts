import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeValue } from '#api/decode.ts'
import { applyDefaults } from '#api/defaulting.ts'
import type { KubeObject } from '#api/resource.ts'
import { compareVersions } from '#api/version-order.ts'
import { ConversionFailure, convertedObjects } from './conversion-review.ts'
import { customKindsOf } from './custom-resource.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import { CustomResourceDefinitions } from './definitions.ts'
import { planStatus } from './status.ts'

function definition(plural: string, more: object = {}): CustomResourceDefinition {
  const given = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind: 'Tab' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      ...more,
    },
  }
  const { object } = decodeValue(given, CustomResourceDefinitions)
  return CustomResourceDefinitions.defaults?.(applyDefaults(object, CustomResourceDefinitions.schema)) ?? object
}

const namesOf = ({ metadata, status }: CustomResourceDefinition) => ({ definition: metadata.name ?? '', names: status.acceptedNames })
const none = { nonStructural: undefined, approval: undefined }
const now = '2024-01-01T00:00:00Z'
const conditions = ({ conditions: list }: CustomResourceDefinition['status']): string[] =>
  (list ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)

describe('the status of a definition', () => {
  it('accepts free names', () => {
    const status = planStatus(definition('tabs'), [], none, now)
    assert.deepEqual(conditions(status), ['NamesAccepted=True NoConflicts', 'Established=True InitialNamesAccepted'])
    assert.deepEqual(JSON.parse(JSON.stringify(status.acceptedNames)), {
      plural: 'tabs',
      singular: 'tab',
      kind: 'Tab',
      listKind: 'TabList',
    })
  })

  it('refuses names that another definition of the group has', () => {
    const first = definition('tabs')
    first.status = planStatus(first, [], none, now)
    const second = definition('others')
    const status = planStatus(second, [first, second].map(namesOf), none, now)
    assert.deepEqual(conditions(status), ['NamesAccepted=False ListKindConflict', 'Established=False NotAccepted'])
    assert.equal(status.conditions[0]?.message, '"TabList" is already in use')
    assert.equal(status.acceptedNames.plural, 'others')
  })

  it('keeps the time of a condition that stays', () => {
    const served = definition('tabs')
    served.status = planStatus(served, [], none, now)
    assert.deepEqual(planStatus(served, [], none, '2030-01-01T00:00:00Z'), served.status)
  })
})

describe('the kinds of a definition', () => {
  const versions = [
    { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string' } } } } },
    {
      name: 'v1beta1',
      served: true,
      storage: false,
      deprecated: true,
      additionalPrinterColumns: [
        { name: 'B', type: 'integer', jsonPath: '.b' },
        { name: 'Since', type: 'date', jsonPath: '.t' },
      ],
      schema: { openAPIV3Schema: { type: 'object', properties: { b: { type: 'string' } } } },
    },
    { name: 'v2', served: false, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
  ]
  const tabs = definition('tabs', { versions })
  tabs.status = planStatus(tabs, [], none, now)
  const kinds = customKindsOf(tabs)

  it('are its served versions', () => {
    assert.deepEqual(
      kinds?.served.map(({ version, deprecation }) => [version, deprecation]),
      [
        ['v1', undefined],
        ['v1beta1', 'example.com/v1beta1 Tab is deprecated; use example.com/v1 Tab'],
      ],
    )
  })

  it('are converted without help, each pruned by its own schema', () => {
    const stored = { apiVersion: 'example.com/v1', kind: 'Tab', metadata: { name: 'x' }, a: 'x' } as KubeObject
    const face = kinds?.served[1]?.storedAs
    assert.deepEqual(face?.fromStored(stored), { apiVersion: 'example.com/v1beta1', kind: 'Tab', metadata: { name: 'x' } })
    assert.ok('a' in stored)
  })

  it('are all converted while objects are stored in several versions', () => {
    const mixed = { ...tabs, status: { ...tabs.status, storedVersions: ['v1beta1', 'v1'] } }
    const { stored, own, served } = customKindsOf(mixed) ?? assert.fail()
    assert.deepEqual(
      [stored.keepsVersions, own.version, served.map((face) => face.storedAs?.resource === stored)],
      [true, 'v1', [true, true]],
    )
    const old = { apiVersion: 'example.com/v1beta1', kind: 'Tab', metadata: { name: 'x' }, b: 'y' } as KubeObject
    assert.deepEqual(served[1]?.storedAs?.fromStored(old), old)
  })

  it('have columns by path', () => {
    const object = { metadata: { name: 'x' }, b: 5.5, t: '2024-01-01T00:00:00Z' } as unknown as KubeObject
    const cells = kinds?.served[1]?.columns.map((column) => column.cell(object, new Date('2024-01-01T00:00:10Z')))
    assert.deepEqual(cells, ['x', 5, '10s'])
    assert.deepEqual(
      kinds?.stored.columns.map(({ name }) => name),
      ['Name', 'Age'],
    )
  })
})

describe('what a webhook converted', () => {
  const object = { apiVersion: 'e/v1', kind: 'T', metadata: { name: 'x', uid: 'u' } } as KubeObject
  const asked = { version: 'v1', uid: '1', desiredAPIVersion: 'e/v2', objects: [object] }
  const answer = (converted: unknown, response: object = {}) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    response: { uid: '1', result: { status: 'Success' }, convertedObjects: [converted], ...response },
  })
  const good = { ...object, apiVersion: 'e/v2', metadata: { name: 'x', uid: 'u', labels: { a: 'b' }, generation: 7 } }

  it('keeps its metadata but for labels and annotations', () => {
    assert.deepEqual(convertedObjects(answer(good), asked), [{ ...good, metadata: { name: 'x', uid: 'u', labels: { a: 'b' } } }])
  })

  const rows: readonly [unknown, string][] = [
    [{}, 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got , Kind='],
    [answer(good, { uid: '2' }), 'failed: expected response.uid="1", got "2"'],
    [answer(good, { result: { message: 'no' } }), 'failed: no'],
    [answer(good, { convertedObjects: [] }), 'returned 0 objects, expected 1'],
    [answer(object), 'returned invalid object at index 0: invalid groupVersion (expected e/v2, received e/v1)'],
    [answer({ ...good, metadata: { name: 'y' } }), 'returned invalid object: must have the same name: x != y'],
    [
      answer({ ...good, metadata: { ...good.metadata, labels: { a: 5 } } }),
      'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
    ],
  ]
  for (const [given, message] of rows)
    it(message, () =>
      assert.throws(
        () => convertedObjects(given, asked),
        (error) => error instanceof ConversionFailure && error.message === message,
      ),
    )
})

it('versions are ordered as upstream orders them', () => {
  const sorted = ['v1alpha1', 'foo', 'v2', 'v1', 'v1beta2', 'v10', 'v1beta1', 'bar'].sort((a, b) => compareVersions(b, a))
  assert.deepEqual(sorted, ['v10', 'v2', 'v1', 'v1beta2', 'v1beta1', 'v1alpha1', 'bar', 'foo'])
})
