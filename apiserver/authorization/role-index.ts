/** Bindings by subject, roles by name: what RBAC looks up instead of walking all bindings (pure; upstream: registry/rbac/validation/rule.go). */
import { goQuote } from '#api/meta/go-quote.ts'
import type { Binding } from '#api/rbac/defaults.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { Subject } from '#api/rbac/role-binding.ts'
import type { User } from '#apiserver/authentication/user.ts'

/** A binding as it concerns one subject. */
export interface Bound {
  binding: Binding
  /** Place of the binding in the listing, and of the subject in the binding: the first one that fits gives the reason. */
  order: number
  subject: number
}

export interface RoleIndex {
  /** Of cluster role bindings. */
  cluster: ReadonlyMap<string, readonly Bound[]>
  /** Of role bindings, by namespace. */
  namespaced: ReadonlyMap<string, ReadonlyMap<string, readonly Bound[]>>
  /** Rules by `name` or `namespace/name`. */
  roles: ReadonlyMap<string, readonly PolicyRule[]>
}

type Mutable = Map<string, Bound[]>

export interface RoleObjects {
  clusterRoleBindings: readonly Binding[]
  roleBindings: readonly Binding[]
  clusterRoles: readonly { metadata: { name?: string | undefined }; rules?: readonly PolicyRule[] | undefined }[]
  roles: readonly { metadata: { name?: string | undefined; namespace?: string | undefined }; rules?: readonly PolicyRule[] | undefined }[]
}

export function roleIndexOf(objects: RoleObjects): RoleIndex {
  const cluster: Mutable = new Map()
  for (const [order, binding] of objects.clusterRoleBindings.entries()) add(cluster, binding, '', order)
  const namespaced = new Map<string, Mutable>()
  for (const [order, binding] of objects.roleBindings.entries()) {
    const namespace = binding.metadata.namespace ?? ''
    const there: Mutable = namespaced.get(namespace) ?? new Map()
    namespaced.set(namespace, there)
    add(there, binding, namespace, order)
  }
  const roles = new Map<string, readonly PolicyRule[]>()
  for (const { metadata, rules } of objects.clusterRoles) roles.set(metadata.name ?? '', rules ?? [])
  for (const { metadata, rules } of objects.roles) roles.set(`${metadata.namespace}/${metadata.name}`, rules ?? [])
  return { cluster, namespaced, roles }
}

function add(map: Mutable, binding: Binding, namespace: string, order: number): void {
  for (const [subject, of] of (binding.subjects ?? []).entries()) {
    const key = keyOfSubject(of, namespace)
    if (key === undefined) continue
    const known = map.get(key)
    if (known) known.push({ binding, order, subject })
    else map.set(key, [{ binding, order, subject }])
  }
}

/** Service accounts are users of a certain name; one without a namespace is of the binding's. */
function keyOfSubject({ kind, name, namespace }: Subject, here: string): string | undefined {
  if (kind === 'User') return userKey(name)
  if (kind === 'Group') return groupKey(name)
  const home = namespace || here
  return kind === 'ServiceAccount' && home !== '' ? userKey(`system:serviceaccount:${home}:${name}`) : undefined
}

const userKey = (name: string): string => `u${name}`
const groupKey = (name: string): string => `g${name}`

/** Every binding that names the user, once, in the order of the listing. */
export function boundTo(user: User, map: ReadonlyMap<string, readonly Bound[]> | undefined): Bound[] {
  if (!map || map.size === 0) return []
  const found = new Map<number, Bound>()
  for (const key of [userKey(user.name), ...user.groups.map(groupKey)])
    for (const bound of map.get(key) ?? []) {
      const known = found.get(bound.order)
      if (!known || bound.subject < known.subject) found.set(bound.order, bound)
    }
  return [...found.values()].sort((a, b) => a.order - b.order)
}

/** Undefined where the role is not there. */
export function rulesOf(index: RoleIndex, { metadata, roleRef }: Binding): readonly PolicyRule[] | undefined {
  return index.roles.get(roleRef.kind === 'Role' ? `${metadata.namespace}/${roleRef.name}` : roleRef.name)
}

export const missingRole = ({ roleRef }: Pick<Binding, 'roleRef'>): string =>
  `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${goQuote(roleRef.name)} not found`

/** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
export function describeBound({ binding, subject }: Bound): string {
  const { metadata, roleRef } = binding
  const namespace = metadata.namespace ?? ''
  const of = binding.subjects?.[subject]
  const name = of?.kind === 'ServiceAccount' ? `${of.name}/${of.namespace || namespace}` : (of?.name ?? '')
  const what = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding'
  const which = namespace === '' ? (metadata.name ?? '') : `${metadata.name}/${namespace}`
  return `${what} ${goQuote(which)} of ${roleRef.kind} ${goQuote(roleRef.name)} to ${of?.kind} ${goQuote(name)}`
}
