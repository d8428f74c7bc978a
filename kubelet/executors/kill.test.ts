import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '#api/core/container.ts'
import { app, desired, exited, pod, run } from '#kubelet/pods/pod-fixtures.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import { type KillDeps, killContainer } from './kill.ts'

function rig(lifecycle: Container['lifecycle'], hookResult: number | 'never' = 0) {
  const did: string[] = []
  const of = pod({ initContainers: [app('proxy', { restartPolicy: 'Always', lifecycle })], containers: [app('main', { lifecycle })] })
  const work = new PodWork(desired(of), { hasCgroup: true, hasDirectories: true })
  work.containers = [run(of, { name: 'proxy', kind: 'init' }), run(of, { name: 'main' })]
  const deps: KillDeps = {
    runtime: {
      execSync: async (_id, command) => {
        did.push(command.join(' '))
        if (hookResult === 'never') return await new Promise(() => undefined)
        return { exitCode: hookResult, output: '', timedOut: false }
      },
      stopContainer: async (id, graceSeconds) => void did.push(`stop ${id} ${graceSeconds}`),
    },
    event: (_pod, { reason, message }) => void did.push(`${reason}: ${message}`),
  }
  const kill = (name: string, graceSeconds: number, after?: string[]) =>
    killContainer(
      deps,
      { id: `${name}-0`, name, graceSeconds, message: `Stopping container ${name}`, preStop: true, ...(after ? { after } : {}) },
      work,
    )
  return { did, work, of, kill }
}

test('the hook goes before the signal', async () => {
  const { did, kill } = rig({ preStop: { exec: { command: ['bye'] } } })
  await kill('main', 30)
  assert.deepEqual(did, ['Killing: Stopping container main', 'bye', 'stop main-0 30'])
})

test('a hook that failed is told and keeps nobody', async () => {
  const { did, kill } = rig({ preStop: { exec: { command: ['bye'] } } }, 1)
  await kill('main', 30)
  assert.deepEqual(did, ['Killing: Stopping container main', 'bye', 'FailedPreStopHook: PreStopHook failed', 'stop main-0 30'])
})

test('however short the grace, two seconds are the process’s own', async () => {
  const { did, kill } = rig(undefined)
  await kill('main', 1)
  assert.deepEqual(did, ['Killing: Stopping container main', 'stop main-0 2'])
})

test('a command that takes the whole grace has failed', async () => {
  const { did, kill } = rig({ preStop: { exec: { command: ['bye'] } } }, 'never')
  await kill('main', 1)
  assert.deepEqual(did, ['Killing: Stopping container main', 'bye', 'FailedPreStopHook: PreStopHook failed', 'stop main-0 2'])
})

test('a hook that takes the whole grace is not waited for any longer', async () => {
  const { did, kill } = rig({ preStop: { sleep: { seconds: 60 } } })
  await kill('main', 1)
  assert.deepEqual(did, ['Killing: Stopping container main', 'stop main-0 2'])
})

test('a sidecar runs its hook at once and is stopped when the others have ended', async () => {
  const { did, kill, work, of } = rig({ preStop: { exec: { command: ['bye'] } } })
  const ended = kill('proxy', 30, ['main-0'])
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(did, ['Killing: Stopping container proxy', 'bye'])
  work.containers = [run(of, { name: 'proxy', kind: 'init' }), exited(of, { name: 'main', exitCode: 0 })]
  await ended
  assert.equal(did.at(-1), 'stop proxy-0 30')
})

test('or when the grace is over', async () => {
  const { did, kill } = rig(undefined)
  await kill('proxy', 1, ['main-0'])
  assert.deepEqual(did, ['Killing: Stopping container proxy', 'stop proxy-0 2'])
})
