/** DESCRIBE file api/core/replication-controller.ts */
import type { z } from 'zod'
import { int32, int64, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { podTemplateSpecSchema } from './pod-spec.ts'

export const replicationControllerSpecSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerSpec',
  'DESCRIBE ReplicationControllerSpec',
  {
    replicas: int32(1, 'DESCRIBE ReplicationControllerSpec.replicas', { pointer: true, default: 1 }),
    minReadySeconds: int32(4, 'DESCRIBE ReplicationControllerSpec.minReadySeconds', { default: 0 }),
    selector: map(2, 'string', 'DESCRIBE ReplicationControllerSpec.selector', { mapType: 'atomic' }),
    template: object(3, podTemplateSpecSchema, 'DESCRIBE ReplicationControllerSpec.template', { pointer: true }),
  },
)
export type ReplicationControllerSpec = z.output<typeof replicationControllerSpecSchema>

export const replicationControllerConditionSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerCondition',
  'DESCRIBE ReplicationControllerCondition',
  {
    type: string(1, 'DESCRIBE ReplicationControllerCondition.type', { json: 'always' }),
    status: string(2, 'DESCRIBE ReplicationControllerCondition.status', { json: 'always' }),
    lastTransitionTime: time(3, 'DESCRIBE ReplicationControllerCondition.lastTransitionTime'),
    reason: string(4, 'DESCRIBE ReplicationControllerCondition.reason'),
    message: string(5, 'DESCRIBE ReplicationControllerCondition.message'),
  },
)
export type ReplicationControllerCondition = z.output<typeof replicationControllerConditionSchema>

export const replicationControllerStatusSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerStatus',
  'DESCRIBE ReplicationControllerStatus',
  {
    replicas: int32(1, 'DESCRIBE ReplicationControllerStatus.replicas', { json: 'always' }),
    fullyLabeledReplicas: int32(2, 'DESCRIBE ReplicationControllerStatus.fullyLabeledReplicas'),
    readyReplicas: int32(4, 'DESCRIBE ReplicationControllerStatus.readyReplicas'),
    availableReplicas: int32(5, 'DESCRIBE ReplicationControllerStatus.availableReplicas'),
    observedGeneration: int64(3, 'DESCRIBE ReplicationControllerStatus.observedGeneration'),
    conditions: list(6, replicationControllerConditionSchema, 'DESCRIBE ReplicationControllerStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type ReplicationControllerStatus = z.output<typeof replicationControllerStatusSchema>

export const replicationControllerSchema = kind('io.k8s.api.core.v1.ReplicationController', 'DESCRIBE ReplicationController', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ReplicationController.metadata', { json: 'always', required: false }),
  spec: object(2, replicationControllerSpecSchema, 'DESCRIBE ReplicationController.spec', { json: 'always', required: false }),
  status: object(3, replicationControllerStatusSchema, 'DESCRIBE ReplicationController.status', { json: 'always', required: false }),
})
export type ReplicationController = z.output<typeof replicationControllerSchema>
