import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileSystemOf, measureTree, TreeMeter } from './disk-usage.ts'

const dir = mkdtempSync(join(tmpdir(), 'disk-usage-'))
after(() => rmSync(dir, { recursive: true }))

test('blocks and inodes of a tree, a file with two names once', async () => {
  mkdirSync(join(dir, 'a/b'), { recursive: true })
  writeFileSync(join(dir, 'a/big'), Buffer.alloc(100_000, 1))
  linkSync(join(dir, 'a/big'), join(dir, 'a/b/same'))
  writeFileSync(join(dir, 'a/b/small'), 'x')
  const usage = await measureTree(join(dir, 'a'))
  assert.equal(usage?.inodesUsed, 4)
  assert.ok(usage.usedBytes >= 100_000 && usage.usedBytes < 160_000, `${usage.usedBytes}`)
  assert.equal(await measureTree(join(dir, 'nowhere')), undefined)
})

test('a file system has room, one that is not there is nothing', async () => {
  const usage = await fileSystemOf(dir)
  assert.ok(usage && usage.capacityBytes >= usage.availableBytes && usage.availableBytes > 0)
  assert.equal(await fileSystemOf(join(dir, 'nowhere')), undefined)
})

test('a count is shared, remembered, and good for as long as it is dear', async () => {
  let now = 0
  let counts = 0
  let takes = 1000
  const meter = new TreeMeter(
    async () => {
      counts += 1
      now += takes
      return { usedBytes: counts, inodesUsed: 1 }
    },
    () => now,
  )
  await Promise.all([meter.usage('/a', 10_000), meter.usage('/a', 10_000)])
  assert.equal(counts, 1)
  now += 19_000
  assert.equal((await meter.usage('/a', 10_000))?.usedBytes, 1, 'it took a second: good for twenty')
  now += 2000
  takes = 1
  assert.equal((await meter.usage('/a', 10_000))?.usedBytes, 2)
  now += 11_000
  assert.equal((await meter.usage('/a', 10_000))?.usedBytes, 3)
  meter.keep(() => false)
  assert.equal((await meter.usage('/a', 10_000))?.usedBytes, 4)
})

test('who is relaxed looks less and less often at what does not change, and often again at what does', async () => {
  let now = 0
  let counts = 0
  let size = 1
  const meter = new TreeMeter(
    async () => {
      counts += 1
      return { usedBytes: size, inodesUsed: 1 }
    },
    () => now,
  )
  const countsUntil = async (seconds: number): Promise<number> => {
    const before = counts
    for (; now < seconds * 1000; now += 10_000) await meter.usage('/a', 9000, true)
    return counts - before
  }
  assert.equal(await countsUntil(600), 12)
  size = 2
  assert.equal(await countsUntil(660), 3)
})
