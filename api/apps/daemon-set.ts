/** Daemon sets. */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { templateWarnings } from '#api/core/pod-warnings.ts'
import { int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { daemonSetColumns } from './columns.ts'
import { defaultDaemonSet } from './defaults.ts'
import { prepareDaemonSet, prepareDaemonSetStatus } from './prepare.ts'
import { validateDaemonSet, validateDaemonSetStatus } from './validation/daemon-set.ts'

export const rollingUpdateDaemonSetSchema = message('io.k8s.api.apps.v1.RollingUpdateDaemonSet', 'Limits of a rolling update.', {
  maxUnavailable: intOrString(1, 'Pods that may be missing, by number or percent.', { pointer: true }),
  maxSurge: intOrString(2, 'Nodes that may run old and new pod at once, by number or percent.', { pointer: true }),
})
export type RollingUpdateDaemonSet = z.output<typeof rollingUpdateDaemonSetSchema>

export const daemonSetUpdateStrategySchema = message('io.k8s.api.apps.v1.DaemonSetUpdateStrategy', 'How old pods give way to new ones.', {
  type: string(1, 'RollingUpdate or OnDelete.', { enum: ['OnDelete', 'RollingUpdate'], goType: 'v1.DaemonSetUpdateStrategyType' }),
  rollingUpdate: object(2, rollingUpdateDaemonSetSchema, 'Limits of a rolling update.', { pointer: true }),
})
export type DaemonSetUpdateStrategy = z.output<typeof daemonSetUpdateStrategySchema>

export const daemonSetSpecSchema = message('io.k8s.api.apps.v1.DaemonSetSpec', 'What a daemon set is to run on nodes.', {
  selector: object(1, labelSelectorSchema, 'Labels of its pods; cannot change.', { json: 'always', pointer: true }),
  template: object(2, podTemplateSpecSchema, 'Pods to make.', { json: 'always' }),
  updateStrategy: object(3, daemonSetUpdateStrategySchema, 'How old pods give way to new ones.'),
  minReadySeconds: int32(4, 'Seconds a pod must be ready before it counts as available.'),
  revisionHistoryLimit: int32(6, 'Number of old revisions kept for going back.', { pointer: true }),
})
export type DaemonSetSpec = z.output<typeof daemonSetSpecSchema>

export const daemonSetConditionSchema = message('io.k8s.api.apps.v1.DaemonSetCondition', "One aspect of a daemon set's state.", {
  type: string(1, 'Which aspect.', { json: 'always', goType: 'v1.DaemonSetConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(3, 'When the status changed last.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  message: string(5, 'What happened, for people.'),
})
export type DaemonSetCondition = z.output<typeof daemonSetConditionSchema>

export const daemonSetStatusSchema = message('io.k8s.api.apps.v1.DaemonSetStatus', 'What is seen of a daemon set.', {
  currentNumberScheduled: int32(1, 'Nodes that run a pod and should.', { json: 'always' }),
  numberMisscheduled: int32(2, 'Nodes that run a pod and should not.', { json: 'always' }),
  desiredNumberScheduled: int32(3, 'Nodes that should run a pod.', { json: 'always' }),
  numberReady: int32(4, 'Nodes with a ready pod.', { json: 'always' }),
  observedGeneration: int64(5, 'Generation that the controller has seen.'),
  updatedNumberScheduled: int32(6, 'Nodes with a pod of the current template.'),
  numberAvailable: int32(7, 'Nodes with a pod ready for long enough.'),
  numberUnavailable: int32(8, 'Nodes without such a pod.'),
  collisionCount: int32(9, 'Counts name clashes of revisions.', { pointer: true }),
  conditions: list(10, daemonSetConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type DaemonSetStatus = z.output<typeof daemonSetStatusSchema>

export const daemonSetSchema = kind('io.k8s.api.apps.v1.DaemonSet', 'Keeps one pod running on each of some nodes.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, daemonSetSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, daemonSetStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type DaemonSet = z.output<typeof daemonSetSchema>

export const DaemonSets: Resource<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: daemonSetSchema,
  columns: daemonSetColumns,
  generation: false,
  defaults: defaultDaemonSet,
  prepare: prepareDaemonSet,
  validate: validateDaemonSet,
  warnings(next, prev) {
    if (prev && sameValue(next.spec.template, prev.spec.template)) return []
    return templateWarnings(next.spec.template, 'spec.template.')
  },
  subresources: { status: { prepare: prepareDaemonSetStatus, validate: validateDaemonSetStatus } },
}
