import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { boundedMessages, fallsBackToLog, joinedMessage } from './termination-messages.ts'

test('the runtime speaks before the container', () => {
  assert.equal(joinedMessage('', ''), '')
  assert.equal(joinedMessage('no such file', ''), 'no such file')
  assert.equal(joinedMessage('', 'done'), 'done')
  assert.equal(joinedMessage('killed', 'done'), 'killed: done')
})

test('the log speaks only for what failed, and only where it may', () => {
  assert.equal(fallsBackToLog('FallbackToLogsOnError', { exitCode: 1, reason: 'Error' }), true)
  assert.equal(fallsBackToLog('FallbackToLogsOnError', { exitCode: 0, reason: 'Completed' }), false)
  assert.equal(fallsBackToLog('File', { exitCode: 1, reason: 'Error' }), false)
})

test('12 KiB are shared by all containers of the pod', () => {
  const three = pod({ initContainers: [app('a')], containers: [app('b'), app('c')] })
  const message = 'é'.repeat(4096)
  const status = { name: 'b', ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: 1, message } } }
  const [cut] = boundedMessages(three, [{ ...status, lastState: { terminated: { exitCode: 1, message: 'short' } } }])
  assert.equal(Buffer.byteLength(cut?.state?.terminated?.message ?? ''), 4096)
  assert.equal(cut?.lastState?.terminated?.message, 'short')
})
