/** Proves service-account tokens: the signature once per token (cached by hash), time, audience and the objects it is bound to every time. */
import { hash } from 'node:crypto'
import { compactVerify, decodeJwt, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import { goQuote } from '#api/meta/go-quote.ts'
import type { Reviewed, TokenReviewer } from './authenticator.ts'
import { type BoundObjects, boundUser, isStillBound, type Proof } from './bound-objects.ts'
import { legacyIssuer, legacyProof, reviewLegacy } from './legacy-tokens.ts'
import type { BoundClaims } from './token-issuer.ts'
import type { TokenKeys } from './token-keys.ts'
import type { User } from './user.ts'

export interface TokenOptions {
  keys: TokenKeys
  /** The first signs; tokens of any of them are taken. */
  issuers: readonly string[]
  /** Audiences of this server. */
  audiences: readonly string[]
  objects: BoundObjects
}

/** What a token says, its signature proven; or why it says nothing. */
type Verified = { payload: JWTPayload; bound: Proof | undefined } | { error: string }

const leewaySeconds = 60

export class ServiceAccountTokens implements TokenReviewer {
  readonly #options: TokenOptions
  readonly #cache = new LRUCache<string, Verified>({ max: 10_000 })

  constructor(options: TokenOptions) {
    this.#options = options
  }

  async authenticate(token: string, now: Date): Promise<User | undefined> {
    const reviewed = await this.review(token, this.#options.audiences, now)
    return 'user' in reviewed ? reviewed.user : undefined
  }

  async review(token: string, audiences: readonly string[], now: Date): Promise<Reviewed> {
    const verified = this.#known(token) ?? (await this.#verified(token))
    if ('error' in verified) return verified
    const { payload, bound } = verified
    const given = payload.aud === undefined ? [] : Array.isArray(payload.aud) ? payload.aud : [payload.aud]
    // Tokens of old, which name nobody, are for the server itself.
    const own = given.length > 0 ? given : this.#options.audiences
    const shared = own.filter((audience) => audiences.includes(audience))
    if (shared.length === 0) return { error: `token audiences ${list(own)} is invalid for the target audiences ${list(audiences)}` }
    if (!bound) return await this.#legacy(token, payload, shared)
    const late = timeError(payload, now)
    if (late !== undefined) return { error: late }
    const user = await boundUser(bound, this.#options.objects, now)
    if (typeof user === 'string') return { error: user }
    const holds = (later: Date): boolean => timeError(payload, later) === undefined && isStillBound(bound, this.#options.objects)
    return { user, audiences: shared, holds }
  }

  async #legacy(token: string, payload: JWTPayload, audiences: readonly string[]): Promise<Reviewed> {
    const proof = legacyProof(payload)
    if (typeof proof === 'string') return { error: proof }
    const user = await reviewLegacy(proof, token, this.#options.objects)
    return typeof user === 'string' ? { error: user } : { user, audiences }
  }

  #known(token: string): Verified | undefined {
    return this.#cache.get(hash('sha256', token, 'base64'))
  }

  async #verified(token: string): Promise<Verified> {
    const verified = await this.#verify(token)
    this.#cache.set(hash('sha256', token, 'base64'), verified)
    return verified
  }

  async #verify(token: string): Promise<Verified> {
    const { keys, issuers } = this.#options
    const issuer = issuerOf(token)
    if (issuer === undefined || (issuer !== legacyIssuer && !issuers.includes(issuer))) return { error: '' }
    try {
      const algorithms = [...new Set(keys.verifying.map((key) => key.algorithm))]
      const { payload } = await compactVerify(token, (header) => keyOf(keys, header), { algorithms })
      const claims = JSON.parse(Buffer.from(payload).toString('utf8')) as JWTPayload
      if (claims.iss !== issuer) return { error: `token issuer ${goQuote(String(claims.iss))} is invalid` }
      if (issuer === legacyIssuer) return { payload: claims, bound: undefined }
      const bound = boundOf(claims)
      return bound ? { payload: claims, bound } : { error: 'the token names no service account' }
    } catch (error) {
      return { error: error instanceof NoKey ? 'invalid signature, no keys found' : 'go-jose/go-jose: error in cryptographic primitive' }
    }
  }
}

class NoKey extends Error {}

/** The key that the token names, of the algorithm that the key is for: never the one that the token would like. */
function keyOf(keys: TokenKeys, header: { kid?: string; alg?: string }): TokenKeys['signing']['key'] {
  const named = keys.verifying.filter((key) => !header.kid || key.keyId === header.kid)
  const key = named.find(({ algorithm }) => algorithm === header.alg)
  if (!key) throw new NoKey('no such key')
  return key.key
}

/** Undefined for what is no token of this form. */
function issuerOf(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token)
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}

function boundOf(payload: JWTPayload): Proof | undefined {
  const claims = payload['kubernetes.io'] as BoundClaims | undefined
  const named =
    typeof claims?.namespace === 'string' &&
    typeof claims.serviceaccount?.name === 'string' &&
    typeof claims.serviceaccount.uid === 'string'
  if (!claims || !named || typeof payload.exp !== 'number') return undefined
  return payload.sub === `system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`
    ? { claims, id: payload.jti ?? '' }
    : undefined
}

function timeError({ exp = 0, nbf, iat }: JWTPayload, now: Date): string | undefined {
  const seconds = now.getTime() / 1000
  if (seconds - leewaySeconds > exp) return 'service account token has expired'
  if (nbf !== undefined && seconds + leewaySeconds < nbf) return 'service account token is not valid yet'
  if (iat !== undefined && seconds + leewaySeconds < iat) return 'service account token is issued in the future'
  return undefined
}

const list = (words: readonly string[]): string => `[${words.map(goQuote).join(' ')}]`
