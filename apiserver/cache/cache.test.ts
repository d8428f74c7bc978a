import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Pods } from '#api/core/pod.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { MemoryStorage } from '#apiserver/storage/memory.ts'
import { type StorageEvent, StorageUnavailable } from '#apiserver/storage/storage.ts'
import { Cache } from './cache.ts'
import { storedBytesOf } from './entry.ts'
import { cacheOn, eventually, made, memoryCache, put, remove, silentLog } from './fixture.ts'
import { predicateOf } from './predicate.ts'
import { audit, Compactor } from './upkeep.ts'

const resources = [Pods, ConfigMaps]
const map = (name: string): KubeObject => made(ConfigMaps, name, { namespace: 'ns' })
const names = (cache: Cache): string[] =>
  cache
    .of(ConfigMaps)
    .range()
    .map((entry) => entry.name)

describe('the cache', () => {
  it('shows every acknowledged write to a consistent read, whoever wrote it', async () => {
    await using fixture = await memoryCache({ resources })
    for (let n = 0; n < 50; n++) {
      await put(fixture.storage, ConfigMaps, map(`m${n}`))
      await fixture.cache.fresh()
      assert.equal(fixture.cache.of(ConfigMaps).size, n + 1)
    }
  })

  it('takes up a resource while it runs, with what stands in the store and what comes meanwhile', async () => {
    await using fixture = await memoryCache({ resources: [Pods] })
    const { cache, storage } = fixture
    await put(storage, ConfigMaps, map('old'))
    const seen: (string | undefined)[] = []
    cache.observe(ConfigMaps, (change) => seen.push(change?.now?.name))
    const pages = storage.pages.bind(storage)
    storage.pages = async function* (prefix, options) {
      yield* pages(prefix, options)
      // Written after the listing was answered, before the cache took it in.
      await put(storage, ConfigMaps, map('meanwhile'))
      await cache.fresh()
    }
    await cache.add(ConfigMaps)
    assert.deepEqual(names(cache), ['meanwhile', 'old'])
    await put(storage, ConfigMaps, map('new'))
    await cache.fresh()
    assert.deepEqual(names(cache), ['meanwhile', 'new', 'old'])
    assert.deepEqual(seen, ['meanwhile', 'new'])
    const redefined = { ...(ConfigMaps as unknown as Resource), columns: [] }
    const before = cache.of(ConfigMaps)
    await cache.add(redefined)
    assert.notEqual(cache.of(ConfigMaps), before)
    assert.deepEqual(names(cache), ['meanwhile', 'new', 'old'])
    cache.remove(ConfigMaps)
    assert.throws(() => cache.of(ConfigMaps), /does not hold configmaps/)
    storage.pages = pages
    await cache.add(ConfigMaps)
    assert.equal(cache.of(ConfigMaps).size, 3)
  })

  it('fills a resource that waits for its objects from a listing of the whole store', async () => {
    await using fixture = await memoryCache({ resources: [Pods] })
    const { cache, storage } = fixture
    const revision = await put(storage, ConfigMaps, map('one'))
    await cache.fresh()
    const adding = cache.add(ConfigMaps)
    const items = await Array.fromAsync(storage.pages('/registry/'))
    cache.replace(
      items.flatMap((page) => page.items),
      revision,
    )
    assert.deepEqual(names(cache), ['one'])
    await adding
    assert.deepEqual(names(cache), ['one'])
  })

  it('shares one question among all who ask at once', async () => {
    const storage = new MemoryStorage()
    let questions = 0
    const ask = storage.currentRevision.bind(storage)
    storage.currentRevision = () => {
      questions++
      return ask()
    }
    await using fixture = await cacheOn(storage, { resources })
    questions = 0
    await Promise.all(Array.from({ length: 100 }, () => fixture.cache.fresh()))
    assert.equal(questions, 1)
  })

  it('writes a fence when the store moves on outside the registry', async () => {
    await using fixture = await memoryCache({ resources })
    await fixture.storage.commit([{ verb: 'put', key: '/elsewhere', value: Buffer.from('x'), expect: 'any' }])
    const revision = await fixture.storage.currentRevision()
    await fixture.cache.fresh()
    assert.ok(fixture.cache.revision > revision)
  })

  it('answers 504 with a retry hint for revisions it does not reach', { timeout: 10_000 }, async () => {
    await using fixture = await memoryCache({ resources })
    await assert.rejects(fixture.cache.reach(1_000_000), (error: unknown) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.message, `Timeout: Too large resource version: 1000000, current: ${fixture.cache.revision}`)
      assert.deepEqual(
        [error.code, error.details?.retryAfterSeconds, error.details?.causes?.[0]?.reason],
        [504, 1, 'ResourceVersionTooLarge'],
      )
      return true
    })
  })

  it('answers 429 before the first listing and 503 while the store is away', async () => {
    const storage = new MemoryStorage()
    const cold = new Cache({ storage, resources, log: silentLog })
    assert.throws(() => cold.assertReady(), { code: 429, message: 'storage is (re)initializing' })
    await using fixture = await cacheOn(storage, { resources })
    storage.currentRevision = () => Promise.reject(new StorageUnavailable('away', 'no'))
    await assert.rejects(fixture.cache.fresh(), { code: 503 })
    assert.equal(fixture.cache.isReady, true)
  })

  it('drops events that come twice or too late', () => {
    const cache = new Cache({ storage: new MemoryStorage(), resources, log: silentLog })
    cache.replace([], 10)
    const event = (name: string, revision: number): StorageEvent => ({
      type: 'put',
      key: `/registry/configmaps/ns/${name}`,
      value: storedBytesOf(ConfigMaps, map(name)),
      revision,
    })
    cache.apply([event('a', 11), event('b', 12)], 12)
    cache.apply([event('a', 11), event('c', 9), event('d', 13)], 13)
    assert.deepEqual(names(cache), ['a', 'b', 'd'])
    assert.equal(cache.stats().discardedEvents, 2)
    assert.equal(cache.of(ConfigMaps).history.size, 3)
  })

  it('keeps what is not an object out, and counts it', async () => {
    await using fixture = await memoryCache({ resources })
    const key = '/registry/configmaps/ns/broken'
    await fixture.storage.commit([{ verb: 'put', key, value: Buffer.from('k8s\0proto'), expect: 'any' }])
    await fixture.cache.fresh()
    assert.deepEqual([names(fixture.cache), fixture.cache.stats().undecodable], [[], 1])
    await fixture.storage.commit([{ verb: 'delete', key, expect: 'any' }])
    await fixture.cache.fresh()
    assert.equal(fixture.cache.stats().undecodable, 0)
  })

  it('starts at an older revision, so that watches resume over a restart', async () => {
    const storage = new MemoryStorage()
    const first = await put(storage, ConfigMaps, map('a'))
    await put(storage, ConfigMaps, map('b'))
    await using fixture = await cacheOn(storage, { resources })
    await fixture.cache.fresh()
    assert.deepEqual(
      fixture.cache
        .of(ConfigMaps)
        .history.after(first)
        ?.map((change) => change.key),
      ['/registry/configmaps/ns/b'],
    )
  })
})

