/** Priority levels of requests. */
import type { z } from 'zod'
import { int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepAllButStatus } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { priorityLevelColumns } from './columns.ts'
import { validatePriorityLevel, validatePriorityLevelStatus } from './validation/priority-level.ts'

export const queuingConfigurationSchema = message('io.k8s.api.flowcontrol.v1.QueuingConfiguration', 'How requests wait for a seat.', {
  queues: int32(1, 'Number of queues.', { json: 'always', required: false }),
  handSize: int32(2, 'Number of queues that one flow may use.', { json: 'always', required: false }),
  queueLengthLimit: int32(3, 'Number of requests that may wait in one queue.', { json: 'always', required: false }),
})
export type QueuingConfiguration = z.output<typeof queuingConfigurationSchema>

export const limitResponseSchema = message('io.k8s.api.flowcontrol.v1.LimitResponse', 'What happens to requests that find no seat.', {
  type: string(1, 'Queue or Reject.', { json: 'always', goType: 'v1.LimitResponseType' }),
  queuing: object(2, queuingConfigurationSchema, 'How they wait, for type Queue.', { pointer: true }),
})
export type LimitResponse = z.output<typeof limitResponseSchema>

export const limitedPriorityLevelConfigurationSchema = message(
  'io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration',
  'A level with a limited number of requests at once.',
  {
    nominalConcurrencyShares: int32(1, "Its share of the server's seats.", {
      json: 'always',
      pointer: true,
      required: false,
    }),
    limitResponse: object(2, limitResponseSchema, 'What happens to requests that find no seat.'),
    lendablePercent: int32(3, 'Percent of its seats that others may borrow.', { pointer: true }),
    borrowingLimitPercent: int32(4, 'Percent of its own seats that it may borrow from others.', { pointer: true }),
  },
)
export type LimitedPriorityLevelConfiguration = z.output<typeof limitedPriorityLevelConfigurationSchema>

export const exemptPriorityLevelConfigurationSchema = message(
  'io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration',
  'A level whose requests never wait.',
  {
    nominalConcurrencyShares: int32(1, 'Its share of the seats that others may borrow from.', { pointer: true }),
    lendablePercent: int32(2, 'Percent of its seats that others may borrow.', { pointer: true }),
  },
)
export type ExemptPriorityLevelConfiguration = z.output<typeof exemptPriorityLevelConfigurationSchema>

export const priorityLevelConfigurationSpecSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec',
  'The wanted state of a priority level.',
  {
    type: string(1, 'Exempt or Limited.', { json: 'always', goType: 'v1.PriorityLevelEnablement' }),
    limited: object(2, limitedPriorityLevelConfigurationSchema, 'Settings of type Limited.', { pointer: true }),
    exempt: object(3, exemptPriorityLevelConfigurationSchema, 'Settings of type Exempt.', { pointer: true }),
  },
)
export type PriorityLevelConfigurationSpec = z.output<typeof priorityLevelConfigurationSpecSchema>

export const priorityLevelConfigurationConditionSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition',
  "One aspect of a level's state.",
  {
    type: string(1, 'Name of the aspect.', { goType: 'v1.PriorityLevelConfigurationConditionType' }),
    status: string(2, 'True, False or Unknown.', { goType: 'v1.ConditionStatus' }),
    lastTransitionTime: time(3, 'When the status changed last.'),
    reason: string(4, 'Cause of the last change, one CamelCase word.'),
    message: string(5, 'What happened, for people.'),
  },
)
export type PriorityLevelConfigurationCondition = z.output<typeof priorityLevelConfigurationConditionSchema>

export const priorityLevelConfigurationStatusSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus',
  'What is seen of a priority level.',
  {
    conditions: list(1, priorityLevelConfigurationConditionSchema, 'Aspects of its state.', {
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
  "A share of the server's seats, and what happens when they are taken.",
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, priorityLevelConfigurationSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, priorityLevelConfigurationStatusSchema, 'The state last seen.', {
      json: 'always',
      required: false,
    }),
  },
)
export type PriorityLevelConfiguration = z.output<typeof priorityLevelConfigurationSchema>

function defaultPriorityLevel(level: PriorityLevelConfiguration): PriorityLevelConfiguration {
  const { limited, exempt } = level.spec
  const queuing = limited?.limitResponse?.queuing
  if (limited) {
    limited.nominalConcurrencyShares ??= 30
    limited.lendablePercent ??= 0
  }
  if (queuing) {
    queuing.handSize ||= 8
    queuing.queues ||= 64
    queuing.queueLengthLimit ||= 50
  }
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0
    exempt.lendablePercent ??= 0
  }
  return level
}

export const PriorityLevelConfigurations: Resource<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  scope: 'Cluster',
  schema: priorityLevelConfigurationSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: priorityLevelColumns,
  defaults: defaultPriorityLevel,
  prepare(next, prev) {
    next.status = prev?.status ?? {}
    return next
  },
  validate: (next, prev) => validatePriorityLevel(next, prev, priorityLevelConfigurationSpecSchema),
  subresources: {
    status: {
      prepare: keepAllButStatus,
      validate: validatePriorityLevelStatus,
    },
  },
}
