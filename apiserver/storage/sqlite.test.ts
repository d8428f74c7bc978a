import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SqliteOptions, SqliteStorage } from './sqlite.ts'
import { SqliteUnusable } from './sqlite-errors.ts'
import { Compacted, type Storage, type StorageEvent } from './storage.ts'
import { storageContract } from './storage-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
const opened: SqliteStorage[] = []
after(async () => {
  // A store that a failed test left open would keep this process alive.
  for (const storage of opened) await storage.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(options: SqliteOptions): Promise<SqliteStorage> {
  const storage = await SqliteStorage.open(options)
  opened.push(storage)
  return storage
}
let files = 0
const newFile = (): string => join(folder, `${++files}.db`)

storageContract('sqlite', { open: () => open({ file: newFile() }), expiryMs: 5000 })

const put = (key: string, value: string | Buffer, ttlSeconds?: number) =>
  ({ verb: 'put', key, value: Buffer.from(value), expect: 'any', ...(ttlSeconds === undefined ? {} : { ttlSeconds }) }) as const

async function valuesOf(storage: Storage): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const page of storage.pages('/registry/')) for (const item of page.items) found[item.key] = item.value.toString()
  return found
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`not within 60 s: ${what}`)
    await sleep(10)
  }
}

describe('the file of the embedded store', () => {
  it('keeps objects, revisions and history over a restart', async () => {
    const file = newFile()
    const first = await open({ file })
    await first.commit([put('/registry/a', '1')])
    const middle = await first.commit([put('/registry/a', '2'), put('/registry/b', '1')])
    await first.commit([{ verb: 'delete', key: '/registry/b', expect: 'any' }])
    const end = await first.currentRevision()
    await first.close()
    const second = await open({ file })
    assert.equal(await second.currentRevision(), end)
    assert.deepEqual(await valuesOf(second), { '/registry/a': '2' })
    const seen: StorageEvent[] = []
    await second.watch('/registry/', middle.revision, (events) => seen.push(...events))
    await until('the deletion', () => seen.length > 0)
    assert.deepEqual(seen, [{ type: 'delete', key: '/registry/b', revision: end }])
    assert.equal((await second.commit([put('/registry/c', '1')])).revision, end + 1)
    await second.close()
  })

  it('does not give a revision twice when the newest ones were deletions that compaction removed', async () => {
    const file = newFile()
    const first = await open({ file })
    await first.commit([put('/registry/a', '1')])
    const { revision } = await first.commit([{ verb: 'delete', key: '/registry/a', expect: 'any' }])
    await first.compact(revision)
    await first.close()
    const second = await open({ file })
    assert.equal((await second.commit([put('/registry/a', '2')])).revision, revision + 1)
    await assert.rejects(
      second.watch('/registry/', revision - 1, () => undefined),
      Compacted,
    )
    await second.close()
  })

  it('ends keys whose time was over while no process had it open', async () => {
    const file = newFile()
    const first = await open({ file })
    const { revision } = await first.commit([put('/registry/a', '1', 0.05), put('/registry/b', '1', 600)])
    await first.close()
    await sleep(60)
    const second = await open({ file })
    const seen: StorageEvent[] = []
    await second.watch('/registry/', revision, (events) => seen.push(...events))
    await until('the end of a', () => seen.length > 0)
    assert.deepEqual(
      seen.map(({ type, key }) => `${type} ${key}`),
      ['delete /registry/a'],
    )
    assert.deepEqual(await valuesOf(second), { '/registry/b': '1' })
    await second.close()
  })

  it('is for one process at a time, and for its user alone', async () => {
    const file = newFile()
    const storage = await open({ file })
    await storage.commit([put('/registry/a', '1')])
    await assert.rejects(open({ file }), new SqliteUnusable(`${file} is in use by another process`))
    for (const suffix of ['', '-wal', '-shm', '-lock']) assert.equal(statSync(`${file}${suffix}`).mode & 0o777, 0o600, suffix)
    await storage.close()
    await (await open({ file })).close()
  })

  it('can be copied by others while it is in use', async () => {
    const file = newFile()
    const storage = await open({ file })
    await storage.commit([put('/registry/a', '1')])
    const other = new DatabaseSync(file, { readOnly: true })
    const copy = newFile()
    other.exec(`VACUUM INTO '${copy}'`)
    other.close()
    await storage.commit([put('/registry/a', '2')])
    await storage.close()
    const restored = await open({ file: copy })
    assert.deepEqual(await valuesOf(restored), { '/registry/a': '1' })
    await restored.close()
  })

  it('is refused with the reason where it is no store', async () => {
    const garbage = newFile()
    writeFileSync(garbage, Buffer.alloc(20_000, 'garbage'))
    await assert.rejects(open({ file: garbage }), /damaged or no database .*restore it from a backup/)
    const foreign = newFile()
    const db = new DatabaseSync(foreign)
    db.exec('CREATE TABLE t (a)')
    db.close()
    await assert.rejects(open({ file: foreign }), /is a database of another program/)
    await assert.rejects(open({ file: join(folder, 'nowhere', 'x.db') }), /cannot open .*no such file or directory/)
    mkdirSync(join(folder, 'a-folder'))
    await assert.rejects(open({ file: join(folder, 'a-folder') }), /cannot open .*illegal operation on a directory/)
  })

  it('says that it is damaged when that shows in use', async () => {
    const file = newFile()
    const first = await open({ file })
    for (let n = 0; n < 200; n++) await first.commit([put(`/registry/${n}`, Buffer.alloc(4000, 120))])
    await first.close()
    const { size } = statSync(file)
    const db = new DatabaseSync(file)
    db.close()
    const bytes = Buffer.alloc(size - 40_960, 0xa5)
    const { openSync, writeSync, closeSync } = await import('node:fs')
    const fd = openSync(file, 'r+')
    writeSync(fd, bytes, 0, bytes.length, 40_960)
    closeSync(fd)
    await assert.rejects(async () => {
      const second = await open({ file })
      try {
        await valuesOf(second)
      } finally {
        await second.close()
      }
    }, /is damaged/)
  })

  it('stays small while the same objects are written again and again', async () => {
    const file = newFile()
    const storage = await open({ file, historyBytes: 1024 * 1024, historyRevisions: 400 })
    const value = Buffer.alloc(3000, 120)
    const sizes: number[] = []
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: 500 }, (_, n) => storage.commit([put(`/registry/pods/${n % 50}`, value)])))
      sizes.push(storage.sizeBytes())
    }
    assert.ok(Math.max(...sizes) < 8 * 1024 * 1024, `sizes ${sizes.join(' ')}`)
    assert.equal(Object.keys(await valuesOf(storage)).length, 50)
    await storage.close()
  })

  it('gives room back when much was deleted', async () => {
    const file = newFile()
    const storage = await open({ file })
    const value = Buffer.alloc(1024 * 1024, 120)
    for (let n = 0; n < 48; n++) await storage.commit([put(`/registry/${n}`, value)])
    const full = statSync(file).size
    await storage.commit(Array.from({ length: 48 }, (_, n) => ({ verb: 'delete', key: `/registry/${n}`, expect: 'any' })))
    await storage.compact(await storage.currentRevision())
    await until('a smaller file', async () => {
      await storage.commit([put('/registry/x', 'x')])
      return storage.sizeBytes() < full / 2
    })
    await storage.close()
  })
})

