/** What a stored bootstrap role or binding lacks of the wanted one (pure; upstream: component-helpers, auth/rbac/reconciliation). */
import { sameValue } from '#api/meta/same-value.ts'
import type { ClusterRole } from '#api/rbac/cluster-role.ts'
import type { Binding } from '#api/rbac/defaults.ts'
import type { Role } from '#api/rbac/role.ts'
import type { KubeObject } from '#api/resource.ts'
import { missingRules } from '#apiserver/authorization/coverage.ts'

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

/** Whether somebody asked that it be left as it is. */
export const isProtected = ({ metadata }: KubeObject): boolean => metadata.annotations?.[autoUpdate] === 'false'

/** The stored role with what it lacks; undefined where it lacks nothing. What users added stays. */
export function reconciledRole<T extends Role | ClusterRole>(stored: T, wanted: T): T | undefined {
  const missing = missingRules(stored.rules ?? [], wanted.rules ?? [])
  const next = { ...stored, metadata: reconciledMetadata(stored, wanted), rules: [...(stored.rules ?? []), ...missing] }
  const rule = reconciledAggregation(stored as ClusterRole, wanted as ClusterRole)
  if (rule) (next as ClusterRole).aggregationRule = rule
  else delete (next as ClusterRole).aggregationRule
  return sameValue(next, stored) ? undefined : next
}

function reconciledAggregation(stored: ClusterRole, wanted: ClusterRole): ClusterRole['aggregationRule'] {
  if (!wanted.aggregationRule) return undefined
  const own = stored.aggregationRule?.clusterRoleSelectors ?? []
  const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter((selector) => !own.some((known) => sameValue(known, selector)))
  return { clusterRoleSelectors: [...own, ...missing] }
}

/** `recreate`: the binding is to another role, which cannot be changed. */
export function reconciledBinding<T extends Binding>(stored: T, wanted: T): T | 'recreate' | undefined {
  if (!sameValue(stored.roleRef, wanted.roleRef)) return 'recreate'
  const own = stored.subjects ?? []
  const missing = (wanted.subjects ?? []).filter((subject) => !own.some((known) => sameValue(known, subject)))
  const next = { ...stored, metadata: reconciledMetadata(stored, wanted), subjects: [...own, ...missing] }
  return sameValue(next, stored) ? undefined : next
}

/** Labels and annotations that users changed stay changed. */
function reconciledMetadata(stored: KubeObject, wanted: KubeObject): KubeObject['metadata'] {
  return {
    ...stored.metadata,
    labels: { ...wanted.metadata.labels, ...stored.metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...stored.metadata.annotations },
  }
}
