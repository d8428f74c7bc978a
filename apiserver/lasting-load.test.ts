import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LastingLoad } from './lasting-load.ts'

/** How often a load of so many requests, so many milliseconds apart, was told of. */
function told(...loads: readonly { requests: number; everyMs: number }[]): number {
  let times = 0
  let now = 0
  const load = new LastingLoad(() => times++)
  for (const { requests, everyMs } of loads) {
    for (let i = 0; i < requests; i++) {
      now += everyMs
      load.count(now)
    }
  }
  return times
}

test('a load that lasts is told of once, a burst or a trickle never', () => {
  assert.equal(told({ requests: 3000, everyMs: 1 }), 1)
  assert.equal(told({ requests: 2999, everyMs: 1 }), 0)
  assert.equal(told({ requests: 20_000, everyMs: 9 }), 1)
  assert.equal(told({ requests: 20_000, everyMs: 11 }), 0)
  assert.equal(told({ requests: 2900, everyMs: 1 }, { requests: 20_000, everyMs: 500 }), 0)
})
