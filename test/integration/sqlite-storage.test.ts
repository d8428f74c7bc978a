import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SqliteStorage } from '#apiserver/storage/sqlite.ts'
import { StorageUnavailable } from '#apiserver/storage/storage.ts'
import { type Delivery, type Written, watchFaults } from '#apiserver/storage/watch-validators.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const program = join(import.meta.dirname, '../harness/sqlite-writer.ts')

/** Runs the writer until it has acknowledged `count` writes and some milliseconds more, kills it; what it had acknowledged. */
async function killedWriter(file: string, count: number, moreMs: number): Promise<Written[]> {
  const said = `${file}.said`
  // A file takes whatever is written to it at once; a pipe that nobody reads in time would stop the writer.
  const output = await open(said, 'w')
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', output.fd, 'inherit'] })
  const ended = once(child, 'close')
  try {
    const lines = async (): Promise<string[]> => (await readFile(said, 'utf8')).split('\n')
    while (child.exitCode === null && (await lines()).length < count) await sleep(10)
    await sleep(moreMs)
    await assert.rejects(
      SqliteStorage.open({ file }).then((other) => other.close()),
      /is in use by another process/,
    )
    assert.equal(child.exitCode, null, 'the writer ended by itself')
    child.kill('SIGKILL')
    await ended
    // The last line may be cut.
    return (await lines()).slice(1, -1).map(writtenOf)
  } finally {
    child.kill('SIGKILL')
    await ended
    await output.close()
  }
}

function writtenOf(line: string): Written {
  const [revision, writer, value = ''] = line.split(' ')
  const changes = [`/registry/own/${writer}`, '/registry/shared'].map((key) => ({ key, value }))
  return { revision: Number(revision), changes }
}

async function historySince(storage: SqliteStorage, revision: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  const now = await storage.currentRevision()
  await using _watch = await storage.watch('/registry/', revision, (events, at) => deliveries.push({ events, revision: at }))
  while (deliveries.at(-1)?.revision !== now) await sleep(2)
  return deliveries
}

/** A write that was not acknowledged may be there, whole: it is taken for written. */
function withUnacknowledged(written: readonly Written[], deliveries: readonly Delivery[]): Written[] {
  const known = new Set(written.map((write) => write.revision))
  const events = deliveries.flatMap((delivery) => delivery.events).filter((event) => !known.has(event.revision))
  const revisions = Map.groupBy(events, (event) => event.revision)
  const found = [...revisions].map(([revision, list]) => ({
    revision,
    changes: list.map(({ key, value }) => ({ key, value: value?.toString() })),
  }))
  return [...written, ...found].sort((a, b) => a.revision - b.revision)
}

describe('embedded store under faults', () => {
  it('loses no acknowledged write and keeps none by half when its process is killed', { timeout: 180_000 }, async () => {
    const file = join(folder, 'killed.db')
    for (let round = 0; round < 6; round++) {
      const written = await killedWriter(file, 100 + round * 150, round * 7)
      const last = written.at(-1)?.revision ?? 0
      assert.ok(written.length > 50, `${written.length} writes`)
      const storage = await SqliteStorage.open({ file })
      try {
        const from = Math.max((written[0]?.revision ?? 1) - 1, last - 1500)
        const deliveries = await historySince(storage, from)
        assert.deepEqual(watchFaults(deliveries, withUnacknowledged(written, deliveries), from), [], `round ${round}`)
        assert.ok((await storage.currentRevision()) >= last)
        for (const { events } of deliveries)
          for (const group of Map.groupBy(events, (event) => event.revision).values())
            assert.deepEqual([group.length, group[0]?.value?.toString()], [2, group[1]?.value?.toString()], 'a commit by half')
      } finally {
        await storage.close()
      }
    }
  })

  const isRoot = process.getuid?.() === 0
  it('says that the disk is full, still reads, and goes on when there is room', {
    skip: isRoot ? false : 'mounts a small disk: needs root',
  }, async (t) => {
    const mount = await mkdtemp(join(folder, 'disk-'))
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]).status !== 0) {
      t.skip('this machine does not let us mount')
      return
    }
    try {
      await writeFile(join(mount, 'filler'), Buffer.alloc(1024 * 1024))
      const storage = await SqliteStorage.open({ file: join(mount, 'store.db') })
      const commit = (n: number) =>
        storage.commit([{ verb: 'put', key: `/registry/${n}`, value: Buffer.alloc(100_000, 120), expect: 'absent' }])
      let count = 0
      await assert.rejects(
        async () => {
          for (; count < 1000; count++) await commit(count)
        },
        (error: unknown) =>
          error instanceof StorageUnavailable && error.applied === 'no' && /there is no room on the disk/.test(error.message),
      )
      assert.ok(count > 3)
      assert.equal((await storage.get('/registry/0')).item?.value.length, 100_000)
      assert.equal((await storage.get(`/registry/${count}`)).item, undefined)
      await rm(join(mount, 'filler'))
      assert.ok((await commit(count)).committed)
      await storage.close()
    } finally {
      spawnSync('umount', [mount])
    }
  })
})
