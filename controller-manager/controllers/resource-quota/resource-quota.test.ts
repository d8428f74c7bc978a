// The status of quotas: what is used, counted against the very quota that was read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ResourceQuota, ResourceQuotas } from '#api/core/resource-quota.ts'
import { worldOf } from '#client/runner/world.ts'
import { actionOf, at } from '#controller-manager/controllers/test-objects.ts'
import { reconcileQuota, resourceQuotaController } from './resource-quota.ts'

const quota = (hard: Record<string, string>, used: Record<string, string>): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace: 'ns', name: 'q', resourceVersion: '7' },
  spec: { hard },
  status: { hard, used },
})
const { watches } = resourceQuotaController(() => Promise.reject(new Error('not asked')))
const plan = (of: ResourceQuota, counts: Record<string, number>, revision = '7') =>
  reconcileQuota('ns/q', worldOf(watches, [of]), { counts, revision }, at(0))

test('usage that differs is written', () => {
  const written = actionOf(plan(quota({ configmaps: '5', pods: '3' }, { configmaps: '1', pods: '0' }), { configmaps: 2 }), 'updateStatus')
  assert.deepEqual((written.object as ResourceQuota).status.used, { configmaps: '2', pods: '0' })
  assert.deepEqual(plan(quota({ configmaps: '5' }, { configmaps: '2' }), { configmaps: 2 }).actions, [])
})

test('counts of a quota that was charged since are not written', () => {
  const { actions, recheckAfterMs = 0 } = plan(quota({ configmaps: '5' }, { configmaps: '3' }), { configmaps: 2 }, '6')
  assert.deepEqual([actions, recheckAfterMs > 0], [[], true])
})

test('events are in no quota', () => {
  const { status } = actionOf(plan(quota({ 'count/events': '5', pods: '1' }, {}), { events: 3 }), 'updateStatus').object as ResourceQuota
  assert.deepEqual(status.used, { pods: '0' })
})

test('a status that somebody else wrote concerns nobody', () => {
  const [{ concerns } = assert.fail()] = watches.filter((watch) => watch.type === ResourceQuotas)
  const was = quota({ pods: '5' }, { pods: '1' })
  const rewritten: ResourceQuota = { ...was, status: { hard: { pods: '7' }, used: { pods: '9' } } }
  const changed: ResourceQuota = { ...was, spec: { hard: { pods: '6' } } }
  assert.deepEqual([concerns(rewritten, was), concerns(changed, was)], [false, true])
})
