import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '#component/logging.ts'
import { after, app, pod, run, start } from '#kubelet/pods/pod-fixtures.ts'
import { Prober } from './prober.ts'

const nothing = { write: () => undefined }
const log = createLogger({ name: 't', verbosity: 0, format: 'text', destination: nothing })
const exec = { exec: { command: ['check'] }, periodSeconds: 1 }

/** A prober whose commands answer as `answer` says; `asked` counts them. */
function rig(answer: () => number | Error, now = start) {
  const told: string[] = []
  const changes: string[] = []
  let asked = 0
  const prober = new Prober({
    runtime: {
      execSync: async () => {
        asked++
        const result = answer()
        if (result instanceof Error) throw result
        return { exitCode: result, output: `said ${result}`, timedOut: false }
      },
    },
    event: (_pod, _container, { reason, message }) => told.push(`${reason}: ${message}`),
    changed: (uid) => changes.push(uid),
    now: () => now,
    log,
  })
  return { prober, told, changes, asked: () => asked }
}

/** Lets everything that is due happen. */
async function settle(ticks: () => void): Promise<void> {
  ticks()
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

test('a check that cannot be made is told and says nothing about the container', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const of = pod({ containers: [app('main', { livenessProbe: { ...exec, failureThreshold: 1 } })] })
  const { prober, told, asked } = rig(() => new Error('no such command'))
  prober.sync(of, [run(of, { name: 'main' })], '10.0.0.5', true)
  await settle(() => t.mock.timers.tick(0))
  assert.equal(asked(), 3)
  assert.deepEqual(told, ['Unhealthy: Liveness probe errored and resulted in unknown state: no such command'])
  assert.equal(prober.seen('uid-1').get('main-0')?.failed, undefined)
  prober.close()
})

test('a container that was ready before the kubelet was restarted stays so until a probe says otherwise', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const probe = { ...exec, failureThreshold: 2 }
  const of = pod({ containers: [app('main', { readinessProbe: probe, startupProbe: exec })] })
  const containerStatuses = [
    { name: 'main', containerID: 'docker://main-0', started: true, ready: true, restartCount: 0, image: '', imageID: '' },
  ]
  const known = { ...of, status: { conditions: [{ type: 'Ready', status: 'True' as const }], containerStatuses } }
  const { prober, changes } = rig(() => 1, after(60))
  prober.sync(known, [run(of, { name: 'main' })], '10.0.0.5', true)
  const seen = () => prober.seen('uid-1').get('main-0')
  assert.deepEqual(seen(), { started: true, ready: true })
  await settle(() => t.mock.timers.tick(0))
  assert.deepEqual(seen(), { started: true, ready: true })
  await settle(() => t.mock.timers.tick(1000))
  assert.deepEqual(seen(), { started: true, ready: false })
  assert.deepEqual(changes, ['uid-1'])
  prober.close()
})

test('one that is newer than the kubelet begins anew, whatever the status says', () => {
  const of = pod({ containers: [app('main', { readinessProbe: exec })] })
  const { prober } = rig(() => 0, after(5))
  prober.sync(of, [run(of, { name: 'main' })], '10.0.0.5', true)
  assert.deepEqual(prober.seen('uid-1').get('main-0'), { started: true, ready: false })
  prober.close()
})

test('a clock that jumped back does not put probes off', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const of = pod({ containers: [app('main', { readinessProbe: { ...exec, initialDelaySeconds: 2 } })] })
  const { prober, asked } = rig(() => 0, after(-3600))
  prober.sync(of, [run(of, { name: 'main' })], '10.0.0.5', true)
  await settle(() => t.mock.timers.tick(1999))
  assert.equal(asked(), 0)
  await settle(() => t.mock.timers.tick(1))
  assert.equal(asked(), 1)
  prober.close()
})
