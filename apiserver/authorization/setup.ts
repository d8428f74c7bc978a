/** Puts the authorizers together, in the order in which they are asked. */
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Authorizer, mastersAuthorizer, union } from './authorizer.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { nodeRelations } from './node-relations.ts'
import { RbacAuthorizer } from './rbac.ts'
import { roleSource } from './role-source.ts'

/** `modes` are `Node` and `RBAC`. */
export function authorizationOf(
  cache: Cache,
  modes: readonly string[] = ['Node', 'RBAC'],
): { authorizer: Authorizer; rbac: RbacAuthorizer } {
  const rbac = new RbacAuthorizer(roleSource(cache))
  const asked = modes.map((mode) => (mode === 'Node' ? nodeAuthorizer(nodeRelations(cache)) : rbac))
  return { rbac, authorizer: union([mastersAuthorizer, ...asked]) }
}
