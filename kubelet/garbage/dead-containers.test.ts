import assert from 'node:assert/strict'
import { test } from 'node:test'
import { after, desired, exited, pod, run } from '#kubelet/pods/pod-fixtures.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import { type DeadContainerLimits, surplus, usualLimits } from './dead-containers.ts'
import { surplusOfNode } from './ended-containers.ts'

const plain = pod()
const ended = (attempt: number, finishedAt = after(attempt)) => exited(plain, { name: 'main', attempt, exitCode: 1, finishedAt })
const ids = (containers: readonly { id: string }[]): string[] => containers.map(({ id }) => id)

test('of each container so many are kept, and always the one that tells what comes next', () => {
  const dead = [ended(3), ended(2), ended(1)]
  const running = run(plain, { name: 'main', attempt: 4 })
  const table: [DeadContainerLimits['perContainer'], string[], string[]][] = [
    [1, ['main-2', 'main-1'], ['main-2', 'main-1']],
    [2, ['main-1'], ['main-1']],
    [0, ['main-3', 'main-2', 'main-1'], ['main-2', 'main-1']],
    [-1, [], []],
  ]
  for (const [perContainer, whileRunning, whileEnded] of table) {
    const limits = { ...usualLimits, perContainer }
    assert.deepEqual(ids(surplus(dead, running, limits)), whileRunning, `${perContainer} while it runs`)
    assert.deepEqual(ids(surplus(dead, dead[0], limits)), whileEnded, `${perContainer} while it does not`)
  }
})

test('of a node the longest ended go, but none that its pod is decided by', () => {
  const work = (uid: string, phase: 'Running' | 'Failed', containers: PodWork['containers']): PodWork => {
    const of = pod({}, { uid, name: uid })
    const made = new PodWork(desired({ ...of, status: { phase } }), { hasCgroup: false, hasDirectories: false })
    made.containers = containers
    return made
  }
  const pods = [
    work('active', 'Running', [run(plain, { name: 'main', attempt: 4 }), { ...ended(3), id: 'a3' }, { ...ended(1), id: 'a1' }]),
    work('crashed', 'Running', [{ ...ended(0), id: 'c0' }]),
    work('over', 'Failed', [{ ...ended(2), id: 'o2' }]),
  ]
  const gone = (total: number, minAgeMs = 0, now = after(60)) => ids(surplusOfNode(pods, { total, perContainer: 1, minAgeMs }, now))
  assert.deepEqual(gone(-1), [])
  assert.deepEqual(gone(4), [])
  assert.deepEqual(gone(3), ['a1'])
  assert.deepEqual(gone(0), ['a1', 'o2', 'a3'])
  assert.deepEqual(gone(0, 58_500), ['a1'], 'the others are too young')
})
