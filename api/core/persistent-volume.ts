/** DESCRIBE file api/core/persistent-volume.ts */
import type { z } from 'zod'
import { inline, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { nodeSelectorSchema } from './affinity.ts'
import { persistentVolumeSourceSchema } from './persistent-volume-source.ts'
import { objectReferenceSchema } from './references.ts'

export const volumeNodeAffinitySchema = message('io.k8s.api.core.v1.VolumeNodeAffinity', 'DESCRIBE VolumeNodeAffinity', {
  required: object(1, nodeSelectorSchema, 'DESCRIBE VolumeNodeAffinity.required', { pointer: true }),
})
export type VolumeNodeAffinity = z.output<typeof volumeNodeAffinitySchema>

export const persistentVolumeSpecSchema = message('io.k8s.api.core.v1.PersistentVolumeSpec', 'DESCRIBE PersistentVolumeSpec', {
  capacity: map(1, 'quantity', 'DESCRIBE PersistentVolumeSpec.capacity'),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, persistentVolumeSourceSchema),
  accessModes: list(3, 'string', 'DESCRIBE PersistentVolumeSpec.accessModes', {
    enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
    listType: 'atomic',
  }),
  claimRef: object(4, objectReferenceSchema, 'DESCRIBE PersistentVolumeSpec.claimRef', { pointer: true, mapType: 'granular' }),
  persistentVolumeReclaimPolicy: string(5, 'DESCRIBE PersistentVolumeSpec.persistentVolumeReclaimPolicy', {
    enum: ['Delete', 'Recycle', 'Retain'],
  }),
  storageClassName: string(6, 'DESCRIBE PersistentVolumeSpec.storageClassName'),
  mountOptions: list(7, 'string', 'DESCRIBE PersistentVolumeSpec.mountOptions', { listType: 'atomic' }),
  volumeMode: string(8, 'DESCRIBE PersistentVolumeSpec.volumeMode', { pointer: true, enum: ['Block', 'Filesystem'] }),
  nodeAffinity: object(9, volumeNodeAffinitySchema, 'DESCRIBE PersistentVolumeSpec.nodeAffinity', { pointer: true }),
  volumeAttributesClassName: string(10, 'DESCRIBE PersistentVolumeSpec.volumeAttributesClassName', { pointer: true }),
})
export type PersistentVolumeSpec = z.output<typeof persistentVolumeSpecSchema>

export const persistentVolumeStatusSchema = message('io.k8s.api.core.v1.PersistentVolumeStatus', 'DESCRIBE PersistentVolumeStatus', {
  phase: string(1, 'DESCRIBE PersistentVolumeStatus.phase', { enum: ['Available', 'Bound', 'Failed', 'Pending', 'Released'] }),
  message: string(2, 'DESCRIBE PersistentVolumeStatus.message'),
  reason: string(3, 'DESCRIBE PersistentVolumeStatus.reason'),
  lastPhaseTransitionTime: time(4, 'DESCRIBE PersistentVolumeStatus.lastPhaseTransitionTime', { pointer: true }),
})
export type PersistentVolumeStatus = z.output<typeof persistentVolumeStatusSchema>

export const persistentVolumeSchema = kind('io.k8s.api.core.v1.PersistentVolume', 'DESCRIBE PersistentVolume', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PersistentVolume.metadata', { json: 'always', required: false }),
  spec: object(2, persistentVolumeSpecSchema, 'DESCRIBE PersistentVolume.spec', { json: 'always', required: false }),
  status: object(3, persistentVolumeStatusSchema, 'DESCRIBE PersistentVolume.status', { json: 'always', required: false }),
})
export type PersistentVolume = z.output<typeof persistentVolumeSchema>
