import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mebi } from './eviction-fixtures.ts'
import { calm, type EvictionState, planEviction } from './plan-eviction.ts'
import type { Observation, Signal } from './signals.ts'
import { parseThresholds, type Threshold } from './thresholds.ts'

const none = { evictionHard: {}, evictionSoft: {}, evictionSoftGracePeriod: {}, evictionMinimumReclaim: {} }
const seenOf = (values: Partial<Record<Signal, number>>): ReadonlyMap<Signal, Observation> =>
  new Map(Object.entries(values).map(([signal, available]) => [signal as Signal, { available, capacity: 1000 * mebi }]))
const at = (seconds: number): Date => new Date(seconds * 1000)

/** Plays a day of observations; each line tells second, conditions and what is reclaimed. */
function play(
  thresholds: readonly Threshold[],
  steps: readonly [second: number, Partial<Record<Signal, number>>][],
  transitionMs = 0,
): string[] {
  let state: EvictionState = calm
  return steps.map(([second, values]) => {
    const plan = planEviction(thresholds, seenOf(values), state, { transitionMs, now: at(second) })
    state = plan.state
    return `${second} ${plan.conditions.join(',') || '-'} ${plan.reclaim?.signal ?? '-'}`
  })
}

test('a hard threshold acts at once and ends with the shortage', () => {
  const thresholds = parseThresholds({ ...none, evictionHard: { 'memory.available': '100Mi' } })
  assert.deepEqual(
    play(thresholds, [
      [0, { 'memory.available': 100 * mebi }],
      [10, { 'memory.available': 99 * mebi }],
      [20, { 'memory.available': 101 * mebi }],
    ]),
    ['0 - -', '10 MemoryPressure memory.available', '20 - -'],
  )
})

test('a soft one waits for its grace, and begins anew after a pause', () => {
  const thresholds = parseThresholds({
    ...none,
    evictionSoft: { 'nodefs.available': '50%' },
    evictionSoftGracePeriod: { 'nodefs.available': '1m30s' },
  })
  const low = { 'nodefs.available': 400 * mebi }
  assert.deepEqual(
    play(thresholds, [
      [0, low],
      [60, low],
      [61, { 'nodefs.available': 600 * mebi }],
      [70, low],
      [150, low],
      [160, low],
    ]),
    ['0 DiskPressure -', '60 DiskPressure -', '61 - -', '70 DiskPressure -', '150 DiskPressure -', '160 DiskPressure nodefs.available'],
  )
})

test('what is to be reclaimed beyond the threshold keeps it active', () => {
  const thresholds = parseThresholds({
    ...none,
    evictionHard: { 'nodefs.available': '100Mi' },
    evictionMinimumReclaim: { 'nodefs.available': '50Mi' },
  })
  assert.deepEqual(
    play(thresholds, [
      [0, { 'nodefs.available': 120 * mebi }],
      [10, { 'nodefs.available': 90 * mebi }],
      [20, { 'nodefs.available': 120 * mebi }],
      [30, { 'nodefs.available': 151 * mebi }],
    ]),
    ['0 - -', '10 DiskPressure nodefs.available', '20 DiskPressure nodefs.available', '30 - -'],
  )
})

test('a condition stays for the transition period, memory goes before disk', () => {
  const thresholds = parseThresholds({
    ...none,
    evictionHard: { 'nodefs.inodesFree': '5%', 'memory.available': '10%', 'pid.available': '1k' },
  })
  assert.deepEqual(
    play(
      thresholds,
      [
        [0, { 'nodefs.inodesFree': 1, 'memory.available': 1 }],
        [10, { 'nodefs.inodesFree': 900 * mebi, 'memory.available': 900 * mebi, 'pid.available': 999 }],
        [305, { 'pid.available': 1000 }],
        [320, {}],
      ],
      300_000,
    ),
    [
      '0 DiskPressure,MemoryPressure memory.available',
      '10 DiskPressure,MemoryPressure,PIDPressure pid.available',
      '305 PIDPressure -',
      '320 - -',
    ],
  )
})

test('what cannot be measured meets nothing', () => {
  const thresholds = parseThresholds({ ...none, evictionHard: { 'imagefs.available': '15%' } })
  assert.deepEqual(play(thresholds, [[0, {}]]), ['0 - -'])
})

const refused: readonly [Partial<typeof none>, RegExp][] = [
  [{ evictionHard: { 'disk.free': '1Gi' } }, /^unsupported eviction signal disk\.free$/],
  [{ evictionHard: { 'memory.available': 'much' } }, /no quantity: much/],
  [{ evictionHard: { 'memory.available': '0' } }, /must be positive: 0/],
  [{ evictionHard: { 'memory.available': '101%' } }, /must be <= 100%: 101%/],
  [{ evictionSoft: { 'memory.available': '1Gi' } }, /grace period must be specified for the soft eviction threshold memory\.available/],
  [
    { evictionSoft: { 'memory.available': '1Gi' }, evictionSoftGracePeriod: { 'memory.available': '-1s' } },
    /invalid eviction grace period specified: -1s, must be a positive value/,
  ],
  [{ evictionMinimumReclaim: { 'memory.available': '-1' } }, /negative eviction minimum reclaim specified for memory\.available/],
]
for (const [config, message] of refused)
  test(`refused: ${JSON.stringify(config)}`, () => assert.throws(() => parseThresholds({ ...none, ...config } as typeof none), { message }))

test('0% and 100% switch a threshold off; a hard one on memory counts for all pods together as well', () => {
  assert.deepEqual(parseThresholds({ ...none, evictionHard: { 'nodefs.available': '0%', 'imagefs.available': '100%' } }), [])
  const signals = parseThresholds({ ...none, evictionHard: { 'memory.available': '100Mi' } }).map(({ signal }) => signal)
  assert.deepEqual(signals, ['memory.available', 'allocatableMemory.available'])
})
