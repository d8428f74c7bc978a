import assert from 'node:assert/strict'
import { test } from 'node:test'
import { believedCounts, type Shortfalls } from './released.ts'

const charged = (used: Record<string, string>) => ({ status: { used } })

test('a count below the charge is believed once it was seen for a second', () => {
  const quota = charged({ configmaps: '5' })
  const first = believedCounts(quota, { configmaps: 4 }, {}, 10_000)
  assert.deepEqual(first.counts, { configmaps: 5 })
  const soon = believedCounts(quota, { configmaps: 4 }, first.shortfalls, 10_900)
  assert.deepEqual([soon.counts, soon.shortfalls], [{ configmaps: 5 }, first.shortfalls])
  const later = believedCounts(quota, { configmaps: 4 }, soon.shortfalls, 11_000)
  assert.deepEqual(later, { counts: { configmaps: 4 }, shortfalls: {} })
})

test('what changed since is seen for the first time', () => {
  const seen: Shortfalls = { secrets: { count: 3, used: 5, sinceMs: 0 } }
  assert.deepEqual(believedCounts(charged({ secrets: '5' }), { secrets: 2 }, seen, 5000).counts, { secrets: 5 })
  assert.deepEqual(believedCounts(charged({ 'count/secrets': '6' }), { secrets: 3 }, seen, 5000).counts, { secrets: 6 })
  assert.deepEqual(believedCounts(charged({ secrets: '5' }), { secrets: 3 }, seen, 5000).counts, { secrets: 3 })
})

test('more than was charged, and amounts of others, are believed at once', () => {
  for (const used of ['3', '5', '1k', '-1', '']) {
    assert.deepEqual(believedCounts(charged({ secrets: used }), { secrets: 5 }, {}, 0), { counts: { secrets: 5 }, shortfalls: {} })
  }
  assert.deepEqual(believedCounts({ status: {} }, { secrets: 0 }, {}, 0).counts, { secrets: 0 })
})
