/** Table columns of flow schemas and priority levels. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { FlowSchema } from './flow-schema.ts'
import type { PriorityLevelConfiguration, QueuingConfiguration } from './priority-level-configuration.ts'

const none = '<none>'
const danglingOf = ({ status }: FlowSchema): string => (status.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?'

export const flowSchemaColumns: readonly Column<FlowSchema>[] = [
  nameColumn,
  column('PriorityLevel', 'The priority level.', ({ spec }) => spec.priorityLevelConfiguration?.name ?? ''),
  column('MatchingPrecedence', 'Order among the schemas.', ({ spec }) => spec.matchingPrecedence ?? 0),
  column('DistinguisherMethod', 'How requests are told apart.', ({ spec }) => spec.distinguisherMethod?.type ?? none),
  ageColumn,
  column('MissingPL', 'Whether the priority level is missing.', danglingOf),
]

type Level = PriorityLevelConfiguration
const queuingOf = ({ spec }: Level): QueuingConfiguration | undefined => spec.limited?.limitResponse?.queuing

export const priorityLevelColumns: readonly Column<Level>[] = [
  nameColumn,
  column('Type', 'Exempt or Limited.', ({ spec }) => spec.type),
  column('NominalConcurrencyShares', "Its share of the server's seats.", ({ spec }) =>
    spec.limited ? (spec.limited.nominalConcurrencyShares ?? 0) : none,
  ),
  column('Queues', 'Number of queues.', (level) => queuingOf(level)?.queues ?? none),
  column('HandSize', 'Queues that one flow may use.', (level) => queuingOf(level)?.handSize ?? none),
  column('QueueLengthLimit', 'Requests that may wait in one queue.', (level) => queuingOf(level)?.queueLengthLimit ?? none),
  ageColumn,
]
