/** DESCRIBE file api/apps/stateful-set.ts */
import type { z } from 'zod'
import { persistentVolumeClaimSchema } from '#api/core/persistent-volume-claim.ts'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const rollingUpdateStatefulSetStrategySchema = message(
  'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy',
  'DESCRIBE RollingUpdateStatefulSetStrategy',
  {
    partition: int32(1, 'DESCRIBE RollingUpdateStatefulSetStrategy.partition', { pointer: true }),
    maxUnavailable: intOrString(2, 'DESCRIBE RollingUpdateStatefulSetStrategy.maxUnavailable', { pointer: true }),
  },
)
export type RollingUpdateStatefulSetStrategy = z.output<typeof rollingUpdateStatefulSetStrategySchema>

export const statefulSetUpdateStrategySchema = message(
  'io.k8s.api.apps.v1.StatefulSetUpdateStrategy',
  'DESCRIBE StatefulSetUpdateStrategy',
  {
    type: string(1, 'DESCRIBE StatefulSetUpdateStrategy.type', { enum: ['OnDelete', 'RollingUpdate'] }),
    rollingUpdate: object(2, rollingUpdateStatefulSetStrategySchema, 'DESCRIBE StatefulSetUpdateStrategy.rollingUpdate', { pointer: true }),
  },
)
export type StatefulSetUpdateStrategy = z.output<typeof statefulSetUpdateStrategySchema>

export const statefulSetPersistentVolumeClaimRetentionPolicySchema = message(
  'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  'DESCRIBE StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: string(1, 'DESCRIBE StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted'),
    whenScaled: string(2, 'DESCRIBE StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled'),
  },
)
export type StatefulSetPersistentVolumeClaimRetentionPolicy = z.output<typeof statefulSetPersistentVolumeClaimRetentionPolicySchema>

export const statefulSetOrdinalsSchema = message('io.k8s.api.apps.v1.StatefulSetOrdinals', 'DESCRIBE StatefulSetOrdinals', {
  start: int32(1, 'DESCRIBE StatefulSetOrdinals.start', { json: 'always', required: false }),
})
export type StatefulSetOrdinals = z.output<typeof statefulSetOrdinalsSchema>

export const statefulSetSpecSchema = message('io.k8s.api.apps.v1.StatefulSetSpec', 'DESCRIBE StatefulSetSpec', {
  replicas: int32(1, 'DESCRIBE StatefulSetSpec.replicas', { pointer: true }),
  selector: object(2, labelSelectorSchema, 'DESCRIBE StatefulSetSpec.selector', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'DESCRIBE StatefulSetSpec.template', { json: 'always' }),
  volumeClaimTemplates: list(4, persistentVolumeClaimSchema, 'DESCRIBE StatefulSetSpec.volumeClaimTemplates', { listType: 'atomic' }),
  serviceName: string(5, 'DESCRIBE StatefulSetSpec.serviceName', { json: 'always', required: false }),
  podManagementPolicy: string(6, 'DESCRIBE StatefulSetSpec.podManagementPolicy', { enum: ['OrderedReady', 'Parallel'] }),
  updateStrategy: object(7, statefulSetUpdateStrategySchema, 'DESCRIBE StatefulSetSpec.updateStrategy'),
  revisionHistoryLimit: int32(8, 'DESCRIBE StatefulSetSpec.revisionHistoryLimit', { pointer: true }),
  minReadySeconds: int32(9, 'DESCRIBE StatefulSetSpec.minReadySeconds'),
  persistentVolumeClaimRetentionPolicy: object(
    10,
    statefulSetPersistentVolumeClaimRetentionPolicySchema,
    'DESCRIBE StatefulSetSpec.persistentVolumeClaimRetentionPolicy',
    { pointer: true },
  ),
  ordinals: object(11, statefulSetOrdinalsSchema, 'DESCRIBE StatefulSetSpec.ordinals', { pointer: true }),
})
export type StatefulSetSpec = z.output<typeof statefulSetSpecSchema>

export const statefulSetConditionSchema = message('io.k8s.api.apps.v1.StatefulSetCondition', 'DESCRIBE StatefulSetCondition', {
  type: string(1, 'DESCRIBE StatefulSetCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE StatefulSetCondition.status', { json: 'always' }),
  lastTransitionTime: time(3, 'DESCRIBE StatefulSetCondition.lastTransitionTime'),
  reason: string(4, 'DESCRIBE StatefulSetCondition.reason'),
  message: string(5, 'DESCRIBE StatefulSetCondition.message'),
})
export type StatefulSetCondition = z.output<typeof statefulSetConditionSchema>

export const statefulSetStatusSchema = message('io.k8s.api.apps.v1.StatefulSetStatus', 'DESCRIBE StatefulSetStatus', {
  observedGeneration: int64(1, 'DESCRIBE StatefulSetStatus.observedGeneration'),
  replicas: int32(2, 'DESCRIBE StatefulSetStatus.replicas', { json: 'always' }),
  readyReplicas: int32(3, 'DESCRIBE StatefulSetStatus.readyReplicas'),
  currentReplicas: int32(4, 'DESCRIBE StatefulSetStatus.currentReplicas'),
  updatedReplicas: int32(5, 'DESCRIBE StatefulSetStatus.updatedReplicas'),
  currentRevision: string(6, 'DESCRIBE StatefulSetStatus.currentRevision'),
  updateRevision: string(7, 'DESCRIBE StatefulSetStatus.updateRevision'),
  collisionCount: int32(9, 'DESCRIBE StatefulSetStatus.collisionCount', { pointer: true }),
  conditions: list(10, statefulSetConditionSchema, 'DESCRIBE StatefulSetStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  availableReplicas: int32(11, 'DESCRIBE StatefulSetStatus.availableReplicas', { json: 'always', required: false }),
})
export type StatefulSetStatus = z.output<typeof statefulSetStatusSchema>

export const statefulSetSchema = kind('io.k8s.api.apps.v1.StatefulSet', 'DESCRIBE StatefulSet', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE StatefulSet.metadata', { json: 'always', required: false }),
  spec: object(2, statefulSetSpecSchema, 'DESCRIBE StatefulSet.spec', { json: 'always', required: false }),
  status: object(3, statefulSetStatusSchema, 'DESCRIBE StatefulSet.status', { json: 'always', required: false }),
})
export type StatefulSet = z.output<typeof statefulSetSchema>
