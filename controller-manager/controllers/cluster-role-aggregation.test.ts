import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterRole } from '#api/rbac/cluster-role.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import { worldOf } from '#client/runner/world.ts'
import { clusterRoleAggregationController, reconcileClusterRole } from './cluster-role-aggregation.ts'
import { lines } from './test-objects.ts'

const rule = (resource: string): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })
const role = (name: string, labels: Record<string, string>, rules: PolicyRule[], gathers?: string): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules,
  ...(gathers ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: gathers } }] } } : {}),
})
const parts = [
  role('b', { to: 'view' }, [rule('pods'), rule('nodes')]),
  role('a', { to: 'view' }, [rule('pods')]),
  role('c', {}, [rule('secrets')]),
]
const world = (...roles: ClusterRole[]) => worldOf(clusterRoleAggregationController.watches, [...parts, ...roles])

test('rules of all matching roles, by name and once', () => {
  const plan = reconcileClusterRole('view', world(role('view', {}, [], 'view')))
  assert.deepEqual(lines(plan), ['update clusterroles view (gathered rules differ)'])
  const [action] = plan.actions
  assert.ok(action && 'object' in action)
  assert.deepEqual((action.object as ClusterRole).rules, [rule('pods'), rule('nodes')])
})
test('nothing where they are held already', () => {
  assert.deepEqual(lines(reconcileClusterRole('view', world(role('view', {}, [rule('pods'), rule('nodes')], 'view')))), [])
})
test('a role does not gather from itself, nor one without a rule of aggregation', () => {
  const own = role('view', { to: 'view' }, [rule('pods'), rule('nodes'), rule('own')], 'view')
  const [action] = reconcileClusterRole('view', world(own)).actions
  assert.ok(action && 'object' in action)
  assert.equal((action.object as ClusterRole).rules?.length, 2)
  assert.deepEqual(lines(reconcileClusterRole('a', world())), [])
})
