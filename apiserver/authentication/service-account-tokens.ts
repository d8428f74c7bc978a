/** Proves service-account tokens: signature, time and audience once per token (cached by hash), the objects it is bound to every time. */
import { createHash } from 'node:crypto'
import { type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { TokenAuthenticator } from './authenticator.ts'
import type { BoundClaims } from './token-issuer.ts'
import type { TokenKeys } from './token-keys.ts'
import { serviceAccountUser, type User } from './user.ts'

/** Looks up what a token is bound to; undefined where it does not exist. */
export interface BoundObjects {
  find(kind: 'serviceaccounts' | 'pods' | 'secrets' | 'nodes', namespace: string, name: string): Promise<BoundObject | undefined>
}

export interface BoundObject {
  uid: string
  /** Milliseconds since 1970 at which it was asked to go, its grace period left out. */
  deletedAtMs?: number
}

export interface TokenOptions {
  keys: TokenKeys
  /** The first signs; tokens of any of them are taken. */
  issuers: readonly string[]
  /** Audiences of this server. */
  audiences: readonly string[]
  objects: BoundObjects
}

interface Verified {
  claims: BoundClaims
  id: string
  expiresAtMs: number
  audiences: readonly string[]
}

const clockToleranceSeconds = 10
/** Tokens stay valid this long after their pod or account was asked to go (upstream: serviceaccount.validator). */
const deletionLeewayMs = 60_000

export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: TokenOptions
  readonly #cache = new LRUCache<string, { verified: Verified | undefined }>({ max: 10_000, ttl: 60_000 })

  constructor(options: TokenOptions) {
    this.#options = options
  }

  async authenticate(token: string, now: Date): Promise<User | undefined> {
    return (await this.review(token, this.#options.audiences, now))?.user
  }

  /** The user and the audiences that token and question share; undefined where the token is not valid for any of them. */
  async review(token: string, audiences: readonly string[], now: Date): Promise<{ user: User; audiences: readonly string[] } | undefined> {
    const verified = await this.#verified(token, now)
    if (!verified || verified.expiresAtMs <= now.getTime()) return undefined
    const shared = audiences.filter((a) => verified.audiences.includes(a))
    if (shared.length === 0) return undefined
    const user = await this.#bound(verified, now)
    return user && { user, audiences: shared }
  }

  async #verified(token: string, now: Date): Promise<Verified | undefined> {
    const hash = createHash('sha256').update(token).digest('base64')
    const seen = this.#cache.get(hash)
    if (seen) return seen.verified
    const verified = await this.#verify(token, now)
    this.#cache.set(hash, { verified })
    return verified
  }

  async #verify(token: string, now: Date): Promise<Verified | undefined> {
    const { keys, issuers } = this.#options
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          const fitting = keys.verifying.filter((k) => (header.kid === undefined || k.keyId === header.kid) && k.algorithm === header.alg)
          if (!fitting[0]) throw new Error('no such key')
          return fitting[0].key
        },
        {
          issuer: [...issuers],
          algorithms: [...new Set(keys.verifying.map((k) => k.algorithm))],
          clockTolerance: clockToleranceSeconds,
          currentDate: now,
          requiredClaims: ['exp', 'sub', 'aud'],
        },
      )
      return verifiedOf(payload)
    } catch {
      return undefined // whatever is wrong with a token, its bearer learns only that it is not good
    }
  }

  /** The user, if everything that the token is bound to still is what it was. */
  async #bound({ claims, id }: Verified, now: Date): Promise<User | undefined> {
    const { namespace, serviceaccount, pod, secret, node } = claims
    const { objects } = this.#options
    const holds = async (
      kind: 'serviceaccounts' | 'pods' | 'secrets',
      ref: { name: string; uid: string } | undefined,
    ): Promise<boolean> => {
      if (!ref) return true
      const found = await objects.find(kind, namespace, ref.name)
      if (!found || found.uid !== ref.uid) return false
      return found.deletedAtMs === undefined || now.getTime() <= found.deletedAtMs + deletionLeewayMs
    }
    const all = (await holds('serviceaccounts', serviceaccount)) && (await holds('pods', pod)) && (await holds('secrets', secret))
    if (!all) return undefined
    const extra: Record<string, readonly string[]> = {
      ...(id === '' ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] }),
      ...(pod ? { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] } : {}),
      ...(node ? { 'authentication.kubernetes.io/node-name': [node.name] } : {}),
      ...(node?.uid ? { 'authentication.kubernetes.io/node-uid': [node.uid] } : {}),
    }
    return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra }
  }
}

function verifiedOf(payload: JWTPayload): Verified | undefined {
  const claims = payload['kubernetes.io'] as BoundClaims | undefined
  const named =
    typeof claims?.namespace === 'string' &&
    typeof claims.serviceaccount?.name === 'string' &&
    typeof claims.serviceaccount.uid === 'string'
  if (!claims || !named || payload.sub !== `system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`) return undefined
  const audiences = payload.aud === undefined ? [] : Array.isArray(payload.aud) ? payload.aud : [payload.aud]
  return { claims, id: payload.jti ?? '', expiresAtMs: (payload.exp ?? 0) * 1000, audiences }
}
