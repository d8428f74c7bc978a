// Old etcds starve watches under load (3.4 before 3.4.25, and whatever etcd has put a watcher among its slow ones): whoever waits for the cache gets an
// answer in time all the same, and in the end every watcher has every event. The etcd of the machine is used: Debian 12 has 3.4.23.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'
import { storedBytesOf } from '#apiserver/cache/entry.ts'
import { cacheOn, eventually, made } from '#apiserver/cache/fixture.ts'
import { EtcdStorage } from '#apiserver/storage/etcd.ts'
import { keyOf, refOf } from '#apiserver/storage/keys.ts'
import { noEtcd, startEtcd } from '#test/harness/etcd.ts'

const resource = ConfigMaps as unknown as Resource
/** 150 ms for the event to come by itself, 3 s after the fence, and time on a busy machine: far from for ever. */
const longestMs = 30_000

describe('a watch of the store that is starved', { skip: noEtcd() }, () => {
  it('makes nobody wait for ever', { timeout: 120_000 }, async () => {
    await using etcd = await startEtcd()
    await using fixture = await cacheOn(new EtcdStorage({ endpoints: [etcd.endpoint] }), { resources: [resource] })
    const other = new EtcdStorage({ endpoints: [etcd.endpoint], maxWrites: 128 })
    const until = Date.now() + 4000
    const isOver = (): boolean => Date.now() > until
    const acknowledged = new Map<string, number>()
    const write = async (worker: number): Promise<void> => {
      for (let n = 0; !isOver(); n++) {
        const object = made(resource, `w${worker}-${n % 20}`, { namespace: 'ns', spec: { filler: 'x'.repeat(3000) } })
        const key = keyOf(resource, refOf(object))
        const { revision } = await other.commit([{ verb: 'put', key, value: storedBytesOf(resource, object), expect: 'any' }])
        acknowledged.set(key, revision)
      }
    }
    const list = async (): Promise<void> => {
      while (!isOver()) for await (const _page of other.pages('/registry/')) if (isOver()) return
    }
    const waits: number[] = []
    let late = 0
    const ask = async (): Promise<void> => {
      while (!isOver()) {
        const started = Date.now()
        const before = [...acknowledged.entries()].at(-1)
        try {
          await fixture.cache.fresh()
          if (before) assert.ok(fixture.cache.revision >= before[1], 'a read that came after a write must see it')
        } catch (error) {
          assert.ok(error instanceof ApiError && (error.code === 504 || error.code === 503), String(error))
          late++
        }
        waits.push(Date.now() - started)
      }
    }
    await Promise.all([...Array.from({ length: 96 }, (_, i) => write(i)), list(), list(), ...Array.from({ length: 10 }, ask)])
    assert.ok(waits.length > 10 && acknowledged.size > 100, `${waits.length} reads, ${acknowledged.size} keys`)
    assert.ok(
      Math.max(...waits) < longestMs,
      `the longest of ${waits.length} waits took ${Math.max(...waits)} ms, ${late} were answered 504`,
    )
    await eventually('the cache at the last write', () =>
      [...acknowledged].every(([key, revision]) => (fixture.cache.cacheAt(key)?.get(key)?.revision ?? 0) >= revision),
    )
    await fixture.cache.fresh()
    await other.close()
  })
})
