import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Pods } from '#api/core/pod.ts'
import type { KubeObject } from '#api/resource.ts'
import { cacheOn, eventually, type Fixture, made, put, RecordingSink, silentLog } from '#apiserver/cache/fixture.ts'
import { audit } from '#apiserver/cache/upkeep.ts'
import { readObject, settled } from '#apiserver/endpoints/get.ts'
import { listObjects } from '#apiserver/endpoints/list.ts'
import { watchObjects } from '#apiserver/endpoints/watch.ts'
import { EtcdStorage } from '#apiserver/storage/etcd.ts'
import { StorageUnavailable } from '#apiserver/storage/storage.ts'
import { noEtcd, startEtcd, startMembers, type TestEtcd } from '#test/harness/etcd.ts'
import { processorMs } from '#test/harness/processor-time.ts'
import { type TcpProxy, tcpProxy } from '#test/harness/tcp-proxy.ts'

const skip = noEtcd()
const resources = [Pods, ConfigMaps]
const answer = { form: 'object', version: 'v1' } as const

const cacheOf = (endpoint: string): Promise<Fixture<EtcdStorage>> => cacheOn(new EtcdStorage({ endpoints: [endpoint] }), { resources })
const proxyTo = (etcd: TestEtcd): Promise<TcpProxy> => tcpProxy({ host: '127.0.0.1', port: Number(new URL(etcd.endpoint).port) })
const map = (name: string, n: number): KubeObject => made(ConfigMaps, name, { namespace: 'ns', uid: `uid-${name}`, labels: { n: `${n}` } })

function watch({ cache }: Fixture<EtcdStorage>, query = ''): RecordingSink {
  const sink = new RecordingSink()
  void watchObjects(cache, { resource: ConfigMaps, answer, query: new URLSearchParams(query), start: () => sink })
  return sink
}

/** Writes one object again and again; resolves to the revisions that were acknowledged. */
async function writer(storage: EtcdStorage, name: string, signal: AbortSignal): Promise<{ acknowledged: number[]; unknown: number }> {
  const acknowledged: number[] = []
  let unknown = 0
  for (let n = 0; !signal.aborted; n++) {
    try {
      acknowledged.push(await put(storage, ConfigMaps, map(name, n)))
    } catch (error) {
      assert.ok(error instanceof StorageUnavailable, String(error))
      if (error.applied === 'unknown') unknown++
    }
  }
  return { acknowledged, unknown }
}

const versions = (sink: RecordingSink, name: string): number[] =>
  sink.events.filter(({ object }) => object.metadata.name === name).map(({ object }) => Number(object.metadata.resourceVersion))

