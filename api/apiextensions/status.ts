/** Decides the status of a definition: which names it gets, whether it is served, what is wrong with it (pure; source: pkg/controller/status). */
import { goQuote } from '#api/meta/go-quote.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from './custom-resource-definition.ts'

type Condition = CustomResourceDefinition['status']['conditions'][number]
export type ConditionStatus = 'True' | 'False' | 'Unknown'

export interface NewCondition {
  type: string
  status: ConditionStatus
  reason: string
  message: string
}

export const conditionOf = (definition: CustomResourceDefinition, type: string): Condition | undefined =>
  (definition.status.conditions ?? []).find((condition) => condition.type === type)

export const isTrue = (definition: CustomResourceDefinition, type: string): boolean => conditionOf(definition, type)?.status === 'True'

/** The conditions with one set; `lastTransitionTime` moves with the status alone. */
export function withCondition(conditions: readonly Condition[], next: NewCondition, now: string): Condition[] {
  const old = conditions.find((condition) => condition.type === next.type)
  if (old === undefined) return [...conditions, { ...next, lastTransitionTime: now }]
  const lastTransitionTime = old.status === next.status && old.lastTransitionTime ? old.lastTransitionTime : now
  return conditions.map((condition) => (condition === old ? { ...old, ...next, lastTransitionTime } : condition))
}

export const without = (conditions: readonly Condition[], type: string): Condition[] =>
  conditions.filter((condition) => condition.type !== type)

interface Names {
  accepted: CustomResourceDefinitionNames
  condition: NewCondition
}

/** What other definitions of the group must know of one. */
export interface AcceptedNames {
  definition: string
  names: CustomResourceDefinitionNames
}

/** `others` are those of the definitions of the same group. */
function acceptNames(definition: CustomResourceDefinition, others: readonly AcceptedNames[]): Names {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { definition: name, names } of others) {
    if (name === definition.metadata.name) continue
    const { plural, singular = '', shortNames = [], kind, listKind = '' } = names
    for (const name of [plural, singular, ...shortNames]) resources.add(name)
    for (const name of [kind, listKind]) kinds.add(name)
  }
  const wanted = definition.spec.names
  const { ...accepted } = definition.status.acceptedNames
  const condition: NewCondition = { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
  const refuse = (reason: string, message: string): void => void Object.assign(condition, { status: 'False', reason, message })
  const taken = (name: string): string => `${goQuote(name)} is already in use`
  const one = (field: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string>, reason: string): void => {
    const name = wanted[field] ?? ''
    if (name !== (accepted[field] ?? '') && used.has(name)) refuse(reason, taken(name))
    else accepted[field] = name
  }
  one('plural', resources, 'PluralConflict')
  one('singular', resources, 'SingularConflict')
  const conflicts = (wanted.shortNames ?? [])
    .filter((name) => !(accepted.shortNames ?? []).includes(name) && resources.has(name))
    .map(taken)
  if (conflicts.length > 0) refuse('ShortNamesConflict', conflicts.length === 1 ? (conflicts[0] ?? '') : `[${conflicts.join(', ')}]`)
  else accepted.shortNames = wanted.shortNames
  one('kind', kinds, 'KindConflict')
  one('listKind', kinds, 'ListKindConflict')
  accepted.categories = wanted.categories
  return { accepted, condition }
}

const established: NewCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
}
const notAccepted: NewCondition = { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }

/** What else is to be said of a definition; undefined where nothing is. */
export interface Verdicts {
  nonStructural: NewCondition | undefined
  approval: NewCondition | undefined
}

/** The status that a definition should have. `others` are the names of its group, `now` is RFC 3339. */
export function planStatus(
  definition: CustomResourceDefinition,
  others: readonly AcceptedNames[],
  verdicts: Verdicts,
  now: string,
): CustomResourceDefinition['status'] {
  const { accepted, condition } = acceptNames(definition, others)
  let conditions = withCondition(definition.status.conditions ?? [], condition, now)
  if (!isTrue(definition, 'Established'))
    conditions = withCondition(conditions, condition.status === 'True' ? established : notAccepted, now)
  conditions = verdicts.nonStructural ? withCondition(conditions, verdicts.nonStructural, now) : without(conditions, 'NonStructuralSchema')
  if (verdicts.approval) conditions = withCondition(conditions, verdicts.approval, now)
  return { ...definition.status, acceptedNames: accepted, conditions }
}
