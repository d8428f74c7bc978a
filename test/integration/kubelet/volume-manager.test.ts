/** What the volume manager leaves of a pod when it is taken down: nothing of the kubelet's, everything of others'. Real mounts. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { exec } from '#component/exec.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { unmountBelow } from '#kubelet/volumes/mounts.ts'
import { VolumeManager, type VolumeManagerOptions } from '#kubelet/volumes/volume-manager.ts'

const skip = process.getuid?.() === 0 ? false : 'mounts need root'
const root = mkdtempSync(join(tmpdir(), 'volume-manager-'))
const disk = join(root, 'disk')
after(async () => {
  await unmountBelow(root)
  rmSync(root, { recursive: true })
})

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'default', uid: 'claim' },
  spec: { volumeName: 'pv' },
  status: { phase: 'Bound' },
}
const volume: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: { local: { path: disk }, claimRef: { uid: 'claim' } },
  status: {},
}
const volumes = [
  { name: 'local', persistentVolumeClaim: { claimName: 'c' } },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  { name: 'down', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
]
const web = pod({ containers: [app('main', { volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) })], volumes })
const facts = { podIps: [], hostIps: [], nodeName: 'n', allocatable: {} }
const signal = new AbortController().signal

function manager(name: string, mounts: boolean): VolumeManager {
  const given = {
    rootDir: join(root, name),
    objects: {},
    tokens: { forget: () => undefined },
    claims: { claim: async () => claim, volume: async () => volume },
    node: () => undefined,
    nodeMemoryBytes: 1 << 30,
    mounts,
    log: {},
  }
  return new VolumeManager(given as unknown as VolumeManagerOptions)
}
const pathsOf = (of: VolumeManager): string[] => volumes.map(({ name }) => of.path('uid-1', name) ?? '')

test('set up, again after a restart, and taken down; the data of others stays', { skip }, async () => {
  mkdirSync(disk)
  writeFileSync(join(disk, 'precious'), 'data')
  const first = manager('real', true)
  await first.start()
  await first.mount(web, facts, signal)
  const [local = '', memory = '', down = ''] = pathsOf(first)
  assert.equal(readFileSync(join(local, 'precious'), 'utf8'), 'data')
  assert.equal(readFileSync(join(down, 'name'), 'utf8'), 'web')
  writeFileSync(join(memory, 'mine'), '')
  const second = manager('real', true)
  await second.start()
  await second.mount(web, facts, signal)
  assert.deepEqual(pathsOf(second), [local, memory, down])
  assert.ok(existsSync(join(memory, 'mine')), 'what containers wrote is still there')
  // Something that a container mounted within the volume, and from there the host.
  mkdirSync(join(memory, 'inner'))
  await exec(['mount', '-t', 'tmpfs', 'tmpfs', join(memory, 'inner')])
  await second.removeDirectory('uid-1')
  assert.equal(existsSync(second.podDir('uid-1')), false)
  assert.equal(readFileSync('/proc/self/mounts', 'utf8').includes(join(root, 'real/pods')), false)
  assert.equal(readFileSync(join(disk, 'precious'), 'utf8'), 'data')
})

test('a node that only pretends writes files and mounts nothing', { skip }, async () => {
  const hollow = manager('hollow', false)
  await hollow.mount(web, facts, signal)
  const [, memory = '', down = ''] = pathsOf(hollow)
  assert.ok(statSync(down).isDirectory())
  assert.equal(existsSync(memory), false)
  assert.equal(readFileSync('/proc/self/mounts', 'utf8').includes(join(root, 'hollow')), false)
  await hollow.removeDirectory('uid-1')
  assert.equal(existsSync(hollow.podDir('uid-1')), false)
})
