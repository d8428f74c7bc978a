import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClockJump } from './clock-jump.ts'

test('a clock that runs has not jumped; one that was set has, once', () => {
  let monotonic = 0
  const jump = new ClockJump(() => monotonic)
  const at = (wall: number, run: number) => {
    monotonic = run
    return jump.since(new Date(wall))
  }
  assert.equal(at(1_000_000, 0), 0)
  assert.equal(at(1_060_000, 60_000), 0)
  assert.equal(at(1_060_500, 60_100), 0)
  assert.equal(at(4_661_000, 61_000), 3_600_000)
  assert.equal(at(4_662_000, 62_000), 0)
  assert.equal(at(1_063_000, 63_000), -3_600_000)
})
