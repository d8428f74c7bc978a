import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pods } from '#api/core/pod.ts'
import { parseFieldSelector } from '#api/meta/field-selector.ts'
import { parseSelector } from '#api/meta/label-selector.ts'
import { keyOf, refOf } from '#apiserver/storage/keys.ts'
import { type Entry, entryFrom, shapeOf, storedBytesOf } from './entry.ts'
import { made } from './fixture.ts'
import { predicateOf } from './predicate.ts'
import { ResourceCache } from './resource-cache.ts'

const shape = shapeOf(Pods)
const limits = { changes: 1000, bytes: 1e9 }

const newCache = (history = limits): ResourceCache => new ResourceCache(shape, 0, { history, indexedFields: ['spec.nodeName'] })

function entryOf(name: string, revision: number, more: Parameters<typeof made>[2] = {}): Entry {
  const object = made(Pods, name, { namespace: 'default', ...more })
  return entryFrom(shape, { key: keyOf(Pods, refOf(object)), value: storedBytesOf(Pods, object), revision })
}

interface Asked {
  namespace?: string
  labels?: string
  fields?: string
  limit?: number
  from?: string
}

function names(cache: ResourceCache, asked: Asked, revision?: number): string[] | undefined {
  const { namespace, labels = '', fields = '', limit = 0, from = '' } = asked
  const selection = { namespace, labels: parseSelector(labels), fields: parseFieldSelector(fields) }
  const range = { predicate: predicateOf(selection, cache.fieldReader), limit, from }
  return (revision === undefined ? cache.list(range) : cache.listAt(revision, range))?.entries.map((entry) => entry.name)
}

describe('lists from the cache', () => {
  const cache = newCache()
  const pods: [string, Parameters<typeof made>[2]][] = [
    ['c', { labels: { app: 'x', tier: 'front' }, spec: { nodeName: 'n1' } }],
    ['a', { labels: { app: 'x' }, spec: { nodeName: 'n2' } }],
    ['b', { labels: { app: 'y' }, spec: { nodeName: 'n1' } }],
    ['d', { namespace: 'default-2', labels: { app: 'x' } }],
    ['a', { namespace: 'aaa', labels: { constructor: 'x' } }],
  ]
  for (const [i, [name, more]] of pods.entries()) {
    const entry = entryOf(name, i + 1, more)
    cache.apply(entry.key, entry, i + 1)
  }

  const table: [string, Asked, string[]][] = [
    ['in key order, where a dash comes before a slash', {}, ['a', 'd', 'a', 'b', 'c']],
    ['of one namespace', { namespace: 'default' }, ['a', 'b', 'c']],
    ['of a namespace that is not there', { namespace: 'none' }, []],
    ['by label', { labels: 'app=x' }, ['d', 'a', 'c']],
    ['by two labels', { labels: 'app=x,tier=front' }, ['c']],
    ['by an absent label', { labels: '!app' }, ['a']],
    ['by label in a namespace', { namespace: 'default', labels: 'app in (x,z)' }, ['a', 'c']],
    ['by existence', { labels: 'tier' }, ['c']],
    ['by inequality', { labels: 'app!=x' }, ['a', 'b']],
    ['by a label named like a method', { labels: 'constructor=x' }, ['a']],
    ['by node', { fields: 'spec.nodeName=n1' }, ['b', 'c']],
    ['by other nodes', { fields: 'spec.nodeName!=n1' }, ['a', 'd', 'a']],
    ['by name', { fields: 'metadata.name=a' }, ['a', 'a']],
    ['by name and namespace', { fields: 'metadata.name=a,metadata.namespace=default' }, ['a']],
    ['by contradicting names', { fields: 'metadata.name=a,metadata.name=b' }, []],
    ['by contradicting namespaces', { namespace: 'default', fields: 'metadata.namespace=aaa' }, []],
    ['with a limit', { labels: 'app', limit: 2 }, ['d', 'a']],
    ['from a key on', { from: '/registry/pods/default/b' }, ['b', 'c']],
  ]
  for (const [what, asked, expected] of table) it(what, () => assert.deepEqual(names(cache, asked), expected))

  it('counts what is behind', () => {
    const predicate = predicateOf({ labels: [], fields: [] }, cache.fieldReader)
    assert.equal(cache.list({ predicate, limit: 2, from: '' }).behind, 3)
    assert.equal(cache.list({ predicate, limit: 5, from: '' }).behind, 0)
  })
})

describe('older states', () => {
  it('are the same as they were, at every revision, whatever is asked', () => {
    const cache = newCache()
    const then = new Map<number, Map<string, string[] | undefined>>()
    const questions: Asked[] = [{}, { namespace: 'ns1' }, { labels: 'app=a1' }, { fields: 'spec.nodeName=n1' }, { limit: 3 }]
    let seed = 42
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % n
    }
    for (let revision = 1; revision <= 300; revision++) {
      const more = { namespace: `ns${random(3)}`, labels: { app: `a${random(3)}` }, spec: { nodeName: `n${random(3)}` } }
      const entry = entryOf(`p${random(12)}`, revision, more)
      cache.apply(entry.key, random(4) === 0 ? undefined : entry, revision)
      then.set(revision, new Map(questions.map((asked) => [JSON.stringify(asked), names(cache, asked)])))
    }
    for (const [revision, answers] of then) {
      for (const asked of questions)
        assert.deepEqual(names(cache, asked, revision), answers.get(JSON.stringify(asked)), `${revision} ${JSON.stringify(asked)}`)
    }
  })

  it('are forgotten beyond the limits', () => {
    const cache = newCache({ changes: 10, bytes: 1e9 })
    for (let revision = 1; revision <= 30; revision++) cache.apply(entryOf('p', revision).key, entryOf('p', revision), revision)
    assert.equal(cache.history.floor, 20)
    assert.deepEqual(names(cache, {}, 20), ['p'])
    assert.equal(names(cache, {}, 19), undefined)
    assert.equal(cache.history.after(19), undefined)
    assert.equal(cache.history.after(25)?.length, 5)
  })

  it('cost a bounded number of bytes', () => {
    const cache = newCache({ changes: 1e6, bytes: 20_000 })
    for (let revision = 1; revision <= 5000; revision++) cache.apply(entryOf('p', revision).key, entryOf('p', revision), revision)
    assert.ok(cache.history.bytes <= 20_000 && cache.history.size > 10, `${cache.history.bytes} bytes, ${cache.history.size} changes`)
  })
})
