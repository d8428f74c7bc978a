import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupDriver } from './cgroup-driver.ts'

async function story(configured: 'cgroupfs' | 'systemd', answers: (string | Error)[]): Promise<[string, number]> {
  let warnings = 0
  const log = { info: () => undefined, warn: () => void warnings++ } as unknown as Parameters<typeof cgroupDriver>[0]['log']
  const ask = async (): Promise<string> => {
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (typeof answer === 'string') return answer
    throw answer
  }
  return [await cgroupDriver({ configured, ask, log, patienceMs: answers.length > 1 ? 5000 : 0 }), warnings]
}

test('the runtime’s cgroup driver goes before the configured one', async () => {
  assert.deepEqual(await story('cgroupfs', ['cgroupfs']), ['cgroupfs', 0])
  assert.deepEqual(await story('cgroupfs', ['systemd']), ['systemd', 1])
  assert.deepEqual(await story('systemd', ['cgroupfs']), ['cgroupfs', 1])
  assert.deepEqual(await story('cgroupfs', [new Error('not up yet'), 'systemd']), ['systemd', 1])
  assert.deepEqual(await story('systemd', [new Error('down')]), ['systemd', 1])
  assert.deepEqual(await story('systemd', ['none']), ['systemd', 1])
})
