import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolume } from './persistent-volume.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { prepareClaim, preparePersistentVolume, preparePersistentVolumeStatus } from './storage-prepare.ts'

const created = '2024-01-01T00:00:00Z'
const volume = (status: PersistentVolume['status']): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'disk', creationTimestamp: created },
  spec: { capacity: { storage: '1Gi' }, hostPath: { path: '/disk' } },
  status,
})
const claim = (spec: PersistentVolumeClaim['spec']): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec,
  status: {},
})

test('a new volume is pending since it was made', () => {
  assert.deepEqual(preparePersistentVolume(volume({ phase: 'Bound' }), undefined).status, {
    phase: 'Pending',
    lastPhaseTransitionTime: created,
  })
})

test('a change of phase is timed, unless the writer does', () => {
  const now = new Date('2024-02-01T00:00:00Z')
  const prev = volume({ phase: 'Pending', lastPhaseTransitionTime: created })
  const timeOf = (status: PersistentVolume['status']): string | undefined =>
    preparePersistentVolumeStatus(volume(status), prev, now).status.lastPhaseTransitionTime
  assert.equal(timeOf({ phase: 'Bound' }), '2024-02-01T00:00:00Z')
  assert.equal(timeOf({ phase: 'Bound', lastPhaseTransitionTime: created }), '2024-02-01T00:00:00Z')
  assert.equal(timeOf({ phase: 'Bound', lastPhaseTransitionTime: '2024-01-20T00:00:00Z' }), '2024-01-20T00:00:00Z')
  assert.equal(timeOf({ phase: 'Pending' }), created)
})

test('both sources of a claim say the same', () => {
  const source = { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'old' }
  assert.deepEqual(prepareClaim(claim({ dataSource: source }), undefined).spec.dataSourceRef, source)
  assert.deepEqual(prepareClaim(claim({ dataSourceRef: source }), undefined).spec.dataSource, source)
})

test('sources that never had an effect and those of other namespaces are dropped', () => {
  const odd = { apiGroup: 'example.com', kind: 'Box', name: 'b' }
  assert.deepEqual(prepareClaim(claim({ dataSource: odd }), undefined).spec, {})
  assert.deepEqual(prepareClaim(claim({ dataSourceRef: { ...odd, namespace: 'other' } }), undefined).spec, {})
  assert.deepEqual(prepareClaim(claim({ dataSourceRef: odd }), undefined).spec, { dataSource: odd, dataSourceRef: odd })
})
