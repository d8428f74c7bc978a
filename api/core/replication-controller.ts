/** Replication controllers, the older form of replica sets. */
import type { z } from 'zod'
import { int32, int64, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { formatSelector, selectorFromLabels } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { replicationControllerColumns } from './columns/replication-controller.ts'
import { defaultReplicationController } from './defaults/template.ts'
import { dropDisabledSpecFields } from './pod-features.ts'
import { podTemplateSpecSchema } from './pod-spec.ts'
import { workloadWarnings } from './pod-warnings.ts'
import { validateReplicationController, validateReplicationControllerStatus } from './validation/replication-controller.ts'

export const replicationControllerSpecSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerSpec',
  'What a replication controller is to keep running.',
  {
    replicas: int32(1, 'Number of pods.', { pointer: true, default: 1 }),
    minReadySeconds: int32(4, 'Seconds a pod must be ready before it counts as available.', { default: 0 }),
    selector: map(2, 'string', 'Labels of its pods; those of the template by default.', { mapType: 'atomic' }),
    template: object(3, podTemplateSpecSchema, 'Pods to make.', { pointer: true }),
  },
)
export type ReplicationControllerSpec = z.output<typeof replicationControllerSpecSchema>

export const replicationControllerConditionSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerCondition',
  "One aspect of a replication controller's state.",
  {
    type: string(1, 'Which aspect, such as ReplicaFailure.', { json: 'always', goType: 'v1.ReplicationControllerConditionType' }),
    status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
    lastTransitionTime: time(3, 'When the status changed last.'),
    reason: string(4, 'Cause of the last change, one CamelCase word.'),
    message: string(5, 'What happened, for people.'),
  },
)
export type ReplicationControllerCondition = z.output<typeof replicationControllerConditionSchema>

export const replicationControllerStatusSchema = message(
  'io.k8s.api.core.v1.ReplicationControllerStatus',
  'What is seen of a replication controller.',
  {
    replicas: int32(1, 'Pods that exist.', { json: 'always' }),
    fullyLabeledReplicas: int32(2, 'Pods with all labels of the template.'),
    readyReplicas: int32(4, 'Pods that are ready.'),
    availableReplicas: int32(5, 'Pods ready for long enough.'),
    observedGeneration: int64(3, 'Generation that the controller has seen.'),
    conditions: list(6, replicationControllerConditionSchema, 'Aspects of its state.', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type ReplicationControllerStatus = z.output<typeof replicationControllerStatusSchema>

export const replicationControllerSchema = kind(
  'io.k8s.api.core.v1.ReplicationController',
  'The older form of a replica set: keeps a number of equal pods running.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, replicationControllerSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, replicationControllerStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type ReplicationController = z.output<typeof replicationControllerSchema>

export const ReplicationControllers: Resource<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  storagePrefix: 'controllers',
  orphansByDefault: true,
  schema: replicationControllerSchema,
  columns: replicationControllerColumns,
  defaults: defaultReplicationController,
  prepare(next, prev) {
    if (next.spec.template?.spec) dropDisabledSpecFields(next.spec.template.spec, prev?.spec.template?.spec)
    if (!prev) next.status = { replicas: 0 }
    return next
  },
  validate: validateReplicationController,
  warnings: workloadWarnings,
  subresources: { status: { prepare: keepSpec, validate: validateReplicationControllerStatus } },
  scale: {
    replicas: (controller) => controller.spec.replicas ?? 0,
    statusReplicas: (controller) => controller.status.replicas,
    selector: (controller) => formatSelector(selectorFromLabels(controller.spec.selector)),
    setReplicas(controller, replicas) {
      controller.spec.replicas = replicas
      return controller
    },
  },
  selectableFields: { 'status.replicas': (controller) => String(controller.status.replicas) },
}
