/** The test-suite that every store must pass; each implementation's test file runs it. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Compacted, type Storage, type Stored, ValueTooLarge } from './storage.ts'
import { type Delivery, type Written, watchFaults } from './watch-validators.ts'

export interface ContractOptions {
  /** A store that the suite may use alone; it closes it. */
  open: () => Promise<Storage>
  /** How long a key with a time to live of one second may stand. */
  expiryMs: number
}

const put = (key: string, value: string) => ({ verb: 'put', key, value: Buffer.from(value), expect: 'any' }) as const

async function listed(storage: Storage, prefix: string, revision?: number): Promise<{ items: Stored[]; revision: number; pages: number }> {
  const items: Stored[] = []
  let at = 0
  let pages = 0
  for await (const page of storage.pages(prefix, revision === undefined ? {} : { revision })) {
    items.push(...page.items)
    at = page.revision
    pages++
  }
  return { items, revision: at, pages }
}

async function until(what: string, holds: () => boolean, deadlineMs = 60_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!holds()) {
    if (Date.now() > end) assert.fail(`not within ${deadlineMs} ms: ${what}`)
    await sleep(5)
  }
}

/** Registers the tests. Keys of different tests do not meet. */
export function storageContract(name: string, { open, expiryMs }: ContractOptions): void {
  describe(`storage contract: ${name}`, async () => {
    const storage = await open()
    after(() => storage.close())
    commits(storage)
    listings(storage)
    watches(storage)
    watchEnds(storage)
    limits(storage, expiryMs)
  })
}

function commits(storage: Storage): void {
  it('creates only what is absent', async () => {
    const op = { verb: 'put', key: '/registry/a/1', value: Buffer.from('x'), expect: 'absent' } as const
    const first = await storage.commit([op])
    assert.ok(first.committed)
    const second = await storage.commit([{ ...op, value: Buffer.from('y') }])
    assert.ok(!second.committed)
    assert.deepEqual(second.current, [{ key: op.key, value: Buffer.from('x'), revision: first.revision }])
  })

  it('updates and deletes only at the expected revision', async () => {
    const key = '/registry/a/2'
    const made = await storage.commit([put(key, '1')])
    const updated = await storage.commit([{ verb: 'put', key, value: Buffer.from('2'), expect: { revision: made.revision } }])
    assert.ok(updated.committed && updated.revision > made.revision)
    const stale = await storage.commit([{ verb: 'delete', key, expect: { revision: made.revision } }])
    assert.ok(!stale.committed)
    assert.equal(stale.current[0]?.value.toString(), '2')
    assert.ok((await storage.commit([{ verb: 'delete', key, expect: { revision: updated.revision } }])).committed)
    assert.equal((await storage.get(key)).item, undefined)
    const gone = await storage.commit([{ verb: 'put', key, value: Buffer.from('3'), expect: { revision: updated.revision } }])
    assert.deepEqual(gone.committed ? 'committed' : gone.current, [undefined])
  })

  it('is atomic over several keys, and checks without writing', async () => {
    const made = await storage.commit([put('/registry/a/3', '1'), put('/registry/a/4', '1')])
    assert.deepEqual(
      (await listed(storage, '/registry/a/')).items.filter((item) => /[34]$/.test(item.key)).map((item) => item.revision),
      [made.revision, made.revision],
    )
    const refused = await storage.commit([put('/registry/a/3', '2'), { verb: 'check', key: '/registry/a/4', expect: 'absent' }])
    assert.ok(!refused.committed)
    assert.equal((await storage.get('/registry/a/3')).item?.value.toString(), '1')
    const done = await storage.commit([
      put('/registry/a/3', '2'),
      { verb: 'check', key: '/registry/a/4', expect: { revision: made.revision } },
    ])
    assert.ok(done.committed)
    assert.equal((await storage.get('/registry/a/4')).item?.revision, made.revision)
  })

  it('lets one of many writers win each revision', async () => {
    const key = '/registry/a/counter'
    await storage.commit([put(key, '0')])
    const increment = async (): Promise<void> => {
      for (;;) {
        const { item } = await storage.get(key)
        assert.ok(item)
        const value = Buffer.from(String(Number(item.value) + 1))
        if ((await storage.commit([{ verb: 'put', key, value, expect: { revision: item.revision } }])).committed) return
      }
    }
    await Promise.all(Array.from({ length: 20 }, increment))
    assert.equal((await storage.get(key)).item?.value.toString(), '20')
  })
}

