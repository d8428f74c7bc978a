/** Which entries a request selects: namespace, name, labels and fields (pure). */
import type { FieldRequirement } from '#api/meta/field-selector.ts'
import { matches, type Requirement, type Selector } from '#api/meta/label-selector.ts'
import type { Entry } from './entry.ts'

export interface Selection {
  /** Namespaced unless it says otherwise. */
  scope?: 'Namespaced' | 'Cluster'
  namespace?: string | undefined
  name?: string | undefined
  labels: Selector
  fields: readonly FieldRequirement[]
}

/** Reads one field of an entry; undefined where the resource does not know the field. */
export type FieldReader = (field: string) => ((entry: Entry) => string) | undefined

export interface Predicate {
  /** Empty: all of them. */
  readonly namespace: string
  readonly name: string
  readonly labels: Selector
  /** Exact matches that are left beside namespace and name, and all inequalities. */
  readonly fields: readonly FieldRequirement[]
  /** Nothing but namespace (and name) restricts. */
  readonly isPlain: boolean
  /** The requirements contradict each other. */
  readonly isNever: boolean
  matches(entry: Entry): boolean
}

/** `metadata.name=x` and `metadata.namespace=y` become part of the place; contradictions select nothing. */
export function predicateOf(selection: Selection, readerOf: FieldReader): Predicate {
  const rest: FieldRequirement[] = []
  let namespace = selection.namespace ?? ''
  let name = selection.name ?? ''
  let isNever = false
  for (const term of selection.fields) {
    const place = term.operator === '=' && (term.field === 'metadata.name' || term.field === 'metadata.namespace')
    // objects outside of namespaces have the namespace ''
    if (!place || (term.field === 'metadata.namespace' && selection.scope === 'Cluster')) rest.push(term)
    else if (term.value === '') isNever = true
    else if (term.field === 'metadata.name' && (name === '' || name === term.value)) name = term.value
    else if (term.field === 'metadata.namespace' && (namespace === '' || namespace === term.value)) namespace = term.value
    else isNever = true
  }
  const terms = rest.map((term) => ({ ...term, read: readerOf(term.field) ?? (() => '') }))
  return {
    namespace,
    name,
    labels: selection.labels,
    fields: rest,
    isNever,
    isPlain: !isNever && rest.length === 0 && selection.labels.length === 0,
    matches: (entry) =>
      !isNever &&
      (namespace === '' || entry.namespace === namespace) &&
      (name === '' || entry.name === name) &&
      terms.every((term) => (term.read(entry) === term.value) === (term.operator === '=')) &&
      (selection.labels.length === 0 || matches(selection.labels, entry.labels)),
  }
}

/** Values that an index can look up, undefined where the requirement excludes rather than selects. */
export function indexableValues(requirement: Requirement): { name: string; values?: readonly string[] } | undefined {
  switch (requirement.operator) {
    case '=':
    case '==':
    case 'in':
      return { name: requirement.key, values: requirement.values }
    case 'exists':
      return { name: requirement.key }
    default:
      return undefined
  }
}
