import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageColumn, nameColumn } from './meta/age.ts'
import type { KubeObject } from './resource.ts'
import { tableOf } from './table.ts'

const resource = { columns: [nameColumn, ageColumn] }
const obj = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', creationTimestamp: '2024-01-01T00:00:00Z' },
  data: {},
} as KubeObject
const options = { now: new Date('2024-01-01T00:01:00Z'), include: 'Metadata', metadata: { resourceVersion: '5' } } as const

test('a table has definitions, cells and the object cut down to its metadata', () => {
  const table = tableOf(resource, [obj], options)
  assert.equal(table.apiVersion, 'meta.k8s.io/v1')
  assert.deepEqual(table.metadata, { resourceVersion: '5' })
  assert.deepEqual(
    table.columnDefinitions?.map((c) => [c.name, c.type, c.format, c.priority]),
    [
      ['Name', 'string', 'name', 0],
      ['Age', 'string', '', 0],
    ],
  )
  assert.deepEqual(table.rows, [
    { cells: ['a', '60s'], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: obj.metadata } },
  ])
})

test('rows hold what was asked for', () => {
  assert.equal(tableOf(resource, [obj], { ...options, include: 'None' }).rows[0]?.object, null)
  assert.equal(tableOf(resource, [obj], { ...options, include: 'Object' }).rows[0]?.object, obj)
  assert.equal(tableOf(resource, [obj], { ...options, withoutDefinitions: true }).columnDefinitions, null)
})
