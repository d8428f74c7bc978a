/** Table columns of persistent volumes and claims. */

import type { PersistentVolume } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { storageClassOf } from '#api/core/rules/storage-class.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import type { Column } from '#api/resource.ts'

const shortModes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

const modesText = (modes: readonly string[] | undefined): string =>
  shortModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',')

const phaseOf = (metadata: ObjectMeta, phase: string | undefined): string =>
  metadata.deletionTimestamp === undefined ? (phase ?? '') : 'Terminating'

export const persistentVolumeColumns: readonly Column<PersistentVolume>[] = [
  nameColumn,
  column('Capacity', 'How much it holds.', ({ spec }) => spec.capacity?.['storage'] ?? '0'),
  column('Access Modes', 'How it can be mounted.', ({ spec }) => modesText(spec.accessModes)),
  column('Reclaim Policy', 'What comes of it when its claim goes.', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
  column('Status', 'Its phase.', ({ metadata, status }) => phaseOf(metadata, status.phase)),
  column('Claim', 'Claim that has it.', ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '')),
  column('StorageClass', 'Class of storage.', ({ metadata, spec }) => storageClassOf(metadata, spec.storageClassName)),
  column('VolumeAttributesClass', 'Class of changeable attributes.', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
  column('Reason', 'Cause of its phase.', ({ status }) => status.reason ?? ''),
  ageColumn,
  column('VolumeMode', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
]

export const persistentVolumeClaimColumns: readonly Column<PersistentVolumeClaim>[] = [
  nameColumn,
  column('Status', 'Its phase.', ({ metadata, status }) => phaseOf(metadata, status.phase)),
  column('Volume', 'Volume that is bound.', ({ spec }) => spec.volumeName ?? ''),
  column('Capacity', 'What the volume holds.', ({ spec, status }) => (spec.volumeName ? (status.capacity?.['storage'] ?? '0') : '')),
  column('Access Modes', 'How it can be mounted.', ({ spec, status }) => (spec.volumeName ? modesText(status.accessModes) : '')),
  column('StorageClass', 'Class of storage.', ({ metadata, spec }) => storageClassOf(metadata, spec.storageClassName)),
  column('VolumeAttributesClass', 'Class of changeable attributes.', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
  ageColumn,
  column('VolumeMode', 'Filesystem or Block.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
]
