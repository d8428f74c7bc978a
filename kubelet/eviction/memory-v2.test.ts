import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PodFailure } from '#kubelet/pods/pod-actions.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { UsageSource } from '#kubelet/stats/usage-source.ts'
import { mebi, podOf } from './eviction-fixtures.ts'
import { EvictionManager } from './eviction-manager.ts'
import { observe } from './signals.ts'
import { parseThresholds } from './thresholds.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'memory-v2-'))
after(() => rmSync(dir, { recursive: true }))
const mount = join(dir, 'cgroup')

function files(place: string, texts: Record<string, string>): void {
  mkdirSync(join(mount, place), { recursive: true })
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(mount, place, name), text)
}

const cpuStat = 'usage_usec 95210034\nuser_usec 60112345\nsystem_usec 35097689\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n'

/** memory.stat as Linux 6.1 writes it, in its order; the rest of its lines are of no concern here. */
const memoryStat = (anon: number, file: number, inactiveFile: number): string =>
  [
    ['anon', anon * mebi],
    ['file', file * mebi],
    ['kernel', 210 * mebi],
    ['kernel_stack', 5_357_568],
    ['pagetables', 20_611_072],
    ['sec_pagetables', 0],
    ['percpu', 3_245_120],
    ['sock', 4096],
    ['vmalloc', 98_304],
    ['shmem', 2_183_168],
    ['file_mapped', 71_806_976],
    ['file_dirty', 12_288],
    ['file_writeback', 0],
    ['swapcached', 0],
    ['anon_thp', 58_720_256],
    ['inactive_anon', anon * mebi],
    ['active_anon', 126_976],
    ['inactive_file', inactiveFile * mebi],
    ['active_file', (file - inactiveFile) * mebi],
    ['unevictable', 0],
    ['slab', 61_341_696],
    ['pgfault', 1_204_412],
    ['pgmajfault', 1204],
  ]
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')

/** The root has no memory.current, no memory.max: that it has none is how the kernel tells that it is the root. */
const root = (anon: number, file: number, inactiveFile: number): void =>
  files('/', {
    'cpu.stat': cpuStat,
    'memory.stat': memoryStat(anon, file, inactiveFile),
    'cgroup.controllers': 'cpuset cpu io memory pids\n',
  })
const pods = (current: number, inactiveFile: number): void =>
  files('/kubepods', {
    'cpu.stat': cpuStat,
    'memory.stat': memoryStat(current - inactiveFile, inactiveFile, inactiveFile),
    'memory.current': `${current * mebi}\n`,
    'memory.max': `${600 * mebi}\n`,
    'memory.swap.current': '0\n',
    'memory.swap.max': 'max\n',
    'pids.current': '12\n',
  })

/** A node of one gibibyte with one pod on it, of which nothing is told before the kernel's files tell it. */
function node() {
  const work = new PodWork({ pod: podOf({ name: 'eater' }), removed: false }, { hasCgroup: true, hasDirectories: false })
  work.containers = [
    { id: 'c1', podUid: work.uid, name: 'main', state: 'running', attempt: 0, image: 'i', labels: {} } as unknown as Container,
  ]
  const ended = new Map<string, PodFailure>()
  let second = 0
  const source = new UsageSource({
    rootDir: dir,
    tree: { mount, version: 2, acted: { usage: () => ({ cpuNanos: 1, memoryBytes: 700 * mebi }), running: () => ['c1'] } },
    rootPlace: '/',
    podsPlace: () => '/kubepods',
    memoryCapacityBytes: 1024 * mebi,
    pods: () => [work],
    volumePath: () => undefined,
    podDir: (uid) => join(dir, 'pods', uid),
    imageRoot: async () => undefined,
    now: () => new Date(0),
  })
  const manager = new EvictionManager({
    source,
    thresholds: parseThresholds({
      evictionHard: { 'memory.available': '100Mi' },
      evictionSoft: {},
      evictionSoftGracePeriod: {},
      evictionMinimumReclaim: {},
    }),
    transitionMs: 0,
    maxPodGraceSeconds: 0,
    limitsStorage: true,
    pods: { list: () => [work], get: () => work, end: (uid, failure) => void ended.set(uid, failure) },
    reclaim: [],
    podEvent: ignore,
    nodeEvent: ignore,
    changed: ignore,
    now: () => {
      second += 10
      return new Date(second * 1000)
    },
    log,
  })
  return { source, manager, ended }
}

test('memory.available on version 2: the capacity less anonymous and file pages but inactive ones, not the kernel’s', async () => {
  root(500, 300, 120)
  pods(400, 50)
  const observed = observe(await node().source.node())
  assert.deepEqual(observed.get('memory.available'), { available: (1024 - 680) * mebi, capacity: 1024 * mebi })
  assert.deepEqual(observed.get('allocatableMemory.available'), { available: 250 * mebi, capacity: 600 * mebi })
})

test('pages that can be dropped are no pressure; pages in use are, and a pod ends for them', async () => {
  const { manager, ended } = node()
  root(300, 720, 400)
  pods(400, 50)
  assert.deepEqual(await manager.look(), [])
  assert.deepEqual(manager.conditions(), [])
  root(850, 130, 10)
  assert.deepEqual(await manager.look(), ['uid-eater'])
  assert.deepEqual(manager.conditions(), ['MemoryPressure'])
  assert.match(
    ended.get('uid-eater')?.message ?? '',
    /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 54Mi\. Container main was using 700Mi, request is 0/,
  )
  root(300, 130, 10)
  assert.deepEqual(await manager.look(), [])
  assert.deepEqual(manager.conditions(), [])
})

test('the pods’ own limit is looked at as well', async () => {
  const { manager, ended } = node()
  root(300, 130, 10)
  pods(560, 20)
  assert.deepEqual(await manager.look(), ['uid-eater'])
  assert.deepEqual([...ended.keys()], ['uid-eater'])
})
