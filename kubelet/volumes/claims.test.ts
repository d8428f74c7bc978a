import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { checkMode, resolveClaim, specOf, UnprocessedError } from './claims.ts'
import { MountError, mountFailure } from './mount-failure.ts'
import { VolumeError } from './volume.ts'

const claim = (extra: Partial<PersistentVolumeClaim> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'default', uid: 'claim-1' },
  spec: { volumeName: 'pv' },
  status: { phase: 'Bound' },
  ...extra,
})
const volume = (spec: PersistentVolume['spec'] = {}, annotations: Record<string, string> = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv', annotations },
  spec: { local: { path: '/disk' }, claimRef: { uid: 'claim-1' }, ...spec },
  status: {},
})
const of = { name: 'data', persistentVolumeClaim: { claimName: 'c', readOnly: true } }
const resolve = (asked: object, found: PersistentVolumeClaim | undefined, behind: PersistentVolume = volume()) =>
  resolveClaim(pod(), asked as typeof of, {
    claim: async (_, name) => found ?? Promise.reject(new Error(`persistentvolumeclaims "${name}" not found`)),
    volume: async () => behind,
  })

test('the volume behind a claim, under its own name', async () => {
  const { spec } = await resolve(
    of,
    claim(),
    volume({ mountOptions: ['noatime'], volumeMode: 'Block' }, { 'pv.beta.kubernetes.io/gid': '7' }),
  )
  assert.deepEqual(spec, {
    name: 'pv',
    claimed: true,
    readOnly: true,
    local: { path: '/disk' },
    mountOptions: ['noatime'],
    block: true,
    gid: 7,
  })
  assert.deepEqual(specOf(volume({}, { 'pv.beta.kubernetes.io/gid': 'x' }), false).gid, undefined)
  assert.deepEqual(await resolve({ name: 'plain', emptyDir: {} }, undefined), { spec: { name: 'plain', emptyDir: {} } })
})

test('what upstream says while a claim cannot be used', async () => {
  const fails = (message: string, ...found: [PersistentVolumeClaim?, PersistentVolume?]) =>
    assert.rejects(resolve(of, found[0], found[1]), new UnprocessedError(`error processing PVC default/c: ${message}`))
  await fails('failed to fetch PVC from API server: persistentvolumeclaims "c" not found')
  await fails('PVC is not bound', claim({ status: { phase: 'Pending' } }))
  await fails('PVC has empty pvc.Spec.VolumeName', claim({ spec: {} }))
  const deleted = { name: 'c', deletionTimestamp: '2026-11-21T12:00:00Z' }
  await fails('PVC is being deleted', claim({ metadata: deleted }))
  await resolve(of, claim({ metadata: { ...deleted, uid: 'claim-1', finalizers: ['kubernetes.io/pvc-protection'] } }))
  const unbound = 'found PV object pv but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim'
  await fails(unbound, claim(), { ...volume(), spec: {} })
  await fails(
    'found PV object pv but its pv.Spec.ClaimRef.UID other does not point to claim.UID claim-1',
    claim(),
    volume({ claimRef: { uid: 'other' } }),
  )
  const ephemeral = { name: 'data', ephemeral: { volumeClaimTemplate: { spec: {} } } }
  await assert.rejects(
    resolve(ephemeral, claim()),
    new UnprocessedError('PVC default/web-data was not created for pod default/web (pod is not owner)'),
  )
  const owned = {
    name: 'c',
    uid: 'claim-1',
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-1', controller: true }],
  }
  assert.equal((await resolve(ephemeral, claim({ metadata: owned }))).spec.name, 'pv')
})

test('a device is not mounted, and a file system is no device', () => {
  checkMode('v', false, { mounted: true, asDevice: false })
  checkMode('v', true, { mounted: false, asDevice: true })
  assert.throws(
    () => checkMode('v', true, { mounted: true, asDevice: false }),
    /volume v has volumeMode Block, but is specified in volumeMounts/,
  )
  assert.throws(
    () => checkMode('v', false, { mounted: false, asDevice: true }),
    /volume v has volumeMode Filesystem, but is specified in volumeDevices/,
  )
})

test('one event for all that could not be looked at, one each for the others', () => {
  const failures = new Map<string, Error>([
    ['b', new UnprocessedError('no claim')],
    ['a', new MountError('pv', new VolumeError('full', 'MountVolume.MountDevice'))],
    ['c', new UnprocessedError('no plug-in')],
  ])
  assert.deepEqual(mountFailure(failures).messages, [
    'Unable to attach or mount volumes: unmounted volumes=[a b c], unattached volumes=[], failed to process volumes=[b c]: no claim; no plug-in',
    'MountVolume.MountDevice failed for volume "pv" : full',
  ])
  assert.equal(mountFailure(new Map([['a', new MountError('a', new Error('x'))]])).retryAfterMs, undefined)
  const refused = new Error("ENOENT: no such file or directory, open '/x/y'")
  assert.equal(new MountError('a', refused).message, 'MountVolume.SetUp failed for volume "a" : open /x/y: no such file or directory')
})
