import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { ApiError } from '#api/meta/status.ts'
import { deletionFinalizers, fillOnCreate, keepOnUpdate, markDeleting, markGraceful, matchNamespace, timestamp } from './system-metadata.ts'

const now = new Date('2026-11-21T12:00:00.700Z')
const options = (more: object): DeleteOptions => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...more })

describe('metadata that the server owns', () => {
  test('a new object', () => {
    const meta: ObjectMeta = {
      generateName: `${'a'.repeat(70)}-`,
      resourceVersion: '7',
      deletionTimestamp: 'x',
      deletionGracePeriodSeconds: 3,
      selfLink: 'y',
    }
    fillOnCreate(meta, { uid: 'u', now, suffix: 'bcdfg' })
    assert.deepEqual(meta, {
      generateName: `${'a'.repeat(70)}-`,
      uid: 'u',
      creationTimestamp: '2026-11-21T12:00:00Z',
      name: `${'a'.repeat(58)}bcdfg`,
    })
  })
  test('namespaces of request and object', () => {
    const meta: ObjectMeta = {}
    matchNamespace(meta, 'a')
    assert.equal(meta.namespace, 'a')
    assert.throws(
      () => matchNamespace({ namespace: 'b' }, 'a'),
      (e: unknown) => e instanceof ApiError && e.code === 400,
    )
    const cluster: ObjectMeta = { namespace: 'a' }
    matchNamespace(cluster, '')
    assert.equal(cluster.namespace, undefined)
  })
  test('an update keeps uid, birth, deletion and generation', () => {
    const next: ObjectMeta = { generation: 9 }
    keepOnUpdate(next, { uid: 'u', creationTimestamp: 'c', deletionTimestamp: 'd', deletionGracePeriodSeconds: 3, generation: 2 })
    assert.deepEqual(next, { uid: 'u', creationTimestamp: 'c', deletionTimestamp: 'd', deletionGracePeriodSeconds: 3, generation: 2 })
  })
})

describe('finalizers of the garbage collector', () => {
  const table: readonly [string, ObjectMeta, object, string[]][] = [
    ['background is the default', {}, {}, []],
    ['orphan', { finalizers: ['a/b'] }, { propagationPolicy: 'Orphan' }, ['a/b', 'orphan']],
    ['foreground', {}, { propagationPolicy: 'Foreground' }, ['foregroundDeletion']],
    ['background takes an old mark away', { finalizers: ['orphan', 'a/b'] }, { propagationPolicy: 'Background' }, ['a/b']],
    ['an old mark stays where nothing is asked', { finalizers: ['foregroundDeletion'] }, {}, ['foregroundDeletion']],
    ['the old option', {}, { orphanDependents: true }, ['orphan']],
    ['the old option off', { finalizers: ['orphan'] }, { orphanDependents: false }, []],
  ]
  for (const [name, meta, asked, wanted] of table)
    test(name, () => assert.deepEqual(deletionFinalizers(meta, options(asked), 'deletes'), wanted))
  test('events have none', () => assert.deepEqual(deletionFinalizers({}, options({ propagationPolicy: 'Orphan' }), 'none'), []))
  test('jobs leave their pods where nothing is said', () => {
    assert.deepEqual(deletionFinalizers({}, options({}), 'orphans'), ['orphan'])
    assert.deepEqual(deletionFinalizers({}, options({ propagationPolicy: 'Background' }), 'orphans'), [])
    assert.deepEqual(deletionFinalizers({ finalizers: ['foregroundDeletion'] }, options({}), 'orphans'), ['foregroundDeletion'])
  })
})

describe('grace', () => {
  const inSeconds = (s: number): string => timestamp(new Date(now.getTime() + s * 1000))
  test('first deletion', () => {
    const meta: ObjectMeta = { generation: 1 }
    assert.equal(markGraceful(meta, 30, undefined, now), 'marked')
    assert.deepEqual(meta, { generation: 2, deletionTimestamp: inSeconds(30), deletionGracePeriodSeconds: 30 })
  })
  test('more seconds than a Go duration has', () => {
    const meta: ObjectMeta = {}
    assert.equal(markGraceful(meta, 99_999_999_999_999, undefined, now), 'marked')
    assert.match(meta.deletionTimestamp ?? '', /^\d{4}-\d\d-\d\dT/)
    assert.equal(markGraceful(meta, 30, 30, now), 'marked')
    assert.equal(meta.deletionTimestamp, timestamp(new Date(now.getTime() + 30_000)))
  })
  test('without grace', () => assert.equal(markGraceful({}, 0, 0, now), 'now'))
  const going = (): ObjectMeta => ({ deletionTimestamp: inSeconds(20), deletionGracePeriodSeconds: 30 })
  test('the same again waits', () => assert.equal(markGraceful(going(), 30, undefined, now), 'pending'))
  test('longer is not granted', () => assert.equal(markGraceful(going(), 60, 60, now), 'pending'))
  test('shorter is', () => {
    const meta = going()
    assert.equal(markGraceful(meta, 15, 15, now), 'marked')
    assert.deepEqual(meta, { deletionTimestamp: inSeconds(5), deletionGracePeriodSeconds: 15 })
  })
  test('shorter than what has passed is one second more', () => {
    const meta = going()
    assert.equal(markGraceful(meta, 5, 5, now), 'marked')
    assert.deepEqual(meta, { deletionTimestamp: timestamp(now), deletionGracePeriodSeconds: 1 })
  })
  test('zero ends it', () => assert.equal(markGraceful(going(), 0, 0, now), 'now'))
  test('an object that waits for finalizers is marked once', () => {
    const meta: ObjectMeta = { generation: 1 }
    markDeleting(meta, now)
    const first = { ...meta }
    markDeleting(meta, new Date(now.getTime() + 5000))
    assert.deepEqual(meta, first)
    assert.deepEqual(first, { generation: 2, deletionTimestamp: timestamp(now), deletionGracePeriodSeconds: 0 })
  })
})
