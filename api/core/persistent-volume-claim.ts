/** DESCRIBE file api/core/persistent-volume-claim.ts */
import type { z } from 'zod'
import { kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { persistentVolumeClaimSpecSchema } from './volume-claim-spec.ts'

export const persistentVolumeClaimConditionSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimCondition',
  'DESCRIBE PersistentVolumeClaimCondition',
  {
    type: string(1, 'DESCRIBE PersistentVolumeClaimCondition.type', { json: 'always' }),
    status: string(2, 'DESCRIBE PersistentVolumeClaimCondition.status', { json: 'always' }),
    lastProbeTime: time(3, 'DESCRIBE PersistentVolumeClaimCondition.lastProbeTime'),
    lastTransitionTime: time(4, 'DESCRIBE PersistentVolumeClaimCondition.lastTransitionTime'),
    reason: string(5, 'DESCRIBE PersistentVolumeClaimCondition.reason'),
    message: string(6, 'DESCRIBE PersistentVolumeClaimCondition.message'),
  },
)
export type PersistentVolumeClaimCondition = z.output<typeof persistentVolumeClaimConditionSchema>

export const modifyVolumeStatusSchema = message('io.k8s.api.core.v1.ModifyVolumeStatus', 'DESCRIBE ModifyVolumeStatus', {
  targetVolumeAttributesClassName: string(1, 'DESCRIBE ModifyVolumeStatus.targetVolumeAttributesClassName'),
  status: string(2, 'DESCRIBE ModifyVolumeStatus.status', { json: 'always', enum: ['InProgress', 'Infeasible', 'Pending'] }),
})
export type ModifyVolumeStatus = z.output<typeof modifyVolumeStatusSchema>

export const persistentVolumeClaimStatusSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus',
  'DESCRIBE PersistentVolumeClaimStatus',
  {
    phase: string(1, 'DESCRIBE PersistentVolumeClaimStatus.phase', { enum: ['Bound', 'Lost', 'Pending'] }),
    accessModes: list(2, 'string', 'DESCRIBE PersistentVolumeClaimStatus.accessModes', {
      enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    capacity: map(3, 'quantity', 'DESCRIBE PersistentVolumeClaimStatus.capacity'),
    conditions: list(4, persistentVolumeClaimConditionSchema, 'DESCRIBE PersistentVolumeClaimStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
    allocatedResources: map(5, 'quantity', 'DESCRIBE PersistentVolumeClaimStatus.allocatedResources'),
    allocatedResourceStatuses: map(7, 'string', 'DESCRIBE PersistentVolumeClaimStatus.allocatedResourceStatuses', {
      enum: [
        'ControllerResizeInProgress',
        'ControllerResizeInfeasible',
        'NodeResizeInProgress',
        'NodeResizeInfeasible',
        'NodeResizePending',
      ],
      mapType: 'granular',
    }),
    currentVolumeAttributesClassName: string(8, 'DESCRIBE PersistentVolumeClaimStatus.currentVolumeAttributesClassName', { pointer: true }),
    modifyVolumeStatus: object(9, modifyVolumeStatusSchema, 'DESCRIBE PersistentVolumeClaimStatus.modifyVolumeStatus', { pointer: true }),
  },
)
export type PersistentVolumeClaimStatus = z.output<typeof persistentVolumeClaimStatusSchema>

export const persistentVolumeClaimSchema = kind('io.k8s.api.core.v1.PersistentVolumeClaim', 'DESCRIBE PersistentVolumeClaim', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PersistentVolumeClaim.metadata', { json: 'always', required: false }),
  spec: object(2, persistentVolumeClaimSpecSchema, 'DESCRIBE PersistentVolumeClaim.spec', { json: 'always', required: false }),
  status: object(3, persistentVolumeClaimStatusSchema, 'DESCRIBE PersistentVolumeClaim.status', { json: 'always', required: false }),
})
export type PersistentVolumeClaim = z.output<typeof persistentVolumeClaimSchema>
