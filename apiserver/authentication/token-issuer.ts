/** Makes service-account tokens: the claims of upstream (serviceaccount.Claims), signed with the cluster's key. */
import { SignJWT } from 'jose'
import type { TokenKeys } from './token-keys.ts'

/** The private claims, under `kubernetes.io`. */
export interface BoundClaims {
  namespace: string
  serviceaccount: { name: string; uid: string }
  pod?: { name: string; uid: string }
  secret?: { name: string; uid: string }
  node?: { name: string; uid?: string }
  /** Seconds: tokens of pods that live longer than they were asked for are reported from then on. */
  warnafter?: number
}

export interface TokenWish {
  claims: BoundClaims
  audiences: readonly string[]
  lifetimeSeconds: number
  id: string
  now: Date
}

export class TokenIssuer {
  readonly issuer: string
  readonly #keys: TokenKeys

  constructor(issuer: string, keys: TokenKeys) {
    this.issuer = issuer
    this.#keys = keys
  }

  async issue(wish: TokenWish): Promise<string> {
    const { signing } = this.#keys
    const now = Math.floor(wish.now.getTime() / 1000)
    const { namespace, serviceaccount } = wish.claims
    return await new SignJWT({ aud: [...wish.audiences], 'kubernetes.io': wish.claims as unknown as Record<string, unknown> })
      .setProtectedHeader({ alg: signing.algorithm, kid: signing.keyId })
      .setIssuer(this.issuer)
      .setSubject(`system:serviceaccount:${namespace}:${serviceaccount.name}`)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + wish.lifetimeSeconds)
      .setJti(wish.id)
      .sign(signing.key)
  }
}