describe('commits of the embedded store', () => {
  it('share a transaction, each with its own outcome', async () => {
    const storage = await open({ file: newFile() })
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        storage.commit([{ verb: 'put', key: '/registry/one', value: Buffer.from(`${n}`), expect: 'absent' }]),
      ),
    )
    assert.equal(results.filter((result) => result.committed).length, 1)
    assert.deepEqual(
      results.slice(1).map((result) => !result.committed && result.current[0]?.value.toString()),
      Array.from({ length: 49 }, () => '0'),
    )
    await storage.close()
  })

  it('are in the watch before their writer hears of them', async () => {
    const storage = await open({ file: newFile() })
    let seen = 0
    await storage.watch('/registry/', await storage.currentRevision(), (_, revision) => {
      seen = revision
    })
    for (let n = 0; n < 5; n++) {
      const { revision } = await storage.commit([put('/registry/a', `${n}`)])
      assert.equal(seen, revision)
    }
    await storage.close()
  })

  it('given before the end are written, later ones are refused', async () => {
    const file = newFile()
    const storage = await open({ file })
    const early = storage.commit([put('/registry/a', '1')])
    const closing = storage.close()
    await assert.rejects(storage.commit([put('/registry/a', '2')]), /the store is closed/)
    assert.ok((await early).committed)
    await closing
    const again = await open({ file })
    assert.deepEqual(await valuesOf(again), { '/registry/a': '1' })
    await again.close()
  })
})
