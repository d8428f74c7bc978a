/** Rules of numbers that may be percents. */
import { checkNonnegative, invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { checkPercent } from '#api/validation/names.ts'

export type IntOrPercent = number | string

export function percentOf(value: IntOrPercent): number | undefined {
  return typeof value === 'string' && checkPercent(value).length === 0 ? Number.parseInt(value, 10) : undefined
}

/** Text that is neither number nor percent counts as upstream's reading of its leading number, or 0. */
export function amountOf(value: IntOrPercent): number {
  return percentOf(value) ?? (typeof value === 'number' ? value : /^[+-]?\d+$/.test(value) ? Number(value) : 0)
}

export const validateIntOrPercent = (value: IntOrPercent, field: string): FieldError[] =>
  typeof value === 'string' ? invalids(field, value, checkPercent(value)) : checkNonnegative(field, value)

export const validateAtMost100Percent = (value: IntOrPercent, field: string): FieldError[] =>
  (percentOf(value) ?? 0) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : []
