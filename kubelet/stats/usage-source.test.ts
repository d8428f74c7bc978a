import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import type { MeasuredPod } from './usage.ts'
import { UsageSource } from './usage-source.ts'

const dir = mkdtempSync(join(tmpdir(), 'usage-source-'))
after(() => rmSync(dir, { recursive: true }))
const mount = join(dir, 'cgroup')

/** A cgroup of version 2 as the kernel would show it. */
function cgroup(place: string, cpuMicros: number, memoryBytes: number): void {
  mkdirSync(join(mount, place), { recursive: true })
  writeFileSync(join(mount, place, 'cpu.stat'), `usage_usec ${cpuMicros}\n`)
  writeFileSync(join(mount, place, 'memory.current'), `${memoryBytes}\n`)
  writeFileSync(join(mount, place, 'memory.stat'), 'inactive_file 0\n')
}

const podDir = (uid: string): string => join(dir, 'pods', uid)
/** Their processes cannot be looked up here: what is acted stands in for the kernel's word on where a container is. */
const acted = {
  usage: (id: string) => (id === 'c1' ? { cpuNanos: 5_000_000_000, memoryBytes: 4096 } : undefined),
  running: (uid: string) => (uid === 'u1' ? ['c1'] : []),
}

function container(more: Partial<Container>): Container {
  return { id: 'c1', podUid: 'u1', name: 'app', state: 'running', pid: 1, image: 'i', attempt: 0, ...more } as Container
}
function measured(containers: Container[], spec: object = {}): MeasuredPod {
  return { pod: { metadata: { name: 'p', namespace: 'd', uid: 'u1' }, spec } as unknown as Pod, status: { startTime: 't' }, containers }
}

function sourceOf(pods: readonly MeasuredPod[]): UsageSource {
  return new UsageSource({
    rootDir: dir,
    tree: { mount, version: 2, acted },
    rootPlace: '/',
    podsPlace: () => '/kubepods',
    memoryCapacityBytes: 1000,
    pods: () => pods,
    volumePath: (uid, volume) => join(podDir(uid), 'volumes', volume),
    podDir,
    imageRoot: async () => dir,
    now: () => new Date(0),
  })
}

test('the node: its share of memory, its pods, one file system for all', async () => {
  cgroup('/', 10, 400)
  cgroup('/kubepods', 5, 300)
  const node = await sourceOf([]).node()
  assert.equal(node.memory.availableBytes, 600)
  assert.equal(node.pods?.workingSetBytes, 300)
  assert.equal(node.hasImageFs, false)
  assert.ok((node.nodeFs?.capacityBytes ?? 0) > 0 && node.processes.max > node.processes.current)
})

test('a pod’s files: layer, logs of all its lives, volumes, and what else it can fill', async () => {
  const write = (path: string, bytes: number): string => {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, Buffer.alloc(bytes, 1))
    return path
  }
  write(join(dir, 'layer/file'), 10_000)
  const log = write(join(dir, 'docker/c1/c1-json.log'), 5000)
  write(`${log}.1`, 5000)
  const old = write(join(dir, 'docker/c0/c0-json.log'), 5000)
  write(join(podDir('u1'), 'volumes/scratch/file'), 20_000)
  write(join(podDir('u1'), 'volumes/words/file'), 20_000)
  write(join(podDir('u1'), 'etc-hosts'), 9000)
  write(join(podDir('u1'), 'containers/app/termination-log-0'), 4000)
  const spec = {
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'words', secret: { secretName: 's' } },
    ],
  }
  const lives = [
    container({ files: { writableLayer: join(dir, 'layer'), log } }),
    container({ id: 'c0', state: 'exited', files: { log: old } }),
  ]
  const source = sourceOf([measured(lives, spec)])
  const [usage] = await source.pods({ files: { maxAgeMs: 0 } })
  const [app] = usage?.containers ?? []
  assert.ok((app?.rootfs?.usedBytes ?? 0) >= 10_000)
  assert.equal(app?.logs?.inodesUsed, 3)
  assert.deepEqual(
    usage?.volumes?.map(({ name, ephemeral }) => [name, ephemeral]),
    [
      ['scratch', true],
      ['words', false],
    ],
  )
  const counted = usage?.ephemeralStorage?.usedBytes ?? 0
  assert.ok(counted >= 10_000 + 15_000 + 20_000 + 13_000 && counted < 110_000, `${counted}`)
  const [limits] = await source.pods({ files: { maxAgeMs: 0, limitsOnly: true } })
  assert.deepEqual(
    limits?.volumes?.map(({ name }) => name),
    ['scratch'],
  )
})

test('what does not run is not measured, nor who was not asked for', async () => {
  assert.deepEqual(await sourceOf([measured([container({ state: 'exited' })])]).pods({}), [])
  assert.deepEqual(await sourceOf([measured([container({})])]).pods({ only: () => false }), [])
})

test('rates: after a first look they are there', async () => {
  const source = sourceOf([measured([container({})])])
  const [unprimed] = await source.pods({})
  assert.equal(unprimed?.nanoCores, undefined)
  const other = sourceOf([measured([container({})])])
  await other.prime()
  assert.equal((await other.pods({}))[0]?.containers[0]?.nanoCores, 0)
})
