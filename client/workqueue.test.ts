// The work queue: one at a time per key, no lost additions, delays and back-off by the clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from './fake-clock.ts'
import { WorkQueue } from './workqueue.ts'

test('a key is queued once and comes back when it was added meanwhile', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() })
  queue.add('a')
  queue.add('a')
  queue.add('b')
  assert.equal(queue.length, 2)
  assert.equal(await queue.next(), 'a')
  queue.add('a')
  assert.equal(await queue.next(), 'b')
  const third = queue.next()
  queue.done('b')
  queue.done('a')
  assert.equal(await third, 'a')
  queue.done('a')
  assert.equal(queue.length, 0)
})

test('of several delays the earliest counts', async () => {
  const clock = new FakeClock()
  const queue = new WorkQueue({ clock })
  queue.addAfter('a', 1000)
  queue.addAfter('a', 100)
  queue.addAfter('a', 5000)
  await clock.advance(99)
  assert.equal(queue.length, 0)
  await clock.advance(1)
  assert.equal(queue.length, 1)
  assert.equal(await queue.next(), 'a')
  queue.done('a')
  await clock.advance(10_000)
  assert.equal(queue.length, 0)
})

test('failures double the delay up to a limit until they are forgotten', () => {
  const queue = new WorkQueue({ clock: new FakeClock(), firstDelayMs: 5, maxDelayMs: 30 })
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => queue.addRateLimited('a')),
    [5, 10, 20, 30, 30],
  )
  assert.equal(queue.addRateLimited('b'), 5)
  queue.forget('a')
  assert.equal(queue.addRateLimited('a'), 5)
})

test('closing wakes the waiting and drops the rest', async () => {
  const clock = new FakeClock()
  const queue = new WorkQueue({ clock })
  const waiting = queue.next()
  queue.addAfter('a', 10)
  queue.close()
  assert.equal(await waiting, undefined)
  await clock.advance(100)
  queue.add('b')
  assert.equal(await queue.next(), undefined)
})
