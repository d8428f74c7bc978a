/** Rules of access reviews (upstream: pkg/apis/authorization/validation). */
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateRequirement } from '#api/validation/label-selector.ts'
import type { FieldSelectorRequirement, NonResourceAttributes, ResourceAttributes } from './access-review.ts'

export interface AccessSpec {
  resourceAttributes?: ResourceAttributes | undefined
  nonResourceAttributes?: NonResourceAttributes | undefined
  /** Undefined where a user asks about themselves. */
  subject?: { user: string; groups: readonly string[] }
}

export function validateAccessSpec({ resourceAttributes: on, nonResourceAttributes: at, subject }: AccessSpec): FieldError[] {
  const found: FieldError[] = []
  if (on && at)
    found.push(invalid('spec.nonResourceAttributes', printedPath(at), 'cannot be specified in combination with resourceAttributes'))
  const one = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  if (!on && !at) found.push(invalid('spec.resourceAttributes', null, one))
  if (subject?.user === '' && subject.groups.length === 0)
    found.push(invalid('spec.user', '', 'at least one of user or group must be specified'))
  return [...found, ...validateSelectors(on)]
}

/** As upstream prints its internal form. */
const printedPath = ({ path = '', verb = '' }: NonResourceAttributes): object => ({ Path: path, Verb: verb })

/** Reviews are not stored: their metadata says nothing, but for the namespace of a local one. */
export function validateReviewMetadata(metadata: ObjectMeta, isLocal: boolean): FieldError[] {
  const { managedFields: _fields, namespace, ...rest } = metadata
  const left = isLocal ? rest : { ...rest, namespace }
  const detail = isLocal ? 'must be empty except for namespace' : 'must be empty'
  return sameValue(left, {}) ? [] : [invalid('metadata', { ...metadata, creationTimestamp: null }, detail)]
}

export function validateLocal(spec: AccessSpec, namespace: string): FieldError[] {
  const { resourceAttributes: on, nonResourceAttributes: at } = spec
  const found: FieldError[] = []
  if (on && (on.namespace ?? '') !== namespace)
    found.push(invalid('spec.resourceAttributes.namespace', on.namespace ?? '', 'must match metadata.namespace'))
  if (at) found.push(invalid('spec.nonResourceAttributes', printedPath(at), 'disallowed on this kind of request'))
  return found
}

function validateSelectors(attributes: ResourceAttributes | undefined): FieldError[] {
  const { fieldSelector, labelSelector } = attributes ?? {}
  const field = (name: string) => `spec.resourceAttributes.${name}`
  const fields = fieldSelector?.requirements?.flatMap((r, i) => validateField(r, `${field('fieldSelector')}.requirements[${i}]`))
  const labels = labelSelector?.requirements?.flatMap((r, i) =>
    validateRequirement(r, `${field('labelSelector')}.requirements[${i}]`, { allowUnknownOperators: true }),
  )
  return [
    ...validateForms(fieldSelector, field('fieldSelector')),
    ...(fields ?? []),
    ...validateForms(labelSelector, field('labelSelector')),
    ...(labels ?? []),
  ]
}

interface Forms {
  rawSelector?: string | undefined
  requirements?: readonly unknown[] | undefined
}

function validateForms(selector: Forms | undefined, field: string): FieldError[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  if (rawSelector !== '' && requirements.length > 0)
    return [invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  if (rawSelector === '' && requirements.length === 0)
    return [required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`)]
  return []
}

function validateField({ key, operator, values = [] }: FieldSelectorRequirement, field: string): FieldError[] {
  const found: FieldError[] = key === '' ? [required(`${field}.key`, 'must be specified')] : []
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    found.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    found.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  return found
}
