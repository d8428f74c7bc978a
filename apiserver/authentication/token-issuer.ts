/** Makes service-account tokens: the claims of upstream (serviceaccount.Claims), signed with the cluster's key. */
import { SignJWT } from 'jose'
import { legacyIssuer } from './legacy-tokens.ts'
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

  /** A token without an end: good as long as the secret holds it (upstream: serviceaccount/legacy.go). */
  async issueForSecret(of: { namespace: string; name: string; uid: string; secret: string }): Promise<string> {
    const { signing } = this.#keys
    const claims = {
      'kubernetes.io/serviceaccount/namespace': of.namespace,
      'kubernetes.io/serviceaccount/secret.name': of.secret,
      'kubernetes.io/serviceaccount/service-account.name': of.name,
      'kubernetes.io/serviceaccount/service-account.uid': of.uid,
    }
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: signing.algorithm, kid: signing.keyId })
      .setIssuer(legacyIssuer)
      .setSubject(`system:serviceaccount:${of.namespace}:${of.name}`)
      .sign(signing.key)
  }
}
