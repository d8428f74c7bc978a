/** Rules of conditions that kinds of our day have in common (upstream: metav1/validation). */
import type { Condition } from '#api/meta/conditions.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { byteLength } from './names.ts'
import { validateLabelName } from './object-meta.ts'

const longest = { reason: 1024, message: 32 * 1024 }
const statuses = ['False', 'True', 'Unknown']
const reasonForm = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonPattern = new RegExp(`^${reasonForm}$`)
const reasonText = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonForm}')`

function validateReason(reason: string, field: string): FieldError[] {
  if (reason === '') return [required(field)]
  const found = reasonPattern.test(reason) ? [] : [invalid(field, reason, reasonText)]
  return byteLength(reason) > longest.reason ? [...found, tooLong(field, longest.reason)] : found
}

function validateCondition(condition: Condition, at: string): FieldError[] {
  const { type, status, observedGeneration: generation = 0, lastTransitionTime, reason, message } = condition
  const found = validateLabelName(type, `${at}.type`)
  if (!statuses.includes(status)) found.push(notSupported(`${at}.status`, status, statuses))
  if (generation < 0) found.push(invalid(`${at}.observedGeneration`, generation, 'must be greater than or equal to zero'))
  if (!lastTransitionTime) found.push(required(`${at}.lastTransitionTime`))
  found.push(...validateReason(reason, `${at}.reason`))
  return byteLength(message) > longest.message ? [...found, tooLong(`${at}.message`, longest.message)] : found
}

export function validateConditions(conditions: readonly Condition[], field: string): FieldError[] {
  const seen = new Set<string>()
  return conditions.flatMap((condition, i) => {
    const again = seen.has(condition.type) ? [duplicate(`${field}[${i}].type`, condition.type)] : []
    seen.add(condition.type)
    return [...again, ...validateCondition(condition, `${field}[${i}]`)]
  })
}
