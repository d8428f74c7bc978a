import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { pod, run } from './pod-fixtures.ts'
import { PodWork } from './pod-work.ts'

test('restarts are remembered though the runtime loses its containers; one that was never started counts for nothing', () => {
  const of = pod()
  const work = new PodWork({ pod: of, removed: false }, { hasCgroup: false, hasDirectories: false })
  const started = run(of, { name: 'main', state: 'exited', exitCode: 1 })
  work.containers = [{ ...started, attempt: 2, state: 'created' }]
  assert.equal(work.knownRestarts.get('main'), undefined)
  work.containers = [{ ...started, attempt: 2, labels: { ...started.labels, 'io.kubernetes.container.restartCount': '2' } }]
  work.containers = []
  assert.equal(work.knownRestarts.get('main'), 2)
  work.containers = [started]
  assert.equal(work.knownRestarts.get('main'), 2)
})

test('a kubelet that starts takes restarts from the status, but not from a container that was made and never ran', () => {
  const begun = { name: 'main', image: '', imageID: '', ready: false, restartCount: 0, containerID: 'docker://x' }
  const known = (containerStatus: ContainerStatus): number | undefined => {
    const of = { ...pod(), status: { containerStatuses: [containerStatus] } }
    return new PodWork({ pod: of, removed: false }, { hasCgroup: true, hasDirectories: true }).knownRestarts.get('main')
  }
  assert.equal(known({ ...begun, state: { running: { startedAt: '2026-11-21T12:00:00Z' } } }), 0)
  assert.equal(known({ ...begun, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }), 0)
  assert.equal(known({ ...begun, state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} }), undefined)
})
