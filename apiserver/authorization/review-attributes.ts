/** What an access review asks about, as an authorizer is told it; selectors that cannot be read are left out and told (pure; upstream: registry/authorization/util). */
import type { NonResourceAttributes, ResourceAttributes } from '#api/authorization/access-review.ts'
import { type FieldRequirement, parseFieldSelector } from '#api/meta/field-selector.ts'
import { parseSelector, type Selector, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { validateRequirement } from '#api/validation/label-selector.ts'
import type { Attributes } from './rules.ts'

interface Parsed<T> {
  selector: readonly T[]
  /** Something was left out. */
  faulty: boolean
}

export function reviewAttributes(
  on: ResourceAttributes | undefined,
  at: NonResourceAttributes | undefined,
): { attributes: Attributes; errors: string[] } {
  const fields = fieldsOf(on?.fieldSelector)
  const labels = labelsOf(on?.labelSelector)
  const asked = on ?? at
  const attributes: Attributes = {
    isResource: on !== undefined,
    verb: asked?.verb ?? '',
    path: at?.path ?? '',
    group: on?.group ?? '',
    version: on?.version || '*',
    resource: on?.resource ?? '',
    subresource: on?.subresource ?? '',
    namespace: on?.namespace ?? '',
    name: on?.name ?? '',
    ...(fields && fields.selector.length > 0 ? { fieldSelector: fields.selector } : {}),
    ...(labels && labels.selector.length > 0 ? { labelSelector: labels.selector } : {}),
  }
  const told = (name: string, parsed: Parsed<unknown> | undefined): string[] =>
    parsed?.faulty ? [`spec.resourceAttributes.${name} ${parsed.selector.length > 0 ? 'partially ' : ''}ignored due to parse error`] : []
  return { attributes, errors: [...told('fieldSelector', fields), ...told('labelSelector', labels)] }
}

function fieldsOf(given: ResourceAttributes['fieldSelector']): Parsed<FieldRequirement> | undefined {
  if (!given) return undefined
  if (!given.requirements?.length) return parsed(() => parseFieldSelector(given.rawSelector ?? ''))
  const selector = given.requirements.flatMap(({ key, operator, values = [] }): FieldRequirement[] => {
    const [value] = values
    if (value === undefined || values.length > 1) return []
    if (operator === 'In') return [{ field: key, operator: '=', value }]
    return operator === 'NotIn' ? [{ field: key, operator: '!=', value }] : []
  })
  return { selector, faulty: selector.length < given.requirements.length }
}

function labelsOf(given: ResourceAttributes['labelSelector']): Parsed<Selector[number]> | undefined {
  if (!given) return undefined
  if (!given.requirements?.length) return parsed(() => parseSelector(given.rawSelector ?? ''))
  const selector = given.requirements.flatMap((requirement) =>
    validateRequirement(requirement, '', {}).length > 0 ? [] : (selectorFromLabelSelector({ matchExpressions: [requirement] }) ?? []),
  )
  return { selector, faulty: selector.length < given.requirements.length }
}

function parsed<T>(parse: () => readonly T[]): Parsed<T> {
  try {
    return { selector: parse(), faulty: false }
  } catch {
    return { selector: [], faulty: true }
  }
}
