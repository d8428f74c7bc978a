import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodUsage } from '#kubelet/stats/usage.ts'
import { mebi, podOf, usageOf, volumeUsed } from './eviction-fixtures.ts'
import { storageOverrun } from './local-storage.ts'
import { bytesText, conditionMessage, evictionWords } from './messages.ts'
import { partsOf, rank } from './rank.ts'
import type { Signal } from './signals.ts'
import { parseThresholds } from './thresholds.ts'

const order = (usages: readonly PodUsage[], signal: Signal, hasImageFs = false): string =>
  rank(
    usages.map((usage) => ({ pod: usage.pod, usage })),
    signal,
    hasImageFs,
  )
    .map(({ pod }) => pod.metadata.name)
    .join(' ')

test('memory: over the request first, then low priority, then the most beyond it', () => {
  const usages = [
    usageOf(podOf({ name: 'within', requests: { memory: '1Gi' } }), { memory: 900 * mebi }),
    usageOf(podOf({ name: 'best-effort' }), { memory: 50 * mebi }),
    usageOf(podOf({ name: 'over', requests: { memory: '10Mi' } }), { memory: 200 * mebi }),
    usageOf(podOf({ name: 'important', priority: 1000 }), { memory: 800 * mebi }),
    usageOf(podOf({ name: 'within-low', priority: -1, requests: { memory: '1Gi' } }), { memory: 1 }),
  ]
  assert.equal(order(usages, 'memory.available'), 'over best-effort important within-low within')
})

test('a pod of which nothing could be measured goes first', () => {
  const known = usageOf(podOf({ name: 'known' }), { memory: mebi })
  const unknown = podOf({ name: 'unknown', priority: 5 })
  const ranked = rank(
    [
      { pod: known.pod, usage: known },
      { pod: unknown, usage: undefined },
    ],
    'memory.available',
    false,
  )
  assert.equal(ranked[0]?.pod.metadata.name, 'unknown')
})

test('disk: what lies where the resource is starved', () => {
  const writer = usageOf(podOf({ name: 'writer' }), { rootfs: 100 * mebi })
  const logger = usageOf(podOf({ name: 'logger' }), { logs: 50 * mebi })
  const holder = usageOf(podOf({ name: 'holder', spec: { volumes: [{ name: 'scratch', emptyDir: {} }] } }), {
    volumes: [volumeUsed('scratch', 70 * mebi)],
  })
  const usages = [writer, logger, holder]
  assert.equal(order(usages, 'nodefs.available'), 'writer holder logger')
  assert.equal(order(usages, 'nodefs.available', true), 'holder logger writer')
  assert.equal(order(usages, 'imagefs.available', true).split(' ')[0], 'writer')
  assert.deepEqual(partsOf('imagefs.inodesFree', true), ['rootfs'])
})

test('processes: by priority, then by number', () => {
  const usages = [
    usageOf(podOf({ name: 'few' }), { processes: 2 }),
    usageOf(podOf({ name: 'many' }), { processes: 200 }),
    usageOf(podOf({ name: 'low', priority: -10 }), { processes: 1 }),
  ]
  assert.equal(order(usages, 'pid.available'), 'low many few')
})

const config = { evictionHard: { 'memory.available': '100Mi' }, evictionSoft: {}, evictionSoftGracePeriod: {}, evictionMinimumReclaim: {} }

test('the words for memory', () => {
  const usage = usageOf(podOf({ name: 'p', requests: { memory: '10Mi' } }), { memory: 200 * mebi })
  const seen = new Map([['memory.available' as const, { available: 52_000 * 1024, capacity: 1024 * mebi }]])
  const words = evictionWords('memory', usage, parseThresholds(config), seen)
  assert.equal(
    words.message,
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52000Ki. Container main was using 200Mi, request is 10Mi, has larger consumption of memory. ',
  )
  assert.deepEqual(words.annotations, {
    offending_containers: 'main',
    offending_containers_usage: '200Mi',
    starved_resource: 'memory',
  })
})

test('the words for storage, where no request was made and the threshold is a share', () => {
  const usage = usageOf(podOf({ name: 'p' }), { rootfs: 3 * mebi, logs: 4096 })
  const seen = new Map([['nodefs.available' as const, { available: 5 * mebi, capacity: 200 * mebi }]])
  const thresholds = parseThresholds({ ...config, evictionHard: { 'nodefs.available': '10%' } })
  assert.equal(
    evictionWords('ephemeral-storage', usage, thresholds, seen).message,
    'The node was low on resource: ephemeral-storage. Threshold quantity: 20Mi, available: 5Mi. Container main was using 3076Ki, request is 0, has larger consumption of ephemeral-storage. ',
  )
})

test('pod-level requests are named first', () => {
  const pod = podOf({ name: 'p', spec: { resources: { requests: { memory: '1Mi' } } } })
  const { message, annotations } = evictionWords('memory', usageOf(pod, { memory: 2 * mebi }), [], new Map())
  assert.match(
    message,
    /^The node was low on resource: memory\. Pod p was using 2Mi, request is 1Mi, has larger consumption of memory\. Container main/,
  )
  assert.equal(annotations['offending_pod_usage'], '2Mi')
})

test('quantities and conditions', () => {
  assert.equal(bytesText(1500), '1500')
  assert.equal(bytesText(1024 * mebi), '1Gi')
  assert.equal(conditionMessage(['MemoryPressure', 'DiskPressure']), 'The node had condition: [MemoryPressure DiskPressure]. ')
})

test('limits of ephemeral storage', () => {
  const scratch = podOf({ name: 'e', spec: { volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '10Mi' } }] } })
  assert.equal(storageOverrun(usageOf(scratch, { volumes: [volumeUsed('scratch', 10 * mebi)] }), false), undefined)
  assert.deepEqual(storageOverrun(usageOf(scratch, { volumes: [volumeUsed('scratch', 10 * mebi + 1)] }), false), {
    signal: 'emptydirfs.limit',
    message: 'Usage of EmptyDir volume "scratch" exceeds the limit "10Mi". ',
  })
  const limited = podOf({ name: 'l', limits: { 'ephemeral-storage': '100M' } })
  assert.equal(storageOverrun(usageOf(limited, { rootfs: 50_000_000, logs: 40_000_000 }), false), undefined)
  assert.deepEqual(storageOverrun(usageOf(limited, { rootfs: 80_000_000, logs: 40_000_000 }), false), {
    signal: 'ephemeralpodfs.limit',
    message: 'Pod ephemeral local storage usage exceeds the total limit of containers 100M. ',
  })
})

test('a container over its own limit while the pod is within the sum', () => {
  const pod = podOf({
    name: 'two',
    limits: { 'ephemeral-storage': '10Mi' },
    spec: {
      containers: [
        { name: 'main', image: 'i', resources: { limits: { 'ephemeral-storage': '10Mi' } } },
        { name: 'other', image: 'i', resources: { limits: { 'ephemeral-storage': '100Mi' } } },
      ],
    },
  })
  const usage = usageOf(pod, { rootfs: 20 * mebi })
  assert.deepEqual(storageOverrun(usage, false), {
    signal: 'ephemeralcontainerfs.limit',
    message: 'Container main exceeded its local ephemeral storage limit "10Mi". ',
  })
  assert.equal(storageOverrun(usage, true), undefined, 'its writable layer lies elsewhere')
})
