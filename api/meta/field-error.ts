/** Validation causes with field paths, in upstream's words (apimachinery, pkg/util/validation/field). */
import { goNumber } from './go-number.ts'
import { goQuote } from './go-quote.ts'

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

/** One cause: `reason` as it stands in Status.details.causes, `message` complete (without the field), `field` such as `spec.containers[0].name`. */
export interface FieldError {
  reason: FieldErrorType
  field: string
  message: string
}

/** A Go value printed as upstream prints it inside a message: strings quoted, everything else as JSON. */
function printed(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') return goNumber(value)
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export const required = (field: string, detail = ''): FieldError => made('FieldValueRequired', field, 'Required value', detail)
export const invalid = (field: string, value: unknown, detail: string): FieldError =>
  made('FieldValueInvalid', field, `Invalid value: ${printed(value)}`, detail)
export const duplicate = (field: string, value: unknown): FieldError =>
  made('FieldValueDuplicate', field, `Duplicate value: ${printed(value)}`, '')
export const forbidden = (field: string, detail: string): FieldError => made('FieldValueForbidden', field, 'Forbidden', detail)
export const notFound = (field: string, value: unknown): FieldError => made('FieldValueNotFound', field, `Not found: ${printed(value)}`, '')
export const tooLong = (field: string, maxBytes: number): FieldError =>
  made('FieldValueTooLong', field, 'Too long', `may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`)
export const tooMany = (field: string, count: number, max: number): FieldError =>
  made('FieldValueTooMany', field, `Too many: ${count}`, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`)
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  made('FieldValueTypeInvalid', field, `Invalid value: ${printed(value)}`, detail)
export const internalFault = (field: string, detail: string): FieldError => made('InternalError', field, 'Internal error', detail)

/** The supported values stand in the given order: upstream sorts its sets and keeps the order of its lists. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const values = supported.map((value) => JSON.stringify(value))
  return made(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${printed(value)}`,
    values.length > 0 ? `supported values: ${values.join(', ')}` : '',
  )
}

function made(reason: FieldErrorType, field: string, body: string, detail: string): FieldError {
  return { reason, field, message: detail === '' ? body : `${body}: ${detail}` }
}
