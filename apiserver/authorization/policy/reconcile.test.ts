import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClusterRole } from '#api/rbac/cluster-role.ts'
import { bootstrapPolicy } from './bootstrap-policy.ts'
import { isProtected, reconciledBinding, reconciledRole } from './reconcile.ts'

const roleOf = (name: string): ClusterRole =>
  structuredClone(bootstrapPolicy.clusterRoles.find((r) => r.metadata.name === name) as ClusterRole)
const bindingOf = (name: string) => {
  const found = bootstrapPolicy.clusterRoleBindings.find((b) => b.metadata.name === name)
  assert.ok(found)
  return structuredClone(found)
}

describe('bootstrap roles are mended', () => {
  test('one that is as it should be stays', () => assert.equal(reconciledRole(roleOf('view'), roleOf('view')), undefined))
  test('missing rules come back, added ones stay', () => {
    const stored = roleOf('system:node-proxier')
    const own = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] }
    stored.rules = [own]
    const next = reconciledRole(stored, roleOf('system:node-proxier'))
    assert.deepEqual(next?.rules?.[0], own)
    assert.ok((next?.rules?.length ?? 0) > 4)
  })
  test('what was gathered stays, a lost selector comes back', () => {
    const stored = roleOf('view')
    stored.rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
    stored.aggregationRule = { clusterRoleSelectors: [{ matchLabels: { mine: 'true' } }] }
    const next = reconciledRole(stored, roleOf('view'))
    assert.equal(next?.aggregationRule?.clusterRoleSelectors?.length, 2)
    assert.deepEqual(next?.rules, stored.rules)
  })
  test('a label that was changed stays changed', () => {
    const stored = roleOf('view')
    stored.metadata.labels = { 'kubernetes.io/bootstrapping': 'mine' }
    assert.equal(reconciledRole(stored, roleOf('view'))?.metadata.labels?.['kubernetes.io/bootstrapping'], 'mine')
  })
  test('subjects come back; a binding to another role is made anew', () => {
    const stored = bindingOf('system:discovery')
    stored.subjects = []
    const next = reconciledBinding(stored, bindingOf('system:discovery'))
    assert.ok(next && next !== 'recreate')
    assert.equal(next.subjects?.length, 1)
    stored.roleRef = { ...stored.roleRef, name: 'view' }
    assert.equal(reconciledBinding(stored, bindingOf('system:discovery')), 'recreate')
  })
  test('an annotation protects', () => {
    const stored = roleOf('view')
    assert.equal(isProtected(stored), false)
    stored.metadata.annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
    assert.equal(isProtected(stored), true)
  })
})
