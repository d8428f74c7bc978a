/** Defaults of bindings (upstream: pkg/apis/rbac/v1/defaults.go). */
import type { KubeObject } from '#api/resource.ts'
import type { RoleRef, Subject } from './role-binding.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

export interface Binding extends KubeObject {
  subjects?: Subject[] | undefined
  roleRef: RoleRef
}

/** Roles, users and groups are of this group unless it is said otherwise; service accounts are of the core group. */
export function bindingDefaults<T extends Binding>(binding: T): T {
  binding.roleRef.apiGroup ||= rbacGroup
  for (const subject of binding.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup
  return binding
}
