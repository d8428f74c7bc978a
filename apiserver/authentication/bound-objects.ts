/** Whether what a token is bound to still is what it was, and whose it is then (upstream: serviceaccount/claims.go). */
import type { BoundClaims } from './token-issuer.ts'
import { serviceAccountUser, type User } from './user.ts'

export type BoundKind = 'serviceaccounts' | 'pods' | 'secrets' | 'nodes'

/** Looks up what a token is bound to; undefined where it does not exist. */
export interface BoundObjects {
  /** What is known without asking anybody. */
  peek(kind: BoundKind, namespace: string, name: string): BoundObject | undefined
  find(kind: BoundKind, namespace: string, name: string): Promise<BoundObject | undefined>
  /** A secret that holds a token of old. */
  tokenSecret(namespace: string, name: string): Promise<TokenSecret | undefined>
}

/** The same object as long as nothing changed in the store. */
export interface BoundObject {
  uid: string
  /** Milliseconds since 1970 at which it was asked to go, its grace period left out. */
  deletedAtMs?: number
}

export interface TokenSecret {
  token: string
  isDeleted: boolean
  labels: Readonly<Record<string, string>>
}

export interface Proof {
  claims: BoundClaims
  /** The token's own id, empty where it has none. */
  id: string
  /** What was found the last time, and whom it came to. */
  last?: { found: readonly (BoundObject | undefined)[]; user: User }
}

/** Tokens stay valid this long after their pod or account was asked to go (upstream: jwt.DefaultLeeway). */
const deletionLeewayMs = 60_000

/** The user, or why there is none. */
export async function boundUser(proof: Proof, objects: BoundObjects, now: Date): Promise<User | string> {
  const { namespace, serviceaccount, pod, secret, node } = proof.claims
  const bindsNode = node !== undefined && pod === undefined
  if (proof.last && isStillBound(proof, objects)) return proof.last.user
  const found = await Promise.all([
    objects.find('serviceaccounts', namespace, serviceaccount.name),
    secret && objects.find('secrets', namespace, secret.name),
    pod && objects.find('pods', namespace, pod.name),
    bindsNode ? objects.find('nodes', '', node.name) : undefined,
  ])
  const why = whyNot(proof.claims, found, now)
  if (why !== undefined) return why
  const user = userOf(proof)
  proof.last = { found, user }
  return user
}

/** Nothing moved and nothing is going since a user was found: nothing else can have changed. */
export const isStillBound = ({ claims, last }: Proof, objects: BoundObjects): boolean =>
  last !== undefined && isUnmoved(claims, last.found, objects)

function isUnmoved(
  { namespace, serviceaccount, pod, secret, node }: BoundClaims,
  last: readonly (BoundObject | undefined)[],
  objects: BoundObjects,
): boolean {
  const same = (i: number, kind: BoundKind, home: string, ref: Ref): boolean => {
    if (!ref) return true
    const object = objects.peek(kind, home, ref.name)
    return object !== undefined && object === last[i] && object.deletedAtMs === undefined
  }
  return (
    same(0, 'serviceaccounts', namespace, serviceaccount) &&
    same(1, 'secrets', namespace, secret) &&
    same(2, 'pods', namespace, pod) &&
    same(3, 'nodes', '', pod ? undefined : node)
  )
}

type Ref = { name: string; uid?: string } | undefined

function whyNot(claims: BoundClaims, found: readonly (BoundObject | undefined)[], now: Date): string | undefined {
  const { namespace, serviceaccount: account, pod, secret, node } = claims
  const [foundAccount, foundSecret, foundPod, foundNode] = found
  if (!foundAccount) return `serviceaccounts ${JSON.stringify(account.name)} not found`
  if (foundAccount.uid !== account.uid) return `service account UID (${foundAccount.uid}) does not match claim (${account.uid})`
  if (isGone(foundAccount, now)) return `service account ${namespace}/${account.name} has been deleted`
  const others: readonly [string, Ref, BoundObject | undefined][] = [
    ['secret', secret, foundSecret],
    ['pod', pod, foundPod],
    ['node', pod ? undefined : node, foundNode],
  ]
  for (const [kind, ref, object] of others) {
    if (!ref) continue
    if (object && object.uid !== ref.uid) return `${kind} UID (${object.uid}) does not match service account ${kind} ref claim (${ref.uid})`
    if (!object || isGone(object, now)) return 'service account token has been invalidated'
  }
  return undefined
}

const isGone = ({ deletedAtMs }: BoundObject, now: Date): boolean =>
  deletedAtMs !== undefined && now.getTime() > deletedAtMs + deletionLeewayMs

const fact = (name: string, value: string | undefined): Record<string, string[]> =>
  value ? { [`authentication.kubernetes.io/${name}`]: [value] } : {}

function userOf({ claims, id }: Proof): User {
  const { namespace, serviceaccount, pod, node } = claims
  const extra = {
    ...fact('credential-id', id === '' ? undefined : `JTI=${id}`),
    ...fact('pod-name', pod?.name),
    ...fact('pod-uid', pod?.uid),
    ...fact('node-name', node?.name),
    ...fact('node-uid', node?.uid),
  }
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra }
}