describe('a new listing', () => {
  it('becomes the events that must have happened', async () => {
    await using fixture = await memoryCache({ resources })
    const { storage, cache } = fixture
    const [a, b, c] = [map('a'), map('b'), map('c')]
    for (const object of [a, b, c]) await put(storage, ConfigMaps, object)
    await cache.fresh()
    const seen = cache.revision
    // The watch is lost, things happen, and the store forgets them before it comes back.
    const watch = storage.watch.bind(storage)
    storage.watch = () => Promise.reject(new StorageUnavailable('away', 'no'))
    storage.breakWatches(new Error('lost'))
    await remove(storage, ConfigMaps, a)
    const changed = await put(storage, ConfigMaps, { ...b, metadata: { ...b.metadata, labels: { x: 'y' } } })
    await remove(storage, ConfigMaps, c)
    await put(storage, ConfigMaps, map('c'))
    const last = await put(storage, ConfigMaps, map('d'))
    await storage.compact(last)
    storage.watch = watch
    await eventually('the listing', () => cache.revision >= last)
    assert.deepEqual(names(cache), ['b', 'c', 'd'])
    const kinds = cache
      .of(ConfigMaps)
      .history.after(seen)
      ?.map((change) => {
        const kind = change.now === undefined ? 'DELETED' : change.was === undefined ? 'ADDED' : 'MODIFIED'
        return `${kind} ${change.key.at(-1)}`
      })
    assert.deepEqual([...(kinds ?? [])].sort(), ['ADDED c', 'ADDED d', 'DELETED a', 'DELETED c', 'MODIFIED b'])
    assert.ok((kinds?.indexOf('DELETED c') ?? 0) < (kinds?.indexOf('ADDED c') ?? 0))
    assert.equal(cache.of(ConfigMaps).get('/registry/configmaps/ns/b')?.revision, changed)
  })

  it('is made when the watch of the store has gone silent', { timeout: 10_000 }, async () => {
    const storage = new MemoryStorage()
    const watch = storage.watch.bind(storage)
    let isSilent = true
    storage.watch = (prefix, after, onEvents) => watch(prefix, after, (events, revision) => void (isSilent || onEvents(events, revision)))
    await using fixture = await cacheOn(storage, { resources })
    await put(storage, ConfigMaps, map('a'))
    await assert.rejects(fixture.cache.fresh(), { code: 504 })
    isSilent = false
    await eventually('the listing', () => names(fixture.cache).join() === 'a')
    await put(storage, ConfigMaps, map('b'))
    await fixture.cache.fresh()
    assert.deepEqual(names(fixture.cache), ['a', 'b'])
  })

  it('replaces everything when the store was restored from a backup', async () => {
    const storage = new MemoryStorage()
    await using fixture = await cacheOn(storage, { resources })
    for (let n = 0; n < 10; n++) await put(storage, ConfigMaps, map(`m${n}`))
    await fixture.cache.fresh()
    const backup = new MemoryStorage()
    await put(backup, ConfigMaps, map('old'))
    for (const method of ['commit', 'pages', 'get', 'currentRevision', 'watch'] as const)
      Object.assign(storage, { [method]: backup[method].bind(backup) })
    await assert.rejects(fixture.cache.fresh(), { code: 503 })
    await eventually('the rebuild', () => names(fixture.cache).join() === 'old')
    assert.equal(fixture.cache.revision, await backup.currentRevision())
    await fixture.cache.fresh()
    await backup.close()
  })
})

