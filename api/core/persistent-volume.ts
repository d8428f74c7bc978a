/** Persistent volumes. */
import type { z } from 'zod'
import { inline, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { nodeSelectorSchema } from './affinity.ts'
import { persistentVolumeWarnings } from './claim-warnings.ts'
import { persistentVolumeColumns } from './columns/storage.ts'
import { defaultPersistentVolume } from './defaults/storage.ts'
import { persistentVolumeSourceSchema } from './persistent-volume-source.ts'
import { objectReferenceSchema } from './references.ts'
import { preparePersistentVolume, preparePersistentVolumeStatus } from './storage-prepare.ts'
import { validatePersistentVolume, validatePersistentVolumeStatus } from './validation/persistent-volume.ts'

export const volumeNodeAffinitySchema = message('io.k8s.api.core.v1.VolumeNodeAffinity', 'Nodes from which a volume can be reached.', {
  required: object(1, nodeSelectorSchema, 'Nodes that the pods of this volume must run on.', { pointer: true }),
})
export type VolumeNodeAffinity = z.output<typeof volumeNodeAffinitySchema>

export const persistentVolumeSpecSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeSpec',
  'What a persistent volume is and who has it.',
  {
    capacity: map(1, 'quantity', 'How much it holds.', { goType: 'v1.ResourceList' }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, persistentVolumeSourceSchema),
    accessModes: list(3, 'string', 'How it can be mounted.', {
      enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
      listType: 'atomic',
      goType: 'v1.PersistentVolumeAccessMode',
    }),
    claimRef: object(4, objectReferenceSchema, 'Claim that has it.', { pointer: true, mapType: 'granular' }),
    persistentVolumeReclaimPolicy: string(5, 'Retain, Delete or Recycle: what comes of it when its claim goes.', {
      enum: ['Delete', 'Recycle', 'Retain'],
      goType: 'v1.PersistentVolumeReclaimPolicy',
    }),
    storageClassName: string(6, 'Class of storage that it belongs to.'),
    mountOptions: list(7, 'string', 'Options for mounting it, not checked.', { listType: 'atomic' }),
    volumeMode: string(8, 'Filesystem or Block.', { pointer: true, enum: ['Block', 'Filesystem'], goType: 'v1.PersistentVolumeMode' }),
    nodeAffinity: object(9, volumeNodeAffinitySchema, 'Nodes from which it can be reached.', { pointer: true }),
    volumeAttributesClassName: string(10, 'Class of changeable attributes.', { pointer: true }),
  },
)
export type PersistentVolumeSpec = z.output<typeof persistentVolumeSpecSchema>

export const persistentVolumeStatusSchema = message('io.k8s.api.core.v1.PersistentVolumeStatus', 'What is seen of a persistent volume.', {
  phase: string(1, 'Pending, Available, Bound, Released or Failed.', {
    enum: ['Available', 'Bound', 'Failed', 'Pending', 'Released'],
    goType: 'v1.PersistentVolumePhase',
  }),
  message: string(2, 'What happened, for people.'),
  reason: string(3, 'Cause of the last change, one CamelCase word.'),
  lastPhaseTransitionTime: time(4, 'When the phase changed last.', { pointer: true }),
})
export type PersistentVolumeStatus = z.output<typeof persistentVolumeStatusSchema>

export const persistentVolumeSchema = kind('io.k8s.api.core.v1.PersistentVolume', 'A piece of storage that outlives pods.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, persistentVolumeSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, persistentVolumeStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type PersistentVolume = z.output<typeof persistentVolumeSchema>

export const PersistentVolumes: Resource<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  scope: 'Cluster',
  returnsDeleted: true,
  schema: persistentVolumeSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: persistentVolumeColumns,
  generation: false,
  defaults: defaultPersistentVolume,
  prepare: preparePersistentVolume,
  validate: validatePersistentVolume,
  warnings: persistentVolumeWarnings,
  subresources: { status: { prepare: preparePersistentVolumeStatus, validate: validatePersistentVolumeStatus } },
}
