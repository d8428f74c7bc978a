/** The one place that turns a thrown thing into a Status: what is not an ApiError tells the client nothing of our insides. */
import { ApiError, badRequest, internalError } from '#api/meta/status.ts'
import { MalformedPath } from './request-info.ts'

/** The client left before its request was whole: nobody reads the answer, and it is no fault of ours. */
const clientLeft: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ABORT_ERR',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
])

/** `unexpected` hears of errors that are no answer to a client's mistake. */
export function apiErrorOf(error: unknown, unexpected: (error: unknown) => void): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof MalformedPath) return badRequest(error.message)
  const code = (error as { code?: unknown } | undefined)?.code
  // What Node says of a request whose client left in the middle of it: nobody's failure, and nobody reads the answer.
  if (code === 'ECONNRESET' && (error as Error).message === 'aborted') return badRequest('the request broke off')
  if (clientLeft.has(code)) return badRequest('the request was broken off')
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
