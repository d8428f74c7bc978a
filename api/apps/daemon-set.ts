/** DESCRIBE file api/apps/daemon-set.ts */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const rollingUpdateDaemonSetSchema = message('io.k8s.api.apps.v1.RollingUpdateDaemonSet', 'DESCRIBE RollingUpdateDaemonSet', {
  maxUnavailable: intOrString(1, 'DESCRIBE RollingUpdateDaemonSet.maxUnavailable', { pointer: true }),
  maxSurge: intOrString(2, 'DESCRIBE RollingUpdateDaemonSet.maxSurge', { pointer: true }),
})
export type RollingUpdateDaemonSet = z.output<typeof rollingUpdateDaemonSetSchema>

export const daemonSetUpdateStrategySchema = message('io.k8s.api.apps.v1.DaemonSetUpdateStrategy', 'DESCRIBE DaemonSetUpdateStrategy', {
  type: string(1, 'DESCRIBE DaemonSetUpdateStrategy.type', { enum: ['OnDelete', 'RollingUpdate'] }),
  rollingUpdate: object(2, rollingUpdateDaemonSetSchema, 'DESCRIBE DaemonSetUpdateStrategy.rollingUpdate', { pointer: true }),
})
export type DaemonSetUpdateStrategy = z.output<typeof daemonSetUpdateStrategySchema>

export const daemonSetSpecSchema = message('io.k8s.api.apps.v1.DaemonSetSpec', 'DESCRIBE DaemonSetSpec', {
  selector: object(1, labelSelectorSchema, 'DESCRIBE DaemonSetSpec.selector', { json: 'always', pointer: true }),
  template: object(2, podTemplateSpecSchema, 'DESCRIBE DaemonSetSpec.template', { json: 'always' }),
  updateStrategy: object(3, daemonSetUpdateStrategySchema, 'DESCRIBE DaemonSetSpec.updateStrategy'),
  minReadySeconds: int32(4, 'DESCRIBE DaemonSetSpec.minReadySeconds'),
  revisionHistoryLimit: int32(6, 'DESCRIBE DaemonSetSpec.revisionHistoryLimit', { pointer: true }),
})
export type DaemonSetSpec = z.output<typeof daemonSetSpecSchema>

export const daemonSetConditionSchema = message('io.k8s.api.apps.v1.DaemonSetCondition', 'DESCRIBE DaemonSetCondition', {
  type: string(1, 'DESCRIBE DaemonSetCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE DaemonSetCondition.status', { json: 'always' }),
  lastTransitionTime: time(3, 'DESCRIBE DaemonSetCondition.lastTransitionTime'),
  reason: string(4, 'DESCRIBE DaemonSetCondition.reason'),
  message: string(5, 'DESCRIBE DaemonSetCondition.message'),
})
export type DaemonSetCondition = z.output<typeof daemonSetConditionSchema>

export const daemonSetStatusSchema = message('io.k8s.api.apps.v1.DaemonSetStatus', 'DESCRIBE DaemonSetStatus', {
  currentNumberScheduled: int32(1, 'DESCRIBE DaemonSetStatus.currentNumberScheduled', { json: 'always' }),
  numberMisscheduled: int32(2, 'DESCRIBE DaemonSetStatus.numberMisscheduled', { json: 'always' }),
  desiredNumberScheduled: int32(3, 'DESCRIBE DaemonSetStatus.desiredNumberScheduled', { json: 'always' }),
  numberReady: int32(4, 'DESCRIBE DaemonSetStatus.numberReady', { json: 'always' }),
  observedGeneration: int64(5, 'DESCRIBE DaemonSetStatus.observedGeneration'),
  updatedNumberScheduled: int32(6, 'DESCRIBE DaemonSetStatus.updatedNumberScheduled'),
  numberAvailable: int32(7, 'DESCRIBE DaemonSetStatus.numberAvailable'),
  numberUnavailable: int32(8, 'DESCRIBE DaemonSetStatus.numberUnavailable'),
  collisionCount: int32(9, 'DESCRIBE DaemonSetStatus.collisionCount', { pointer: true }),
  conditions: list(10, daemonSetConditionSchema, 'DESCRIBE DaemonSetStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type DaemonSetStatus = z.output<typeof daemonSetStatusSchema>

export const daemonSetSchema = kind('io.k8s.api.apps.v1.DaemonSet', 'DESCRIBE DaemonSet', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE DaemonSet.metadata', { json: 'always', required: false }),
  spec: object(2, daemonSetSpecSchema, 'DESCRIBE DaemonSet.spec', { json: 'always', required: false }),
  status: object(3, daemonSetStatusSchema, 'DESCRIBE DaemonSet.status', { json: 'always', required: false }),
})
export type DaemonSet = z.output<typeof daemonSetSchema>
