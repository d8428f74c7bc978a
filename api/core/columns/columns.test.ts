import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { ContainerState, ContainerStatus, PodStatus } from '#api/core/pod-status.ts'
import { humanDuration, since } from '#api/meta/age.ts'
import { podColumns, podSummary } from './pod.ts'

const now = new Date('2024-01-01T00:00:00Z')
const state = (name: string, doing: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  state: doing,
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...more,
})
const running = { running: {} }
const ended = (exitCode: number, reason: string): ContainerState => ({
  terminated: { exitCode, reason, finishedAt: '2023-12-31T23:50:00Z' },
})
const init = [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }]

function pod(status: PodStatus, more: { deleted?: boolean; init?: boolean } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...(more.deleted && { deletionTimestamp: '2024-01-01T00:00:00Z' }) },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], ...(more.init && { initContainers: init }) },
    status,
  }
}

test('a pod in one word', () => {
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } }
  const cases: [string, Pod, string, string][] = [
    ['new', pod({ phase: 'Pending' }), 'Pending', '0/2'],
    ['a reason goes over the phase', pod({ phase: 'Failed', reason: 'Evicted' }), 'Evicted', '0/2'],
    [
      'one waits',
      pod({ phase: 'Running', containerStatuses: [state('a', waiting), state('b', running, { ready: true })] }),
      'CrashLoopBackOff',
      '1/2',
    ],
    [
      'one ended well, the pod is not ready',
      pod({ phase: 'Running', containerStatuses: [state('a', ended(0, 'Completed')), state('b', running, { ready: true })] }),
      'NotReady',
      '1/2',
    ],
    [
      'one failed behind one that ended well',
      pod({ phase: 'Running', containerStatuses: [state('a', ended(0, 'Completed')), state('b', ended(1, 'Error'))] }),
      'Error',
      '0/2',
    ],
    ['deleted', pod({ phase: 'Running' }, { deleted: true }), 'Terminating', '0/2'],
    ['deleted and done', pod({ phase: 'Succeeded' }, { deleted: true }), 'Succeeded', '0/2'],
    ['its node is lost', pod({ phase: 'Running', reason: 'NodeLost' }, { deleted: true }), 'Unknown', '0/2'],
    ['init', pod({ phase: 'Pending', initContainerStatuses: [state('i', running)] }, { init: true }), 'Init:0/2', '0/3'],
    ['init failed', pod({ phase: 'Pending', initContainerStatuses: [state('i', ended(3, ''))] }, { init: true }), 'Init:ExitCode:3', '0/3'],
    [
      'sidecar runs',
      pod(
        {
          phase: 'Running',
          initContainerStatuses: [state('i', ended(0, 'Completed')), state('s', running, { started: true, ready: true })],
          containerStatuses: [state('a', running, { ready: true })],
        },
        { init: true },
      ),
      'Running',
      '2/3',
    ],
    [
      'gated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      'SchedulingGated',
      '0/2',
    ],
  ]
  for (const [story, given, status, ready] of cases) {
    const summary = podSummary(given)
    assert.deepEqual([summary.status, `${summary.ready}/${summary.total}`], [status, ready], story)
  }
})

test('restarts count all containers and say how long ago the last one was', () => {
  const given = pod({
    phase: 'Running',
    containerStatuses: [state('a', running, { restartCount: 2, lastState: ended(1, 'Error') }), state('b', running, { restartCount: 1 })],
  })
  const restarts = podColumns.find(({ name }) => name === 'Restarts')
  assert.equal(restarts?.cell(given, now), '3 (10m ago)')
})

test('ages', () => {
  const cases: [number, string][] = [
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [303, '5m3s'],
    [2520, '42m'],
    [18720, '5h12m'],
    [108000, '30h'],
    [273600, '3d4h'],
    [8640000, '100d'],
    [2 * 365 * 86400 + 30 * 86400, '2y30d'],
    [9 * 365 * 86400, '9y'],
  ]
  for (const [seconds, text] of cases) assert.equal(humanDuration(seconds), text)
  assert.equal(since(undefined, now), '<unknown>')
})
