/** What clients are told of the store's failures. */
import { ApiError, timeoutError, tooLarge, unavailable } from '#api/meta/status.ts'
import { StorageUnavailable, ValueTooLarge } from '#apiserver/storage/storage.ts'

/** 413, 503 (nothing was written) or 504 (it is unknown); any other error is returned as it is. */
export function apiErrorOf(error: unknown): unknown {
  if (error instanceof ApiError) return error
  if (error instanceof ValueTooLarge) return tooLarge(`Request entity too large: ${error.message}`)
  if (!(error instanceof StorageUnavailable)) return error
  return error.applied === 'no' ? unavailable(error.message) : timeoutError(`${error.message}; it is unknown whether the write happened`, 1)
}
