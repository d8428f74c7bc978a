import assert from 'node:assert/strict'
import { test } from 'node:test'
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