function listings(storage: Storage): void {
  it('lists a prefix in key order at one revision, page by page', async () => {
    const keys = Array.from({ length: 1203 }, (_, i) => `/registry/b/${String(i).padStart(5, '0')}`)
    for (let i = 0; i < keys.length; i += 100) await storage.commit(keys.slice(i, i + 100).map((key) => put(key, key)))
    await storage.commit([put('/registry/b', 'before'), put('/registry/b0', 'behind')])
    const before = await storage.currentRevision()
    await storage.commit([{ verb: 'delete', key: keys[7] ?? '', expect: 'any' }])
    const now = await listed(storage, '/registry/b/')
    assert.deepEqual(
      now.items.map((item) => item.key),
      keys.filter((_, i) => i !== 7),
    )
    assert.ok(now.pages > 1)
    const then = await listed(storage, '/registry/b/', before)
    assert.deepEqual(
      then.items.map((item) => item.key),
      keys,
    )
    assert.equal(then.revision, before)
  })

  it('gives one empty page for nothing', async () => {
    const { items, pages, revision } = await listed(storage, '/registry/nothing/')
    assert.deepEqual({ items, pages }, { items: [], pages: 1 })
    assert.ok(revision > 0)
  })

  it("pages at the first page's revision while writes go on", async () => {
    const pages: string[][] = []
    for await (const page of storage.pages('/registry/b/')) {
      pages.push(page.items.map((item) => item.value.toString()))
      if (pages.length === 1) await storage.commit([put('/registry/b/01200', 'changed'), put('/registry/b/99999', 'new')])
    }
    const values = pages.flat()
    assert.ok(!values.includes('changed') && !values.includes('new') && values.includes('/registry/b/01200'))
  })
}

function watches(storage: Storage): void {
  it('delivers ordered, unique, complete and atomic events, and resumes anywhere', async () => {
    const from = await storage.currentRevision()
    const deliveries: Delivery[] = []
    await using _watch = await storage.watch('/registry/c/', from, (events, revision) => deliveries.push({ events, revision }))
    const written: Written[] = []
    const key = (n: number): string => `/registry/c/${n % 7}`
    for (let n = 0; n < 120; n++) {
      const keys = n % 5 === 0 ? [key(n), key(n + 1)] : [key(n)]
      const ops = keys.map((k) => (n % 11 === 10 ? ({ verb: 'delete', key: k, expect: 'any' } as const) : put(k, `v${n}`)))
      const present = await Promise.all(ops.map(async (op) => op.verb === 'put' || (await storage.get(op.key)).item !== undefined))
      await storage.commit([put('/registry/elsewhere', `${n}`)])
      const { revision } = await storage.commit(ops)
      const changes = ops.filter((_, i) => present[i]).map((op) => ({ key: op.key, value: op.verb === 'put' ? `v${n}` : undefined }))
      if (changes.length > 0) written.push({ revision, changes })
    }
    const last = written.at(-1)?.revision ?? 0
    await until('the last event', () => deliveries.at(-1)?.revision === last)
    assert.deepEqual(watchFaults(deliveries, written, from), [])
    for (const cut of [from, written[10]?.revision ?? 0, written[57]?.revision ?? 0, last]) {
      const again: Delivery[] = []
      await using _resumed = await storage.watch('/registry/c/', cut, (events, revision) => again.push({ events, revision }))
      await until('the resumed watch', () => cut === last || again.at(-1)?.revision === last)
      assert.deepEqual(watchFaults(again, written, cut), [])
    }
  })

  it('serves watches that begin in the middle of a storm of writers', async () => {
    const from = await storage.currentRevision()
    const written: Written[] = []
    const writer = async (worker: number): Promise<void> => {
      for (let n = 0; n < 60; n++) {
        const changes = [`/registry/storm/${worker}`, `/registry/storm/shared`].map((key) => ({ key, value: `${worker}-${n}` }))
        const { revision } = await storage.commit(changes.map(({ key, value }) => put(key, value)))
        written.push({ revision, changes })
      }
    }
    const watchers: { got: Delivery[]; from: number }[] = []
    const watcher = async (): Promise<AsyncDisposable> => {
      const begin = { got: [] as Delivery[], from: written.at(-1)?.revision ?? from }
      watchers.push(begin)
      return await storage.watch('/registry/storm/', begin.from, (events, revision) => begin.got.push({ events, revision }))
    }
    const writers = Promise.all(Array.from({ length: 8 }, (_, i) => writer(i)))
    const open: AsyncDisposable[] = []
    for (let n = 0; n < 10; n++) {
      await until('more writes', () => written.length >= n * 40)
      open.push(await watcher())
    }
    await writers
    const last = Math.max(...written.map((write) => write.revision))
    await until('all watches at the end', () => watchers.every(({ got, from: after }) => after === last || got.at(-1)?.revision === last))
    assert.deepEqual(
      watchers.map(({ got, from: after }) => watchFaults(got, written, after)),
      watchers.map(() => []),
    )
    for (const watch of open) await watch[Symbol.asyncDispose]()
  })
}

