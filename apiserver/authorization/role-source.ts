/** Roles and bindings as the cache holds them; each is parsed once. */
import { ClusterRoles } from '#api/rbac/cluster-role.ts'
import { ClusterRoleBindings } from '#api/rbac/cluster-role-binding.ts'
import { Roles } from '#api/rbac/role.ts'
import { RoleBindings } from '#api/rbac/role-binding.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Entry, objectOf } from '#apiserver/cache/entry.ts'
import type { RoleSource } from './rbac.ts'

const kinds = [ClusterRoles, ClusterRoleBindings, Roles, RoleBindings] as unknown as readonly Resource[]

export function roleSource(cache: Cache): RoleSource {
  const parsed = new WeakMap<Entry, KubeObject>()
  const objects = <T extends KubeObject>(kind: Resource<T>): T[] =>
    cache
      .of(kind as unknown as Resource)
      .range()
      .map((entry) => {
        const known = parsed.get(entry)
        if (known) return known as T
        const object = objectOf(entry)
        parsed.set(entry, object)
        return object as T
      })
  const caches = kinds.map((kind) => cache.of(kind))
  return {
    async settled() {
      if (!cache.isReady) return false
      await cache.fresh()
      return true
    },
    version: () => caches.reduce((sum, { version }) => sum + version, 0),
    read: () => ({
      clusterRoleBindings: objects(ClusterRoleBindings),
      roleBindings: objects(RoleBindings),
      clusterRoles: objects(ClusterRoles),
      roles: objects(Roles),
    }),
  }
}
