/** The one error that travels: `ApiError` carries a Status; `statusOf` builds upstream's reasons, codes and sentences. */
import type { FieldError } from './field-error.ts'
import { goQuote } from './go-quote.ts'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export interface Status {
  apiVersion: 'v1'
  kind: 'Status'
  metadata: Record<string, unknown>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

/** What an error message names: the plural and group in most messages, the kind in validation errors. */
export interface ErrorSubject {
  group: string
  plural: string
  kind: string
}

export class ApiError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }

  static fromStatus(status: Status): ApiError {
    return new ApiError(status.code ?? 500, status.reason ?? '', status.message ?? 'unknown', status.details)
  }
}

const qualified = (subject: ErrorSubject): string => (subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`)
const detailsOf = (subject: ErrorSubject, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.plural,
})

export const notFoundError = (subject: ErrorSubject, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(subject)} ${goQuote(name)} not found`, detailsOf(subject, name))
export const alreadyExists = (subject: ErrorSubject, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(subject)} ${goQuote(name)} already exists`, detailsOf(subject, name))
export const conflict = (subject: ErrorSubject, name: string, why: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(subject)} ${goQuote(name)}: ${why}`, detailsOf(subject, name))
export const forbiddenError = (subject: ErrorSubject, name: string, why: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    name === '' ? `${qualified(subject)} is forbidden: ${why}` : `${qualified(subject)} ${goQuote(name)} is forbidden: ${why}`,
    detailsOf(subject, name),
  )
export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)
export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized')
export const gone = (message: string): ApiError => new ApiError(410, 'Expired', message)
export const tooManyRequests = (message: string, retryAfterSeconds: number): ApiError =>
  new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds })
export const tooLarge = (message: string): ApiError => new ApiError(413, 'RequestEntityTooLarge', message)
export const timeoutError = (message: string, retryAfterSeconds: number): ApiError =>
  new ApiError(504, 'Timeout', message, { retryAfterSeconds })
export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
export const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message)

/** 422 with all causes; one cause stands alone, several in brackets, as upstream's aggregate prints them. */
/** More causes than these are counted only: a body of the largest size can have millions of faults. */
const MAX_CAUSES = 10_000

export function invalidError(subject: ErrorSubject, name: string, all: readonly FieldError[]): ApiError {
  const errors = all.slice(0, MAX_CAUSES)
  const texts = [...new Set(errors.map((e) => (e.field === '' ? e.message : `${e.field}: ${e.message}`)))]
  if (all.length > errors.length) texts.push(`and ${all.length - errors.length} more`)
  const body = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const kind = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`
  return new ApiError(422, 'Invalid', `${kind} ${goQuote(name)} is invalid: ${body}`, {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.kind,
    causes: errors.map((e) => ({ reason: e.reason, message: e.message, field: e.field })),
  })
}