function watchEnds(storage: Storage): void {
  it('ends a watch that is closed, and sends nothing afterwards', async () => {
    const got: Delivery[] = []
    const watch = await storage.watch('/registry/d/', await storage.currentRevision(), (events, revision) => got.push({ events, revision }))
    await storage.commit([put('/registry/d/1', '1')])
    await until('the event', () => got.length === 1)
    await watch[Symbol.asyncDispose]()
    assert.equal(await watch.ended, undefined)
    await storage.commit([put('/registry/d/1', '2')])
    await sleep(50)
    assert.equal(got.length, 1)
  })

  it('refuses what is compacted', async () => {
    const { revision } = await storage.commit([put('/registry/e/1', '1')])
    for (let n = 0; n < 5; n++) await storage.commit([put('/registry/e/1', `${n}`)])
    const compacted = await storage.currentRevision()
    await storage.compact(compacted)
    await storage.compact(compacted)
    await assert.rejects(async () => {
      const watch = await storage.watch('/registry/e/', revision, () => undefined)
      await watch.ended
    }, Compacted)
    await assert.rejects(listed(storage, '/registry/e/', revision), Compacted)
    const got: Delivery[] = []
    await using _watch = await storage.watch('/registry/e/', compacted, (events, at) => got.push({ events, revision: at }))
    const next = await storage.commit([put('/registry/e/1', 'after')])
    await until('the event after the compaction', () => got.at(-1)?.revision === next.revision)
    assert.equal(got.length, 1)
    assert.equal((await listed(storage, '/registry/e/', compacted)).items[0]?.value.toString(), '4')
  })
}

function limits(storage: Storage, expiryMs: number): void {
  it('refuses values that are too large, and says so', async () => {
    const value = Buffer.alloc(3 * 1024 * 1024, 120)
    await assert.rejects(storage.commit([{ verb: 'put', key: '/registry/f/1', value, expect: 'any' }]), ValueTooLarge)
    assert.equal((await storage.get('/registry/f/1')).item, undefined)
  })

  it('draws the line at a megabyte and a half', async () => {
    const op = (bytes: number) => ({ verb: 'put', key: '/registry/f/2', value: Buffer.alloc(bytes, 120), expect: 'any' }) as const
    const limit = 1.5 * 1024 * 1024
    await assert.rejects(storage.commit([op(limit)]), ValueTooLarge)
    assert.ok((await storage.commit([op(limit - 1024)])).committed)
    await storage.commit([{ verb: 'delete', key: '/registry/f/2', expect: 'any' }])
  })

  it('takes and lists values of a megabyte', async () => {
    const value = Buffer.alloc(1024 * 1024, 120)
    for (let n = 0; n < 12; n++) await storage.commit([{ verb: 'put', key: `/registry/g/${n}`, value, expect: 'any' }])
    assert.equal((await listed(storage, '/registry/g/')).items.length, 12)
    await storage.commit(Array.from({ length: 12 }, (_, n) => ({ verb: 'delete', key: `/registry/g/${n}`, expect: 'any' })))
  })

  it('forgets keys when their time is over, and tells watchers', async () => {
    const got: Delivery[] = []
    await using _watch = await storage.watch('/registry/h/', await storage.currentRevision(), (events, revision) =>
      got.push({ events, revision }),
    )
    await storage.commit([
      { ...put('/registry/h/1', '1'), ttlSeconds: 1 },
      { ...put('/registry/h/2', '1'), ttlSeconds: 1 },
    ])
    await storage.commit([put('/registry/h/2', 'stays')])
    await until('the deletion', () => got.some(({ events }) => events.some((event) => event.type === 'delete')), expiryMs)
    assert.equal((await storage.get('/registry/h/1')).item, undefined)
    assert.equal((await storage.get('/registry/h/2')).item?.value.toString(), 'stays')
  })

  it('answers whether it is usable', async () => {
    await storage.check(AbortSignal.timeout(60_000))
  })
}
