/** DESCRIBE file api/flowcontrol/priority-level-configuration.ts */
import type { z } from 'zod'
import { int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const queuingConfigurationSchema = message('io.k8s.api.flowcontrol.v1.QueuingConfiguration', 'DESCRIBE QueuingConfiguration', {
  queues: int32(1, 'DESCRIBE QueuingConfiguration.queues', { json: 'always', required: false }),
  handSize: int32(2, 'DESCRIBE QueuingConfiguration.handSize', { json: 'always', required: false }),
  queueLengthLimit: int32(3, 'DESCRIBE QueuingConfiguration.queueLengthLimit', { json: 'always', required: false }),
})
export type QueuingConfiguration = z.output<typeof queuingConfigurationSchema>

export const limitResponseSchema = message('io.k8s.api.flowcontrol.v1.LimitResponse', 'DESCRIBE LimitResponse', {
  type: string(1, 'DESCRIBE LimitResponse.type', { json: 'always' }),
  queuing: object(2, queuingConfigurationSchema, 'DESCRIBE LimitResponse.queuing', { pointer: true }),
})
export type LimitResponse = z.output<typeof limitResponseSchema>

export const limitedPriorityLevelConfigurationSchema = message(
  'io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration',
  'DESCRIBE LimitedPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: int32(1, 'DESCRIBE LimitedPriorityLevelConfiguration.nominalConcurrencyShares', {
      json: 'always',
      pointer: true,
      required: false,
    }),
    limitResponse: object(2, limitResponseSchema, 'DESCRIBE LimitedPriorityLevelConfiguration.limitResponse'),
    lendablePercent: int32(3, 'DESCRIBE LimitedPriorityLevelConfiguration.lendablePercent', { pointer: true }),
    borrowingLimitPercent: int32(4, 'DESCRIBE LimitedPriorityLevelConfiguration.borrowingLimitPercent', { pointer: true }),
  },
)
export type LimitedPriorityLevelConfiguration = z.output<typeof limitedPriorityLevelConfigurationSchema>

export const exemptPriorityLevelConfigurationSchema = message(
  'io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration',
  'DESCRIBE ExemptPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: int32(1, 'DESCRIBE ExemptPriorityLevelConfiguration.nominalConcurrencyShares', { pointer: true }),
    lendablePercent: int32(2, 'DESCRIBE ExemptPriorityLevelConfiguration.lendablePercent', { pointer: true }),
  },
)
export type ExemptPriorityLevelConfiguration = z.output<typeof exemptPriorityLevelConfigurationSchema>

export const priorityLevelConfigurationSpecSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec',
  'DESCRIBE PriorityLevelConfigurationSpec',
  {
    type: string(1, 'DESCRIBE PriorityLevelConfigurationSpec.type', { json: 'always' }),
    limited: object(2, limitedPriorityLevelConfigurationSchema, 'DESCRIBE PriorityLevelConfigurationSpec.limited', { pointer: true }),
    exempt: object(3, exemptPriorityLevelConfigurationSchema, 'DESCRIBE PriorityLevelConfigurationSpec.exempt', { pointer: true }),
  },
)
export type PriorityLevelConfigurationSpec = z.output<typeof priorityLevelConfigurationSpecSchema>

export const priorityLevelConfigurationConditionSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition',
  'DESCRIBE PriorityLevelConfigurationCondition',
  {
    type: string(1, 'DESCRIBE PriorityLevelConfigurationCondition.type'),
    status: string(2, 'DESCRIBE PriorityLevelConfigurationCondition.status'),
    lastTransitionTime: time(3, 'DESCRIBE PriorityLevelConfigurationCondition.lastTransitionTime'),
    reason: string(4, 'DESCRIBE PriorityLevelConfigurationCondition.reason'),
    message: string(5, 'DESCRIBE PriorityLevelConfigurationCondition.message'),
  },
)
export type PriorityLevelConfigurationCondition = z.output<typeof priorityLevelConfigurationConditionSchema>

export const priorityLevelConfigurationStatusSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus',
  'DESCRIBE PriorityLevelConfigurationStatus',
  {
    conditions: list(1, priorityLevelConfigurationConditionSchema, 'DESCRIBE PriorityLevelConfigurationStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type PriorityLevelConfigurationStatus = z.output<typeof priorityLevelConfigurationStatusSchema>

export const priorityLevelConfigurationSchema = kind(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  'DESCRIBE PriorityLevelConfiguration',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE PriorityLevelConfiguration.metadata', { json: 'always', required: false }),
    spec: object(2, priorityLevelConfigurationSpecSchema, 'DESCRIBE PriorityLevelConfiguration.spec', { json: 'always', required: false }),
    status: object(3, priorityLevelConfigurationStatusSchema, 'DESCRIBE PriorityLevelConfiguration.status', {
      json: 'always',
      required: false,
    }),
  },
)
export type PriorityLevelConfiguration = z.output<typeof priorityLevelConfigurationSchema>
