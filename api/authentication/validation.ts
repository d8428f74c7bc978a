/** Rules of token requests (upstream: pkg/apis/authentication/validation). */
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import type { TokenRequest } from './token-request.ts'

const lifetimeSeconds = { default: 3600, least: 600, most: 2 ** 32 }

export function defaultTokenRequest(request: TokenRequest): TokenRequest {
  request.spec.expirationSeconds ??= lifetimeSeconds.default
  return request
}

export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const seconds = spec.expirationSeconds ?? 0
  const field = 'spec.expirationSeconds'
  if (seconds < lifetimeSeconds.least) return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')]
  if (seconds > lifetimeSeconds.most) return [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
  return []
}
