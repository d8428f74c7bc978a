/** Claims for storage. */
import type { z } from 'zod'
import { kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { claimWarnings } from './claim-warnings.ts'
import { persistentVolumeClaimColumns } from './columns/storage.ts'
import { defaultClaim } from './defaults/storage.ts'
import { prepareClaim } from './storage-prepare.ts'
import { validateClaim, validateClaimStatus } from './validation/persistent-volume-claim.ts'
import { persistentVolumeClaimSpecSchema } from './volume-claim-spec.ts'

export const persistentVolumeClaimConditionSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimCondition',
  "One aspect of a claim's state.",
  {
    type: string(1, 'Which aspect, such as Resizing.', { json: 'always', goType: 'v1.PersistentVolumeClaimConditionType' }),
    status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
    lastProbeTime: time(3, 'When this was looked at last.'),
    lastTransitionTime: time(4, 'When the status changed last.'),
    reason: string(5, 'Cause of the last change, one CamelCase word.'),
    message: string(6, 'What happened, for people.'),
  },
)
export type PersistentVolumeClaimCondition = z.output<typeof persistentVolumeClaimConditionSchema>

export const modifyVolumeStatusSchema = message('io.k8s.api.core.v1.ModifyVolumeStatus', 'How far a change of attributes has come.', {
  targetVolumeAttributesClassName: string(1, 'Class that the volume is changed to.'),
  status: string(2, 'Pending, InProgress or Infeasible.', {
    json: 'always',
    enum: ['InProgress', 'Infeasible', 'Pending'],
    goType: 'v1.PersistentVolumeClaimModifyVolumeStatus',
  }),
})
export type ModifyVolumeStatus = z.output<typeof modifyVolumeStatusSchema>

export const persistentVolumeClaimStatusSchema = message('io.k8s.api.core.v1.PersistentVolumeClaimStatus', 'What is seen of a claim.', {
  phase: string(1, 'Pending, Bound or Lost.', { enum: ['Bound', 'Lost', 'Pending'], goType: 'v1.PersistentVolumeClaimPhase' }),
  accessModes: list(2, 'string', 'How the bound volume can be mounted.', {
    enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
    listType: 'atomic',
    goType: 'v1.PersistentVolumeAccessMode',
  }),
  capacity: map(3, 'quantity', 'What the bound volume holds.', { goType: 'v1.ResourceList' }),
  conditions: list(4, persistentVolumeClaimConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  allocatedResources: map(5, 'quantity', 'What is set aside while the volume grows.', { goType: 'v1.ResourceList' }),
  allocatedResourceStatuses: map(7, 'string', 'How far the growth has come, by resource.', {
    enum: ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'],
    mapType: 'granular',
    goType: 'map[v1.ResourceName]v1.ClaimResourceStatus',
  }),
  currentVolumeAttributesClassName: string(8, 'Class of attributes that the volume has now.', { pointer: true }),
  modifyVolumeStatus: object(9, modifyVolumeStatusSchema, 'Change of attributes under way.', { pointer: true }),
})
export type PersistentVolumeClaimStatus = z.output<typeof persistentVolumeClaimStatusSchema>

export const persistentVolumeClaimSchema = kind('io.k8s.api.core.v1.PersistentVolumeClaim', 'Asks for storage that pods can mount.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, persistentVolumeClaimSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, persistentVolumeClaimStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type PersistentVolumeClaim = z.output<typeof persistentVolumeClaimSchema>

export const PersistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: persistentVolumeClaimSchema,
  columns: persistentVolumeClaimColumns,
  generation: false,
  defaults: defaultClaim,
  prepare: prepareClaim,
  validate: validateClaim,
  warnings: claimWarnings,
  subresources: { status: { prepare: keepSpec, validate: validateClaimStatus } },
}
