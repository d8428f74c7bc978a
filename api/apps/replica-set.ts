/** DESCRIBE file api/apps/replica-set.ts */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { formatSelector, labelSelectorSchema, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { replicaSetColumns } from './columns.ts'
import { defaultReplicaSet } from './defaults.ts'
import { prepareReplicaSet, prepareReplicaSetStatus } from './prepare.ts'
import { validateReplicaSet, validateReplicaSetStatus } from './validation/replica-set.ts'

export const replicaSetSpecSchema = message('io.k8s.api.apps.v1.ReplicaSetSpec', 'DESCRIBE ReplicaSetSpec', {
  replicas: int32(1, 'DESCRIBE ReplicaSetSpec.replicas', { pointer: true }),
  minReadySeconds: int32(4, 'DESCRIBE ReplicaSetSpec.minReadySeconds'),
  selector: object(2, labelSelectorSchema, 'DESCRIBE ReplicaSetSpec.selector', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'DESCRIBE ReplicaSetSpec.template'),
})
export type ReplicaSetSpec = z.output<typeof replicaSetSpecSchema>

export const replicaSetConditionSchema = message('io.k8s.api.apps.v1.ReplicaSetCondition', 'DESCRIBE ReplicaSetCondition', {
  type: string(1, 'DESCRIBE ReplicaSetCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE ReplicaSetCondition.status', { json: 'always' }),
  lastTransitionTime: time(3, 'DESCRIBE ReplicaSetCondition.lastTransitionTime'),
  reason: string(4, 'DESCRIBE ReplicaSetCondition.reason'),
  message: string(5, 'DESCRIBE ReplicaSetCondition.message'),
})
export type ReplicaSetCondition = z.output<typeof replicaSetConditionSchema>

export const replicaSetStatusSchema = message('io.k8s.api.apps.v1.ReplicaSetStatus', 'DESCRIBE ReplicaSetStatus', {
  replicas: int32(1, 'DESCRIBE ReplicaSetStatus.replicas', { json: 'always' }),
  fullyLabeledReplicas: int32(2, 'DESCRIBE ReplicaSetStatus.fullyLabeledReplicas'),
  readyReplicas: int32(4, 'DESCRIBE ReplicaSetStatus.readyReplicas'),
  availableReplicas: int32(5, 'DESCRIBE ReplicaSetStatus.availableReplicas'),
  terminatingReplicas: int32(7, 'DESCRIBE ReplicaSetStatus.terminatingReplicas', { pointer: true }),
  observedGeneration: int64(3, 'DESCRIBE ReplicaSetStatus.observedGeneration'),
  conditions: list(6, replicaSetConditionSchema, 'DESCRIBE ReplicaSetStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ReplicaSetStatus = z.output<typeof replicaSetStatusSchema>

export const replicaSetSchema = kind('io.k8s.api.apps.v1.ReplicaSet', 'DESCRIBE ReplicaSet', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ReplicaSet.metadata', { json: 'always', required: false }),
  spec: object(2, replicaSetSpecSchema, 'DESCRIBE ReplicaSet.spec', { json: 'always', required: false }),
  status: object(3, replicaSetStatusSchema, 'DESCRIBE ReplicaSet.status', { json: 'always', required: false }),
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
  subresources: { status: { prepare: prepareReplicaSetStatus, validate: validateReplicaSetStatus } },
  scale: {
    replicas: (set) => set.spec.replicas ?? 0,
    statusReplicas: (set) => set.status.replicas ?? 0,
    selector: (set) => formatSelector(selectorFromLabelSelector(set.spec.selector) ?? []),
    setReplicas(set, replicas) {
      set.spec.replicas = replicas
      return set
    },
  },
  selectableFields: { 'status.replicas': (set) => String(set.status.replicas ?? 0) },
}
