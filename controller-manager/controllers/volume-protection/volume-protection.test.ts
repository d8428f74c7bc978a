import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '#api/resource.ts'
import type { Action } from '#client/runner/plan.ts'
import { worldOf } from '#client/runner/world.ts'
import { attributesClassProtectionController } from './attributes-class-protection.ts'
import { claimProtectionController } from './claim-protection.ts'
import { volumeProtectionController } from './volume-protection.ts'

const now = new Date('2026-01-01T00:00:00Z')
const deletionTimestamp = now.toISOString()
const finalizersAfter = (controller: typeof claimProtectionController, key: string, objects: readonly object[]): unknown => {
  const world = worldOf(controller.watches, objects as readonly KubeObject[])
  const [action] = controller.reconcile(key, world, undefined, now).actions as readonly Action[]
  return action === undefined ? undefined : (action as { object: KubeObject }).object.metadata.finalizers
}

const claim = (metadata: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: 'n', name: 'p-data', ...metadata },
  spec: {},
  status: {},
})
const pod = (volume: object, nodeName?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'n', name: 'p' },
  spec: { containers: [], volumes: [{ name: 'data', ...volume }], nodeName },
  status: {},
})
const named = { persistentVolumeClaim: { claimName: 'p-data' } }
const ending = { deletionTimestamp, finalizers: ['a', 'kubernetes.io/pvc-protection'] }

test('a claim is protected until it is deleted and no pod on a node uses it', () => {
  const after = (metadata: object, pods: readonly object[] = []): unknown =>
    finalizersAfter(claimProtectionController, 'n/p-data', [claim(metadata), ...pods])
  assert.deepEqual(after({ finalizers: ['a'] }), ['a', 'kubernetes.io/pvc-protection'])
  assert.equal(after({ finalizers: ['kubernetes.io/pvc-protection'] }), undefined)
  assert.deepEqual(after(ending), ['a'])
  assert.equal(after(ending, [pod(named, 'node')]), undefined)
  assert.deepEqual(after(ending, [pod(named)]), ['a'])
  assert.equal(after(ending, [pod({ ephemeral: {} }, 'node')]), undefined)
  assert.equal(after({ deletionTimestamp, finalizers: ['a'] }), undefined)
})

test('a volume is protected while it is bound, a class while it is used', () => {
  const volume = (phase: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', deletionTimestamp, finalizers: ['kubernetes.io/pv-protection'] },
    spec: { ...more },
    status: { phase },
  })
  assert.equal(finalizersAfter(volumeProtectionController, 'v', [volume('Bound')]), undefined)
  assert.deepEqual(finalizersAfter(volumeProtectionController, 'v', [volume('Released')]), [])
  const attributes = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'gold', deletionTimestamp, finalizers: ['kubernetes.io/vac-protection'] },
  }
  const after = (others: readonly object[]): unknown =>
    finalizersAfter(attributesClassProtectionController, 'gold', [attributes, ...others])
  assert.deepEqual(after([]), [])
  assert.equal(after([volume('Bound', { volumeAttributesClassName: 'gold' })]), undefined)
})
