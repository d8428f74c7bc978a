/** Cluster roles with an aggregation rule hold the rules of all roles that its selectors match (upstream: pkg/controller/clusterroleaggregation). */
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { type ClusterRole, ClusterRoles } from '#api/rbac/cluster-role.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'

const gathers = ({ aggregationRule }: ClusterRole): boolean => (aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0

/** Any role may be a part of any that gathers. */
const gatherers = (_: ClusterRole, world: World): string[] => world.of(ClusterRoles).list().filter(gathers).map(keyOf)

export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  watches: [watch(ClusterRoles, { keys: gatherers })],
  reconcile: (key, world) => reconcileClusterRole(key, world),
}

export function reconcileClusterRole(key: string, world: World): Plan {
  const role = world.of(ClusterRoles).get(key)
  if (!role || !gathers(role)) return nothing
  const rules = gathered(role, world)
  if (sameValue(rules, role.rules)) return nothing
  return { actions: [{ verb: 'update', type: ClusterRoles, object: { ...role, rules } as ClusterRole, reason: 'gathered rules differ' }] }
}

/** In the order of the selectors, then of the names; each rule once. */
function gathered(role: ClusterRole, world: World): PolicyRule[] {
  const all = [...world.of(ClusterRoles).list()]
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const rules: PolicyRule[] = []
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const chosen = all.filter(({ metadata }) => matches(selectorFromLabelSelector(selector), metadata.labels ?? {}))
    for (const rule of chosen.flatMap((part) => part.rules ?? [])) if (!rules.some((known) => sameValue(known, rule))) rules.push(rule)
  }
  return rules
}