describe('the watch cache over etcd', { skip }, () => {
  it('keeps its watchers through kill -9 of etcd under load: no event lost, doubled or out of order', { timeout: 180_000 }, async () => {
    await using etcd = await startEtcd()
    await using fixture = await cacheOf(etcd.endpoint)
    const sinks = Array.from({ length: 20 }, (_, i) => watch(fixture, i % 2 === 0 ? '' : 'labelSelector=n'))
    const stop = new AbortController()
    const writers = ['a', 'b', 'c', 'd'].map((name) => writer(fixture.storage, name, stop.signal))
    for (let round = 0; round < 2; round++) {
      const target = fixture.cache.revision + 150
      await eventually('load', () => fixture.cache.revision > target)
      await etcd.kill()
      await assert.rejects(fixture.cache.fresh(), { code: 503 })
      const query = new URLSearchParams('resourceVersion=0')
      await settled(fixture.cache, query)
      const { bytes: stale } = readObject(fixture.cache, { resource: ConfigMaps, namespace: 'ns', name: 'a', answer, query })
      assert.ok(stale.length > 0)
      await etcd.restart()
    }
    const target = fixture.cache.revision + 150
    await eventually('load', () => fixture.cache.revision > target)
    stop.abort()
    const results = await Promise.all(writers)
    await fixture.cache.fresh()
    const end = fixture.cache.revision
    for (const sink of sinks)
      await eventually('the last event', () => Number(sink.events.at(-1)?.object.metadata.resourceVersion) >= end - 1)
    for (const sink of sinks) assert.deepEqual(sink.lines.slice(1).join('\n'), sinks[0]?.lines.slice(1).join('\n'))
    for (const [i, { acknowledged, unknown }] of results.entries()) {
      const seen = versions(sinks[0] as RecordingSink, 'abcd'.charAt(i))
      assert.deepEqual(
        seen,
        [...new Set(seen)].sort((a, b) => a - b),
        'ordered and unique',
      )
      const missing = acknowledged.filter((revision) => revision >= (seen[0] ?? 0) && !seen.includes(revision))
      assert.deepEqual(missing, [], 'every acknowledged write is seen')
      assert.ok(seen.length - acknowledged.length <= unknown, 'and no other')
    }
    assert.deepEqual(await audit({ ...fixture, log: silentLog }), [])
    assert.equal(fixture.cache.stats().listings, 1)
  })

  it('bridges a compaction that it missed, without ending watches', { timeout: 180_000 }, async () => {
    await using etcd = await startEtcd()
    await using proxy = await proxyTo(etcd)
    await using direct = await cacheOf(etcd.endpoint)
    await using fixture = await cacheOf(`http://127.0.0.1:${proxy.port}`)
    for (const name of ['stays', 'changes', 'goes']) await put(direct.storage, ConfigMaps, map(name, 0))
    await fixture.cache.fresh()
    const sink = watch(fixture)
    await eventually('the state', () => sink.events.length === 3)
    proxy.cut()
    for (let n = 1; n < 20; n++) await put(direct.storage, ConfigMaps, map('changes', n))
    await direct.storage.commit([{ verb: 'delete', key: '/registry/configmaps/ns/goes', expect: 'any' }])
    await put(direct.storage, ConfigMaps, map('comes', 0))
    await direct.storage.compact(await direct.storage.currentRevision())
    proxy.restore()
    await eventually('the new listing', () => fixture.cache.stats().listings === 2)
    await put(direct.storage, ConfigMaps, map('later', 0))
    await eventually('a later event', () => sink.lines.at(-1)?.startsWith('ADDED later') === true)
    assert.deepEqual(
      sink.lines.slice(3).map((line) => line.replace(/@.*/, '')),
      ['MODIFIED changes', 'DELETED goes', 'ADDED comes', 'ADDED later'],
    )
    assert.equal(sink.isEnded, false)
    assert.deepEqual(await audit({ ...fixture, log: silentLog }), [])
  })

  it('notices a connection that is silent', { timeout: 180_000 }, async () => {
    await using etcd = await startEtcd()
    await using proxy = await proxyTo(etcd)
    await using direct = await cacheOf(etcd.endpoint)
    await using fixture = await cacheOf(`http://127.0.0.1:${proxy.port}`)
    const sink = watch(fixture)
    await put(direct.storage, ConfigMaps, map('a', 0))
    await eventually('the event', () => sink.events.length === 1)
    proxy.silence()
    await put(direct.storage, ConfigMaps, map('a', 1))
    await assert.rejects(fixture.cache.fresh())
    proxy.restore()
    await eventually('the event after the silence', () => sink.events.length === 2)
    await fixture.cache.fresh()
  })

  it('shows what one server wrote to who asks another', { timeout: 180_000 }, async () => {
    await using etcd = await startEtcd()
    await using one = await cacheOf(etcd.endpoint)
    await using two = await cacheOf(etcd.endpoint)
    for (let n = 0; n < 200; n++) {
      const [writes, reads] = n % 2 === 0 ? [one, two] : [two, one]
      const revision = await put(writes.storage, ConfigMaps, map('a', n))
      const query = new URLSearchParams()
      await settled(reads.cache, query)
      const { bytes: read } = readObject(reads.cache, { resource: ConfigMaps, namespace: 'ns', name: 'a', answer, query })
      assert.equal((JSON.parse(read.toString()) as KubeObject).metadata.resourceVersion, String(revision))
    }
  })

  it('serves a thousand watchers that come back at once, from the history, while reads go on', { timeout: 180_000 }, async () => {
    await using etcd = await startEtcd()
    await using fixture = await cacheOf(etcd.endpoint)
    for (let n = 0; n < 100; n++) await put(fixture.storage, ConfigMaps, map(`m${n % 10}`, n))
    await fixture.cache.fresh()
    const from = fixture.cache.revision - 50
    const before = process.memoryUsage().rss
    const sinks = Array.from({ length: 1000 }, () => watch(fixture, `resourceVersion=${from}`))
    const slowest: number[] = []
    for (let n = 0; n < 20; n++) {
      slowest.push(await processorMs(() => listObjects(fixture.cache, { resource: ConfigMaps, answer, query: new URLSearchParams() })))
      await sleep(5)
    }
    await eventually('all events', () => sinks.every((sink) => sink.text.split('\n').length === 51))
    assert.equal(new Set(sinks.map((sink) => sink.text)).size, 1)
    assert.ok(Math.max(...slowest) < 1000, `${Math.max(...slowest)} ms`)
    assert.ok(process.memoryUsage().rss - before < 300e6)
    assert.equal(fixture.cache.stats().watches, 1000)
  })

  it('outlives any member of a cluster, its leader too: nothing acknowledged is lost', { timeout: 120_000 }, async () => {
    await using members = await disposable(startMembers(3))
    await using fixture = await cacheOn(new EtcdStorage({ endpoints: members.all.map((etcd) => etcd.endpoint) }), { resources })
    const sink = watch(fixture)
    const stop = new AbortController()
    const writers = ['a', 'b'].map((name) => writer(fixture.storage, name, stop.signal))
    for (const etcd of members.all) {
      const target = fixture.cache.revision + 60
      await eventually('load', () => fixture.cache.revision > target)
      await etcd.kill()
      const then = fixture.cache.revision + 60
      await eventually('load without the member', () => fixture.cache.revision > then)
      await etcd.restart()
    }
    stop.abort()
    const results = await Promise.all(writers)
    await eventually('a consistent read', await freshly(fixture))
    for (const [i, { acknowledged, unknown }] of results.entries()) {
      const seen = versions(sink, 'ab'.charAt(i))
      assert.deepEqual(
        seen,
        [...new Set(seen)].sort((x, y) => x - y),
        'ordered and unique',
      )
      assert.deepEqual(
        acknowledged.filter((revision) => revision >= (seen[0] ?? 0) && !seen.includes(revision)),
        [],
        'every acknowledged write is seen',
      )
      assert.ok(seen.length - acknowledged.length <= unknown, 'and no other')
    }
    assert.deepEqual(await audit({ ...fixture, log: silentLog }), [])
  })
})

async function disposable(starting: Promise<TestEtcd[]>): Promise<AsyncDisposable & { all: TestEtcd[] }> {
  const all = await starting
  return { all, [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((etcd) => etcd[Symbol.asyncDispose]()))) }
}

/** True once a consistent read has been answered. */
async function freshly({ cache }: Fixture<EtcdStorage>): Promise<() => boolean> {
  let isFresh = false
  const ask = async (): Promise<void> => {
    while (!isFresh) {
      await cache.fresh().then(
        () => {
          isFresh = true
        },
        () => sleep(50),
      )
    }
  }
  void ask()
  return () => isFresh
}
