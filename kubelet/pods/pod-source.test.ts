import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { fromApi } from './pod-source.ts'
import { isStatic } from './pod-state.ts'

const pod = (uid: string, annotations?: Record<string, string>): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid, ...(annotations ? { annotations } : {}) } }) as Pod
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

test('a pod of the API is noted as one, and when it was seen first', () => {
  const first = fromApi(pod('a', { own: 'x' }), undefined, at(1))
  assert.deepEqual(first.metadata.annotations, {
    own: 'x',
    'kubernetes.io/config.source': 'api',
    'kubernetes.io/config.seen': '2026-01-01T00:00:01.000Z',
  })
  const changed = fromApi(pod('a', { own: 'y' }), first, at(2))
  assert.equal(changed.metadata.annotations?.['own'], 'y')
  assert.equal(changed.metadata.annotations?.['kubernetes.io/config.seen'], '2026-01-01T00:00:01.000Z')
  const another = fromApi(pod('b'), changed, at(3))
  assert.equal(another.metadata.annotations?.['kubernetes.io/config.seen'], '2026-01-01T00:00:03.000Z')
})

test('nobody passes a pod of the API off as one of a manifest, or as seen before', () => {
  const forged = { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.seen': 'long ago' }
  const noted = fromApi(pod('a', forged), undefined, at(1))
  assert.equal(isStatic(noted), false)
  assert.equal(noted.metadata.annotations?.['kubernetes.io/config.seen'], '2026-01-01T00:00:01.000Z')
})
