import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import type { NodeUsage, PodUsage } from '#kubelet/stats/usage.ts'
import { mebi, podOf, usageOf, volumeUsed } from './eviction-fixtures.ts'
import { EvictionManager } from './eviction-manager.ts'
import { parseThresholds } from './thresholds.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log }
const config = { evictionSoft: {}, evictionSoftGracePeriod: {}, evictionMinimumReclaim: {} }

interface Left {
  memory?: number
  disk?: number
}

function nodeOf({ memory = 1000, disk = 1000 }: Left): NodeUsage {
  const fs = { capacityBytes: 1000 * mebi, availableBytes: disk * mebi, usedBytes: 0, inodes: 1000, inodesFree: 1000 }
  return {
    at: new Date(0),
    root: undefined,
    rootNanoCores: undefined,
    pods: undefined,
    podsNanoCores: undefined,
    kubelet: { cpuNanos: 0, nanoCores: undefined, rssBytes: 0, startedAt: new Date(0) },
    memory: { capacityBytes: 1000 * mebi, availableBytes: memory * mebi },
    swap: { totalBytes: 0, freeBytes: 0 },
    nodeFs: fs,
    imageFs: fs,
    hasImageFs: false,
    processes: { max: 1000, current: 1 },
  }
}

/** A manager over a played node. `told` is all that it does, in order. */
function played(usages: readonly PodUsage[], left: Left, hard: Record<string, string>, reclaimed: Left = left) {
  const told: string[] = []
  const ended = new Map<string, PodFailure>()
  let node = left
  const works = usages.map(({ pod }) => new PodWork({ pod, removed: false }, { hasCgroup: false, hasDirectories: false }))
  const manager = new EvictionManager({
    source: {
      node: async () => nodeOf(node),
      pods: async ({ only, files }) => {
        told.push(files ? 'count files' : 'read cgroups')
        return usages.filter(({ pod }) => only?.(pod) ?? true)
      },
    },
    thresholds: parseThresholds({ ...config, evictionHard: hard }),
    transitionMs: 0,
    maxPodGraceSeconds: 0,
    limitsStorage: true,
    pods: { list: () => works, get: () => undefined, end: (uid, failure) => void ended.set(uid, failure) },
    reclaim: [
      async () => {
        told.push('reclaim')
        node = reclaimed
      },
    ],
    podEvent: (pod: Pod, message) => void told.push(`${pod.metadata.name}: ${message}`),
    nodeEvent: (reason, message) => void told.push(`${reason}: ${message}`),
    changed: () => void told.push('changed'),
    now: () => new Date(0),
    log,
  })
  return { manager, told, ended }
}

test('a node that is well costs nothing', async () => {
  const { manager, told } = played([usageOf(podOf({ name: 'p' }), {})], {}, { 'memory.available': '100Mi' })
  assert.deepEqual([await manager.look(), told], [[], []])
})

test('out of memory: the worst pod goes at once, critical ones never', async () => {
  const usages = [
    usageOf(podOf({ name: 'critical', priority: 2_000_000_000 }), { memory: 900 * mebi }),
    usageOf(podOf({ name: 'mild' }), { memory: 10 * mebi }),
    usageOf(podOf({ name: 'worst' }), { memory: 50 * mebi }),
  ]
  const { manager, told, ended } = played(usages, { memory: 99 }, { 'memory.available': '100Mi' })
  assert.deepEqual(await manager.look(), ['uid-worst'])
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. Container main was using 50Mi, request is 0, has larger consumption of memory. '
  assert.deepEqual(told, ['changed', 'EvictionThresholdMet: Attempting to reclaim memory', 'read cgroups', `worst: ${message}`])
  assert.deepEqual(ended.get('uid-worst'), { reason: 'Evicted', message, rejected: false, graceSeconds: 1, disruption: message })
})

test('a full disk: what nobody needs goes first, and is enough', async () => {
  const { manager, told, ended } = played([usageOf(podOf({ name: 'p' }), {})], { disk: 50 }, { 'nodefs.available': '10%' }, { disk: 200 })
  assert.deepEqual(await manager.look(), [])
  assert.deepEqual(told, ['changed', 'EvictionThresholdMet: Attempting to reclaim ephemeral-storage', 'reclaim'])
  assert.equal(ended.size, 0)
})

test('a full disk that stays full', async () => {
  const usages = [usageOf(podOf({ name: 'small' }), { rootfs: mebi }), usageOf(podOf({ name: 'large' }), { rootfs: 90 * mebi })]
  const { manager, told } = played(usages, { disk: 50 }, { 'nodefs.available': '10%' })
  assert.deepEqual(await manager.look(), ['uid-large'])
  assert.deepEqual(told.slice(2, 4), ['reclaim', 'count files'])
})

test('an emptyDir over its limit: the pod goes, without a word on disruption', async () => {
  const pod = podOf({ name: 'e', spec: { volumes: [{ name: 's', emptyDir: { sizeLimit: '1Mi' } }] } })
  const { manager, ended } = played([usageOf(pod, { volumes: [volumeUsed('s', 2 * mebi)] })], {}, {})
  assert.deepEqual(await manager.look(), ['uid-e'])
  assert.deepEqual(ended.get('uid-e'), {
    reason: 'Evicted',
    message: 'Usage of EmptyDir volume "s" exceeds the limit "1Mi". ',
    rejected: false,
    graceSeconds: 1,
  })
})

test('whom a node under pressure still takes', async () => {
  const taint = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' as const }
  const plain = podOf({ name: 'plain' })
  const asking = podOf({ name: 'asking', requests: { memory: '1Mi' } })
  const tolerant = podOf({ name: 'tolerant', spec: { tolerations: [taint] } })
  const critical = podOf({ name: 'critical', priority: 2_000_001_000 })
  const memory = played([], { memory: 1 }, { 'memory.available': '10%' }).manager
  assert.equal(memory.admit(plain, []), undefined)
  await memory.look()
  assert.deepEqual(memory.admit(plain, []), { reason: 'Evicted', message: 'The node had condition: [MemoryPressure]. ' })
  assert.deepEqual(
    [asking, tolerant, critical].map((pod) => memory.admit(pod, [])),
    [undefined, undefined, undefined],
  )
  const disk = played([], { disk: 1 }, { 'nodefs.available': '10%' }).manager
  await disk.look()
  assert.deepEqual(
    [asking, tolerant, critical].map((pod) => disk.admit(pod, [])?.reason),
    ['Evicted', 'Evicted', undefined],
  )
})
