import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeRuntime } from '#kubelet/runtime/fake.ts'
import { ImageCollector } from './image-collector.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log }
const gibi = 1024 ** 3

function collector(availableBytes: number, more: { claimed?: string[]; minAgeMs?: number; maxAgeMs?: number } = {}) {
  const clock = { now: new Date(0) }
  const runtime = new FakeRuntime(() => clock.now)
  const events: string[] = []
  const made = new ImageCollector({
    runtime,
    policy: { highPercent: 85, lowPercent: 80, minAgeMs: more.minAgeMs ?? 0, maxAgeMs: more.maxAgeMs ?? 0 },
    imageFs: async () => ({ capacityBytes: 10 * gibi, availableBytes, usedBytes: 0, inodes: 0, inodesFree: 0 }),
    claimed: () => new Set(more.claimed ?? []),
    listed: async () => undefined,
    nodeEvent: (reason, message) => void events.push(`${reason}: ${message}`),
    now: () => clock.now,
    log,
  })
  const add = (name: string, sizeBytes: number) => runtime.images.set(name, { ...runtime.addImage(name, name), sizeBytes })
  return { made, runtime, clock, events, add, left: () => [...runtime.images.keys()] }
}

test('a disk with room: nothing goes', async () => {
  const { made, add, left } = collector(5 * gibi)
  add('a:1', gibi)
  await made.collect()
  assert.deepEqual(left(), ['a:1'])
})

test('a disk that fills up: as much goes as has to, and what pods wait for stays', async () => {
  const { made, add, left } = collector(1 * gibi, { claimed: ['claimed:1'] })
  for (const name of ['claimed:1', 'first:1', 'second:1']) add(name, gibi)
  await made.collect()
  assert.deepEqual(left(), ['claimed:1', 'second:1'])
})

test('not enough: it is told on the node, and the caller hears of it', async () => {
  const { made, add, events } = collector(0)
  add('a:1', 1024)
  await assert.rejects(made.collect(), /Insufficient free disk space on the node's image filesystem \(100% of 10\.0 GiB used\)/)
  assert.match(events.join(), /^FreeDiskSpaceFailed: Insufficient .* \(freed 1024 bytes\)/)
})

test('one that cannot be removed does not keep the others', async () => {
  const { made, add, left, runtime } = collector(5 * gibi)
  add('a:1', 1)
  add('b:1', 1)
  runtime.failNext('removeImage', new Error('conflict'))
  await assert.rejects(made.removeUnused(), /wanted to free all, but freed 1 bytes space with errors in image deletion: \[conflict\]/)
  assert.deepEqual(left(), ['a:1'])
})

test('too young to go; too old to stay', async () => {
  const young = collector(0, { minAgeMs: 120_000 })
  young.add('a:1', gibi)
  await young.made.removeUnused()
  assert.deepEqual(young.left(), ['a:1'])
  const old = collector(5 * gibi, { maxAgeMs: 60_000 })
  old.add('a:1', 1)
  await old.made.collect()
  assert.deepEqual(old.left(), ['a:1'])
  old.clock.now = new Date(61_000)
  await old.made.collect()
  assert.deepEqual(old.left(), [])
})
