import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '#api/core/pod-status.ts'
import { statusPatch } from './status-patch.ts'

const time = '2026-11-21T12:00:00Z'
const from: PodStatus = {
  phase: 'Pending',
  conditions: [
    { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'm', lastTransitionTime: time },
    { type: 'example.com/gate', status: 'True' },
  ],
  podIPs: [{ ip: '10.0.0.1' }],
  podIP: '10.0.0.1',
}

test('nothing to write', () => {
  assert.equal(statusPatch(from, { ...from, containerStatuses: [] }), undefined)
  assert.equal(
    statusPatch(
      { conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null as unknown as string }] },
      { conditions: [{ type: 'Ready', status: 'True' }] },
    ),
    undefined,
  )
})

test('changed fields only; others’ conditions are left alone; what went of a condition is taken back', () => {
  const to: PodStatus = {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }],
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
  }
  assert.deepEqual(statusPatch(from, to), {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time, reason: null, message: null }],
  })
})

test('an address that changed', () => {
  assert.deepEqual(statusPatch(from, { ...from, podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] }), {
    podIP: '10.0.0.2',
    podIPs: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1', $patch: 'delete' }],
  })
})

test('a field that went', () => {
  assert.deepEqual(statusPatch({ phase: 'Failed', reason: 'Evicted' }, { phase: 'Failed' }), { reason: null })
})

test('a condition that holds no more goes', () => {
  const pending = { type: 'PodResizePending', status: 'True' }
  assert.deepEqual(statusPatch({ conditions: [pending] }, { conditions: [] }), {
    conditions: [{ type: 'PodResizePending', $patch: 'delete' }],
  })
  assert.equal(statusPatch({ conditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { conditions: [] }), undefined)
})
