import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { entryFrom, shapeOf, storedBytesOf } from './entry.ts'
import { entryOfWrite, OwnWrites } from './own-writes.ts'

const resource = ConfigMaps as unknown as Resource
const shape = shapeOf(resource)
const key = '/registry/configmaps/ns/a'
const made = (value: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'ns', uid: 'u', labels: { a: 'b' } },
    data: { value },
  }) as KubeObject

describe('writes of our own', () => {
  it('give the cache the entry that it would read from the bytes, once', () => {
    const writes = new OwnWrites()
    const object = made('1')
    const value = storedBytesOf(resource, object)
    const write = writes.begin(key, { resource, value, object })
    const stored = { key, value: Buffer.from(value), revision: 7 }
    const entry = writes.echo(shape, stored)
    assert.deepEqual(entry, entryFrom(shape, stored))
    assert.equal(entryOfWrite(write, shape, stored), entry)
    assert.equal(writes.echo(shape, stored), undefined)
  })

  it('share nothing with the object that may change afterwards', () => {
    const writes = new OwnWrites()
    const object = made('1')
    const write = writes.begin(key, { resource, value: storedBytesOf(resource, object), object })
    const entry = entryOfWrite(write, shape, { key, revision: 7 })
    assert.deepEqual(entry.labels, { a: 'b' })
    assert.notEqual(entry.labels, object.metadata.labels)
  })

  it('do not answer for other values, other kinds and what did not happen', () => {
    const writes = new OwnWrites()
    const begin = (text: string) => writes.begin(key, { resource, value: storedBytesOf(resource, made(text)), object: made(text) })
    begin('1')
    const theirs = { key, value: storedBytesOf(resource, made('2')), revision: 8 }
    assert.equal(writes.echo(shape, theirs), undefined)
    assert.equal(writes.echo(shapeOf({ ...resource }), { key, value: storedBytesOf(resource, made('1')), revision: 9 }), undefined)
    const write = begin('2')
    writes.forget(key, write)
    assert.equal(writes.echo(shape, theirs), undefined)
  })

  it('are forgotten, the oldest first, where the store never tells of them', () => {
    const writes = new OwnWrites()
    const object = made('1')
    const value = storedBytesOf(resource, object)
    for (let i = 0; i <= 1024; i++) writes.begin(`${key}${i}`, { resource, value, object })
    assert.equal(writes.echo(shape, { key: `${key}0`, value, revision: 1 }), undefined)
    assert.ok(writes.echo(shape, { key: `${key}1024`, value, revision: 1 }))
  })
})
