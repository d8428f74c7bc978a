/** Stateful sets. */
import type { z } from 'zod'
import { persistentVolumeClaimSchema } from '#api/core/persistent-volume-claim.ts'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { formatSelector, labelSelectorSchema, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { checkDns1123Label } from '#api/validation/names.ts'
import { statefulSetColumns } from './columns.ts'
import { defaultStatefulSet } from './defaults.ts'
import { prepareStatefulSet } from './prepare.ts'
import { validateStatefulSet, validateStatefulSetStatus } from './validation/stateful-set.ts'
import { statefulSetWarnings } from './warnings.ts'

export const rollingUpdateStatefulSetStrategySchema = message(
  'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy',
  'Limits of a rolling update.',
  {
    partition: int32(1, 'Ordinal from which on pods are changed.', { pointer: true }),
    maxUnavailable: intOrString(2, 'Pods that may be missing, by number or percent.', { pointer: true }),
  },
)
export type RollingUpdateStatefulSetStrategy = z.output<typeof rollingUpdateStatefulSetStrategySchema>

export const statefulSetUpdateStrategySchema = message(
  'io.k8s.api.apps.v1.StatefulSetUpdateStrategy',
  'How old pods give way to new ones.',
  {
    type: string(1, 'RollingUpdate or OnDelete.', { enum: ['OnDelete', 'RollingUpdate'], goType: 'v1.StatefulSetUpdateStrategyType' }),
    rollingUpdate: object(2, rollingUpdateStatefulSetStrategySchema, 'Limits of a rolling update.', { pointer: true }),
  },
)
export type StatefulSetUpdateStrategy = z.output<typeof statefulSetUpdateStrategySchema>

export const statefulSetPersistentVolumeClaimRetentionPolicySchema = message(
  'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  'What comes of the claims of pods that go.',
  {
    whenDeleted: string(1, 'Retain or Delete, when the set is deleted.', { goType: 'v1.PersistentVolumeClaimRetentionPolicyType' }),
    whenScaled: string(2, 'Retain or Delete, when the set is made smaller.', { goType: 'v1.PersistentVolumeClaimRetentionPolicyType' }),
  },
)
export type StatefulSetPersistentVolumeClaimRetentionPolicy = z.output<typeof statefulSetPersistentVolumeClaimRetentionPolicySchema>

export const statefulSetOrdinalsSchema = message('io.k8s.api.apps.v1.StatefulSetOrdinals', 'Numbers of the pods.', {
  start: int32(1, 'Number of the first pod.', { json: 'always', required: false }),
})
export type StatefulSetOrdinals = z.output<typeof statefulSetOrdinalsSchema>

export const statefulSetSpecSchema = message('io.k8s.api.apps.v1.StatefulSetSpec', 'What a stateful set is to keep running.', {
  replicas: int32(1, 'Number of pods.', { pointer: true }),
  selector: object(2, labelSelectorSchema, 'Labels of its pods; cannot change.', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'Pods to make.', { json: 'always' }),
  volumeClaimTemplates: list(4, persistentVolumeClaimSchema, 'Claims to make for each pod.', { listType: 'atomic' }),
  serviceName: string(5, 'Service under which its pods have names; cannot change.', { json: 'always', required: false }),
  podManagementPolicy: string(6, 'OrderedReady or Parallel: how pods start and end.', {
    enum: ['OrderedReady', 'Parallel'],
    goType: 'v1.PodManagementPolicyType',
  }),
  updateStrategy: object(7, statefulSetUpdateStrategySchema, 'How old pods give way to new ones.'),
  revisionHistoryLimit: int32(8, 'Number of old revisions kept for going back.', { pointer: true }),
  minReadySeconds: int32(9, 'Seconds a pod must be ready before it counts as available.'),
  persistentVolumeClaimRetentionPolicy: object(
    10,
    statefulSetPersistentVolumeClaimRetentionPolicySchema,
    'What comes of the claims of pods that go.',
    { pointer: true },
  ),
  ordinals: object(11, statefulSetOrdinalsSchema, 'Numbers of the pods.', { pointer: true }),
})
export type StatefulSetSpec = z.output<typeof statefulSetSpecSchema>

export const statefulSetConditionSchema = message('io.k8s.api.apps.v1.StatefulSetCondition', "One aspect of a stateful set's state.", {
  type: string(1, 'Which aspect.', { json: 'always', goType: 'v1.StatefulSetConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(3, 'When the status changed last.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  message: string(5, 'What happened, for people.'),
})
export type StatefulSetCondition = z.output<typeof statefulSetConditionSchema>

export const statefulSetStatusSchema = message('io.k8s.api.apps.v1.StatefulSetStatus', 'What is seen of a stateful set.', {
  observedGeneration: int64(1, 'Generation that the controller has seen.'),
  replicas: int32(2, 'Pods that exist.', { json: 'always' }),
  readyReplicas: int32(3, 'Pods that are ready.'),
  currentReplicas: int32(4, 'Pods of the current revision.'),
  updatedReplicas: int32(5, 'Pods of the new revision.'),
  currentRevision: string(6, 'Revision that pods not yet changed have.'),
  updateRevision: string(7, 'Revision that pods are changed to.'),
  collisionCount: int32(9, 'Counts name clashes of revisions.', { pointer: true }),
  conditions: list(10, statefulSetConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  availableReplicas: int32(11, 'Pods ready for long enough.', { json: 'always', required: false }),
})
export type StatefulSetStatus = z.output<typeof statefulSetStatusSchema>

export const statefulSetSchema = kind('io.k8s.api.apps.v1.StatefulSet', 'Keeps pods running that have lasting names and storage.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, statefulSetSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, statefulSetStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type StatefulSet = z.output<typeof statefulSetSchema>

export const StatefulSets: Resource<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: statefulSetSchema,
  columns: statefulSetColumns,
  generation: false,
  defaults: defaultStatefulSet,
  prepare: prepareStatefulSet,
  validateName: checkDns1123Label,
  validate: validateStatefulSet,
  warnings: statefulSetWarnings,
  subresources: { status: { prepare: keepSpec, validate: validateStatefulSetStatus } },
  scale: {
    replicas: (set) => set.spec.replicas ?? 0,
    statusReplicas: (set) => set.status.replicas,
    selector: (set) => formatSelector(selectorFromLabelSelector(set.spec.selector) ?? []),
    setReplicas(set, replicas) {
      set.spec.replicas = replicas
      return set
    },
  },
}
