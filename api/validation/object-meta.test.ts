import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldError } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'

const lines = (errors: readonly FieldError[]): string[] => errors.map((e) => `${e.field}: ${e.message}`)
const created = (meta: ObjectMeta, namespaced = true): string[] => lines(validateObjectMeta(meta, { namespaced }))

test('good metadata passes', () => {
  assert.deepEqual(
    created({ name: 'a', namespace: 'n', labels: { 'a.b/c': 'd' }, annotations: { 'A/B': 'any text' }, finalizers: ['a.b/c'] }),
    [],
  )
  assert.deepEqual(created({ name: 'a' }, false), [])
})

test('names and namespaces are checked first', () => {
  assert.deepEqual(created({}), ['metadata.name: Required value: name or generateName is required', 'metadata.namespace: Required value'])
  assert.deepEqual(created({ name: 'a', namespace: 'n' }, false), ['metadata.namespace: Forbidden: not allowed on this type'])
  assert.match(created({ name: 'A', namespace: 'n' })[0] ?? '', /^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain/)
  assert.deepEqual(created({ generateName: 'a-', name: 'a-x', namespace: 'n' }), [])
  assert.match(created({ generateName: 'a.-', name: 'a.-x', namespace: 'n' })[0] ?? '', /^metadata.name/)
})

test('owner references name their owner, and one controller', () => {
  const ref = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' }
  const at = 'metadata.ownerReferences'
  assert.deepEqual(created({ name: 'a', namespace: 'n', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] }), [
    `${at}.apiVersion: Invalid value: "": version must not be empty`,
    `${at}.kind: Invalid value: "": must not be empty`,
    `${at}.name: Invalid value: "": must not be empty`,
    `${at}.uid: Invalid value: "": must not be empty`,
  ])
  const two = created({
    name: 'a',
    namespace: 'n',
    ownerReferences: [
      { ...ref, controller: true },
      { ...ref, name: 'b', controller: true },
    ],
  })
  assert.match(two[0] ?? '', /Only one reference can have Controller set to true. Found "true" in references for Pod\/a and Pod\/b$/)
  assert.match(created({ name: 'a', namespace: 'n', ownerReferences: [{ ...ref, kind: 'Event' }] })[0] ?? '', /Kind=Event is disallowed/)
})

test('annotations are bounded as a whole', () => {
  assert.deepEqual(created({ name: 'a', namespace: 'n', annotations: { a: 'x'.repeat(256 * 1024) } }), [
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ])
})

test('conflicting finalizers and odd managers are refused', () => {
  assert.deepEqual(created({ name: 'a', namespace: 'n', finalizers: ['orphan', 'foregroundDeletion'] }), [
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  ])
  assert.deepEqual(created({ name: 'a', namespace: 'n', managedFields: [{ operation: 'Update', manager: 'a\tb' }] }), [
    'metadata.managedFields[0].manager: Invalid value: "a\\tb": invalid character U+0009 (at position 1)',
  ])
})

test('server-owned fields cannot be changed', () => {
  const prev: ObjectMeta = {
    name: 'a',
    namespace: 'n',
    uid: 'u',
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: '2024-01-01T00:00:00Z',
  }
  assert.deepEqual(validateObjectMetaUpdate(prev, prev), [])
  const { uid: _, resourceVersion: __, ...rest } = prev
  assert.deepEqual(lines(validateObjectMetaUpdate({ ...rest, generation: 1, deletionTimestamp: '2024-01-01T00:00:00Z' }, prev)), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    'metadata.generation: Invalid value: 1: must not be decremented',
    'metadata.uid: Invalid value: "": field is immutable',
    'metadata.deletionTimestamp: Invalid value: "2024-01-01T00:00:00Z": field is immutable',
  ])
})

test('an object on its way out takes no new finalizers', () => {
  const prev: ObjectMeta = { name: 'a', uid: 'u', resourceVersion: '1', deletionTimestamp: '2024-01-01T00:00:00Z', finalizers: ['x/a'] }
  assert.deepEqual(lines(validateObjectMetaUpdate({ ...prev, finalizers: ['x/b', 'x/a'] }, prev)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/b"}',
  ])
})

test('selectors are checked as objects', () => {
  const found = validateLabelSelector(
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
        { key: '-', operator: 'Like', values: ['?'] },
      ],
    },
    'spec.selector',
  )
  assert.deepEqual(lines(found).slice(0, 3), [
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    'spec.selector.matchExpressions[2].operator: Invalid value: "Like": not a valid selector operator',
  ])
  assert.deepEqual(
    found.slice(3).map((e) => e.field),
    ['spec.selector.matchExpressions[2].key', 'spec.selector.matchExpressions[2].values[0]'],
  )
})
