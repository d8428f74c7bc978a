/** Makes and mends the roles and bindings that every cluster has, once at the start (upstream: post-start hook rbac/bootstrap-roles). */
import { ApiError } from '#api/meta/status.ts'
import { ClusterRoles } from '#api/rbac/cluster-role.ts'
import { ClusterRoleBindings } from '#api/rbac/cluster-role-binding.ts'
import type { Binding } from '#api/rbac/defaults.ts'
import { Roles } from '#api/rbac/role.ts'
import { RoleBindings } from '#api/rbac/role-binding.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { type BootstrapPolicy, bootstrapPolicy } from '#apiserver/authorization/policy/bootstrap-policy.ts'
import { isProtected, reconciledBinding, reconciledRole } from '#apiserver/authorization/policy/reconcile.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'

const system = { name: 'system:apiserver', groups: ['system:masters'] }
const writer = (namespace: string): Writer => ({ user: system, dryRun: false, namespace, warn: () => undefined })
const attempts = 5

/** Throws what the registry throws. The namespaces of namespaced roles must be there. */
export async function ensureBootstrapRoles(registry: Registry, policy: BootstrapPolicy = bootstrapPolicy): Promise<void> {
  const all: readonly [Resource, readonly KubeObject[]][] = [
    [ClusterRoles as unknown as Resource, policy.clusterRoles],
    [ClusterRoleBindings as unknown as Resource, policy.clusterRoleBindings],
    [Roles as unknown as Resource, policy.roles],
    [RoleBindings as unknown as Resource, policy.roleBindings],
  ]
  for (const [resource, wanted] of all) await Promise.all(wanted.map((object) => ensure(registry, resource, object)))
}

async function ensure(registry: Registry, resource: Resource, wanted: KubeObject): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await ensureOnce(registry, resource, wanted)
      return
    } catch (error) {
      const isRace = error instanceof ApiError && (error.code === 404 || error.code === 409)
      if (!isRace || attempt >= attempts) throw error
    }
  }
}

async function ensureOnce(registry: Registry, resource: Resource, wanted: KubeObject): Promise<void> {
  const { name = '', namespace } = wanted.metadata
  const ref = { namespace, name }
  const by = writer(namespace ?? '')
  const stored = await registry.store.current(resource, ref, 'consistent')
  if (!stored) {
    await registry.create(resource, structuredClone(wanted), by)
    return
  }
  if (isProtected(stored.object)) return
  const isBinding = resource.plural.endsWith('bindings')
  const next = isBinding
    ? reconciledBinding(stored.object as Binding, wanted as Binding)
    : reconciledRole(stored.object as never, wanted as never)
  if (next === undefined) return
  if (next === 'recreate') {
    await registry.delete(resource, ref, { preconditions: { uid: stored.object.metadata.uid } } as never, by)
    await registry.create(resource, structuredClone(wanted), by)
  } else await registry.update({ resource, ref, subresource: '', retries: false, change: () => structuredClone(next as KubeObject) }, by)
}
