/** Replica sets. */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { workloadWarnings } from '#api/core/pod-warnings.ts'
import { int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { formatSelector, labelSelectorSchema, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { replicaSetColumns } from './columns.ts'
import { defaultReplicaSet } from './defaults.ts'
import { prepareReplicaSet } from './prepare.ts'
import { validateReplicaSet, validateReplicaSetStatus } from './validation/replica-set.ts'

export const replicaSetSpecSchema = message('io.k8s.api.apps.v1.ReplicaSetSpec', 'What a replica set is to keep running.', {
  replicas: int32(1, 'Number of pods.', { pointer: true }),
  minReadySeconds: int32(4, 'Seconds a pod must be ready before it counts as available.'),
  selector: object(2, labelSelectorSchema, 'Labels of its pods; cannot change.', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'Pods to make.'),
})
export type ReplicaSetSpec = z.output<typeof replicaSetSpecSchema>

export const replicaSetConditionSchema = message('io.k8s.api.apps.v1.ReplicaSetCondition', "One aspect of a replica set's state.", {
  type: string(1, 'Name of the aspect.', { json: 'always', goType: 'v1.ReplicaSetConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(3, 'When the status changed last.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  message: string(5, 'What happened, for people.'),
})
export type ReplicaSetCondition = z.output<typeof replicaSetConditionSchema>

export const replicaSetStatusSchema = message('io.k8s.api.apps.v1.ReplicaSetStatus', 'What is seen of a replica set.', {
  replicas: int32(1, 'Pods that exist.', { json: 'always' }),
  fullyLabeledReplicas: int32(2, 'Pods with all labels of the template.'),
  readyReplicas: int32(4, 'Pods that are ready.'),
  availableReplicas: int32(5, 'Pods ready for long enough.'),
  terminatingReplicas: int32(7, 'Pods on their way out.', { pointer: true }),
  observedGeneration: int64(3, 'Generation that the controller has seen.'),
  conditions: list(6, replicaSetConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ReplicaSetStatus = z.output<typeof replicaSetStatusSchema>

export const replicaSetSchema = kind('io.k8s.api.apps.v1.ReplicaSet', 'Keeps a number of equal pods running.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, replicaSetSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, replicaSetStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type ReplicaSet = z.output<typeof replicaSetSchema>

export const ReplicaSets: Resource<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: replicaSetSchema,
  columns: replicaSetColumns,
  generation: false,
  defaults: defaultReplicaSet,
  prepare: prepareReplicaSet,
  validate: validateReplicaSet,
  warnings: workloadWarnings,
  subresources: { status: { prepare: keepSpec, validate: validateReplicaSetStatus } },
  scale: {
    replicas: (set) => set.spec.replicas ?? 0,
    statusReplicas: (set) => set.status.replicas ?? 0,
    selector: (set) => formatSelector(selectorFromLabelSelector(set.spec.selector) ?? []),
    setReplicas(set, replicas) {
      set.spec.replicas = replicas
      return set
    },
  },
}
