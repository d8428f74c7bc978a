/** Rules of LabelSelector objects. */
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import type { LabelSelector, LabelSelectorRequirement } from '#api/meta/label-selector.ts'
import { checkLabelValue } from './names.ts'
import { validateLabelName, validateLabels } from './object-meta.ts'

export interface LabelSelectorRules {
  /** Old objects may hold values that are no label values; kinds that once let them in still do. */
  allowInvalidValues?: boolean
  /** Operators of a later version are let through. */
  allowUnknownOperators?: boolean
}

export function validateLabelSelector(selector: LabelSelector | undefined, field: string, rules: LabelSelectorRules = {}): FieldError[] {
  if (selector === undefined) return []
  const found = validateLabels(selector.matchLabels, `${field}.matchLabels`)
  selector.matchExpressions?.forEach((expression, i) => {
    found.push(...validateRequirement(expression, `${field}.matchExpressions[${i}]`, rules))
  })
  return found
}

export function validateRequirement(requirement: LabelSelectorRequirement, field: string, rules: LabelSelectorRules): FieldError[] {
  const { key, operator, values = [] } = requirement
  const found: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) found.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) found.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (rules.allowUnknownOperators !== true) found.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'))
  found.push(...validateLabelName(key, `${field}.key`))
  if (rules.allowInvalidValues === true) return found
  values.forEach((value, i) => {
    found.push(...checkLabelValue(value).map((message) => invalid(`${field}.values[${i}]`, value, message)))
  })
  return found
}
