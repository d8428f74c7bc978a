/** The one place that turns a thrown thing into a Status: what is not an ApiError tells the client nothing of our insides. */
import { ApiError, badRequest, internalError, tooLarge } from '#api/meta/status.ts'
import { MalformedPath } from './request-info.ts'

/** Request bodies above this are refused with 413. */
export const maxBodyBytes = 3 * 1024 * 1024

const ofFastify: Readonly<Record<string, () => ApiError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => tooLarge(`Request entity too large: limit is ${maxBodyBytes}`),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => badRequest('request size did not match Content-Length'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => badRequest('malformed Content-Type'),
  FST_ERR_BAD_URL: () => badRequest('invalid URL escape'),
}

/** `unexpected` hears of errors that are no answer to a client's mistake. */
export function apiErrorOf(error: unknown, unexpected: (error: unknown) => void): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof MalformedPath) return badRequest(error.message)
  const code = (error as { code?: unknown } | undefined)?.code
  const known = typeof code === 'string' && Object.hasOwn(ofFastify, code) ? ofFastify[code] : undefined
  if (known) return known()
  unexpected(error)
  return internalError('the server failed on this request; its log says why')
}

/** Headers that a Status brings along. */
export function errorHeaders(error: ApiError): Record<string, string> {
  const headers: Record<string, string> = {}
  if (error.code === 403) headers['x-content-type-options'] = 'nosniff'
  const retry = error.details?.retryAfterSeconds
  if (retry !== undefined && retry > 0) headers['retry-after'] = String(retry)
  return headers
}
