/** Tokens of old, without an end: good as long as the secret that holds them is there (upstream: serviceaccount/legacy.go). */
import { timingSafeEqual } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { BoundObjects } from './bound-objects.ts'
import { serviceAccountUser, type User } from './user.ts'

export const legacyIssuer = 'kubernetes/serviceaccount'
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

export interface LegacyProof {
  namespace: string
  account: string
  uid: string
  secret: string
}

/** What the token claims, or what it lacks. */
export function legacyProof(payload: JWTPayload): LegacyProof | string {
  const claim = (name: string): string => {
    const value = payload[`kubernetes.io/serviceaccount/${name}`]
    return typeof value === 'string' ? value : ''
  }
  const [namespace, secret, account, uid] = [
    claim('namespace'),
    claim('secret.name'),
    claim('service-account.name'),
    claim('service-account.uid'),
  ]
  if (!payload.sub) return 'sub claim is missing'
  if (namespace === '') return 'namespace claim is missing'
  if (secret === '') return 'secretName claim is missing'
  if (account === '') return 'serviceAccountName claim is missing'
  if (uid === '') return 'serviceAccountUID claim is missing'
  if (payload.sub !== `system:serviceaccount:${namespace}:${account}`) return 'sub claim is invalid'
  return { namespace, account, uid, secret }
}

/** The user, or why there is none. */
export async function reviewLegacy(proof: LegacyProof, token: string, objects: BoundObjects): Promise<User | string> {
  const { namespace, account: name, uid, secret: secretName } = proof
  const secret = await objects.tokenSecret(namespace, secretName)
  if (!secret || secret.isDeleted) return 'Token has been invalidated'
  const [held, given] = [Buffer.from(secret.token), Buffer.from(token)]
  if (held.length !== given.length || !timingSafeEqual(held, given)) return "Token does not match server's copy"
  const account = await objects.find('serviceaccounts', namespace, name)
  if (!account) return `serviceaccounts ${JSON.stringify(name)} not found`
  if (account.deletedAtMs !== undefined) return `ServiceAccount ${namespace}/${name} has been deleted`
  if (account.uid !== uid) return `ServiceAccount UID (${account.uid}) does not match claim (${uid})`
  if (Object.hasOwn(secret.labels, invalidSince))
    return `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`
  return serviceAccountUser(namespace, name, uid)
}
