import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { canWait } from './status-urgency.ts'

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
  for (const [status, expected] of cases) assert.equal(canWait(status), expected, JSON.stringify(status))
})