describe('upkeep', () => {
  it('compacts to what was newest an interval ago, one server at a time', async () => {
    await using one = await memoryCache({ resources })
    await using two = await cacheOn(one.storage, { resources })
    const turns = [one, two].map(({ storage, cache }) => new Compactor({ storage, cache, log: silentLog }))
    const marks: number[] = []
    const done: (number | undefined)[] = []
    for (let interval = 0; interval < 4; interval++) {
      marks.push(await put(one.storage, ConfigMaps, map(`m${interval}`)))
      await Promise.all([one.cache.fresh(), two.cache.fresh()])
      for (const turn of turns) done.push(await turn.compact())
    }
    const compacted = done.filter((revision) => revision !== undefined)
    assert.ok(compacted.length >= 2, String(done))
    for (const revision of compacted) assert.ok(revision < (marks.at(-1) ?? 0), `${revision} ${marks}`)
    const last = compacted.at(-1) ?? 0
    await assert.rejects(async () => {
      for await (const page of one.storage.pages('/registry/', { revision: last - 1 })) assert.ok(page)
    }, /compacted/)
    for (const { cache } of [one, two]) {
      await cache.fresh()
      const maps = cache.of(ConfigMaps)
      const everything = { predicate: predicateOf({ labels: [], fields: [] }, maps.fieldReader), limit: 0, from: '' }
      assert.equal(maps.listAt(last - 1, everything), undefined, 'a list of what was compacted')
      assert.ok(maps.listAt(last, everything), 'a list of what was not')
      assert.ok(maps.history.after(last - 1), 'watches resume all the same')
    }
  })

  it('finds and mends what the cache has wrong', async () => {
    for (const spoil of [
      (cache: Cache) => cache.of(ConfigMaps).apply('/registry/configmaps/ns/a', undefined, cache.revision),
      (cache: Cache) => cache.of(ConfigMaps).get('/registry/configmaps/ns/a')?.bytes.write('X', 60),
    ]) {
      await using fixture = await memoryCache({ resources })
      await put(fixture.storage, ConfigMaps, map('a'))
      await put(fixture.storage, ConfigMaps, map('b'))
      await fixture.cache.fresh()
      const options = { storage: fixture.storage, cache: fixture.cache, log: silentLog }
      assert.deepEqual(await audit(options), [])
      spoil(fixture.cache)
      assert.equal((await audit(options))?.length, 1)
      assert.equal(fixture.cache.stats().mismatches, 1)
      await eventually('the rebuild', () => fixture.cache.stats().listings === 2)
      assert.deepEqual(names(fixture.cache), ['a', 'b'])
      assert.deepEqual(await audit(options), [])
    }
  })
})
