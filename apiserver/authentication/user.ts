/** Who made a request. */

export interface User {
  name: string
  groups: readonly string[]
  uid?: string
  extra?: Readonly<Record<string, readonly string[]>>
}

export const authenticatedGroup = 'system:authenticated'
export const mastersGroup = 'system:masters'

/** Requests without credentials. */
export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export const withAuthenticated = (user: User): User =>
  user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] }

const serviceAccountPrefix = 'system:serviceaccount:'

export const serviceAccountUser = (namespace: string, name: string, uid: string): User => ({
  name: `${serviceAccountPrefix}${namespace}:${name}`,
  uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
})

/** The node's name if this is a kubelet: `system:node:<name>` in group `system:nodes`. */
export function nodeOf(user: User): string | undefined {
  return user.groups.includes('system:nodes') && user.name.startsWith('system:node:') ? user.name.slice('system:node:'.length) : undefined
}
