import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { patienceMs } from './status-urgency.ts'

const container = (state: ContainerStatus['state'], restartCount = 0): ContainerStatus =>
  ({ name: 'c', image: 'i', imageID: '', ready: false, restartCount, state }) as ContainerStatus
const creating = container({ waiting: { reason: 'ContainerCreating' } })

test('only what says that nothing has begun may wait', () => {
  const cases: [PodStatus, boolean][] = [
    [{ phase: 'Pending', containerStatuses: [creating] }, true],
    [
      {
        phase: 'Pending',
        initContainerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
        containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
      },
      true,
    ],
    [{ phase: 'Pending' }, false],
    [{ phase: 'Running', containerStatuses: [creating] }, false],
    [{ phase: 'Pending', containerStatuses: [creating, container({ waiting: { reason: 'ErrImagePull' } })] }, false],
    [{ phase: 'Pending', initContainerStatuses: [container({ running: {} })], containerStatuses: [creating] }, false],
    [{ phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } }, 1)] }, false],
  ]
  for (const [status, expected] of cases)
    assert.equal(patienceMs(status, { status: {}, deleted: false }, 0) > 0, expected, JSON.stringify(status))
})

test('of a pod that is deleted, a new generation may wait and its end may not', () => {
  const status = (observedGeneration: number, ready: 'True' | 'False'): PodStatus => ({
    observedGeneration,
    phase: 'Running',
    conditions: [{ type: 'Ready', status: ready, observedGeneration }],
    containerStatuses: [container({ running: {} })],
  })
  const shown = status(1, 'True')
  assert.equal(patienceMs(status(2, 'True'), { status: shown, deleted: true }, 0), 2000)
  assert.equal(patienceMs(status(2, 'False'), { status: shown, deleted: true }, 0), 0)
  assert.equal(patienceMs(status(2, 'True'), { status: shown, deleted: false }, 0), 0)
})

test('once it is said that a pod starts, the steps of the start may wait longer', () => {
  const starting: PodStatus = { phase: 'Pending', containerStatuses: [creating] }
  const withAddress: PodStatus = { ...starting, podIP: '10.0.0.2' }
  assert.equal(patienceMs(starting, { status: { phase: 'Pending' }, deleted: false }, 0), 1000)
  assert.equal(patienceMs(withAddress, { status: starting, deleted: false }, 0), 2000)
  assert.equal(patienceMs({ ...withAddress, phase: 'Running' }, { status: starting, deleted: false }, 0), 0)
})

test('among many that wait, each waits longer; what somebody acts on never does', () => {
  const starting: PodStatus = { phase: 'Pending', containerStatuses: [creating] }
  const shown = { status: {}, deleted: false }
  assert.deepEqual(
    [0, 7, 8, 100].map((others) => patienceMs(starting, shown, others)),
    [1000, 1000, 3000, 3000],
  )
  assert.equal(patienceMs({ ...starting, phase: 'Running' }, shown, 100), 0)
})
