/** Small rules that many fields share: paths, file modes, amounts, names by reference. */
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { parseQuantity } from '#api/meta/quantity.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '#api/validation/names.ts'

export const negativeMessage = 'must be greater than or equal to 0'
export const notPositiveMessage = 'must be greater than zero'
export const immutableMessage = 'field is immutable'
const modeMessage = 'must be a number between 0 and 0777 (octal), both inclusive'
const highestMode = 0o777

/** Upstream leaves the value out of some messages. */
export const invalidUnshown = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
})

/** Each message as an error of one value. */
export const invalids = (field: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((message) => invalid(field, value, message))

export const requireText = (field: string, text: string | undefined): FieldError[] => (text ? [] : [required(field)])

export function requireOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [required(field)]
  return supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

export const checkNonnegative = (field: string, value: number | undefined): FieldError[] =>
  (value ?? 0) < 0 ? [invalid(field, value, negativeMessage)] : []

export const checkPositive = (field: string, value: number | undefined): FieldError[] =>
  (value ?? 0) <= 0 ? [invalid(field, value ?? 0, notPositiveMessage)] : []

export const checkNonnegativeQuantity = (field: string, value: string): FieldError[] =>
  parseQuantity(value).nano < 0n ? [invalid(field, value, negativeMessage)] : []

export const checkPositiveQuantity = (field: string, value: string): FieldError[] =>
  parseQuantity(value).nano <= 0n ? [invalid(field, value, notPositiveMessage)] : []

export const checkLabelName = (field: string, value: string): FieldError[] => invalids(field, value, checkDns1123Label(value))
export const checkSubdomainName = (field: string, value: string): FieldError[] => invalids(field, value, checkDns1123Subdomain(value))

export function checkFileMode(field: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode > highestMode || mode < 0) ? [invalid(field, mode, modeMessage)] : []
}

export function checkNoBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []
}

export function checkDescendingPath(field: string, path: string): FieldError[] {
  const found = path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []
  return [...found, ...checkNoBacksteps(field, path)]
}

/** A path below a volume that keeps clear of the names with which volumes are swapped atomically. */
export function checkNonReservedPath(field: string, path: string): FieldError[] {
  const found = checkDescendingPath(field, path)
  if (path.startsWith('..') && !path.startsWith('../')) found.push(invalid(field, path, "must not start with '..'"))
  return found
}

/** Order of map keys in which causes are reported. */
export const sortedKeys = (map: object | undefined): string[] => Object.keys(map ?? {}).sort()
