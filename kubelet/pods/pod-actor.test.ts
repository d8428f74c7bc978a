import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '#api/core/pod-status.ts'
import type { Executors } from '#kubelet/executors/executor.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { actionKey, type PodAction } from './pod-actions.ts'
import { PodActor, type PodActorDeps } from './pod-actor.ts'
import { after, app, desired, pod, run, sandbox, start } from './pod-fixtures.ts'
import { PodWork } from './pod-work.ts'

interface Call {
  action: PodAction
  signal: AbortSignal
  finish(): void
  fail(error: Error): void
}

/** An actor whose actions only end when the test says so. */
function stage(of = pod()) {
  const clock = { now: start }
  const events: string[] = []
  const calls: Call[] = []
  const statuses: PodStatus[] = []
  let runtime: Container[] = []
  let gone = false
  const executor = (action: PodAction, _work: PodWork, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      calls.push({ action, signal, finish: resolve, fail: reject })
    })
  const executors = new Proxy({}, { get: () => executor }) as Executors
  const ignore = (): void => undefined
  const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore } as unknown as PodActorDeps['log']
  const work = new PodWork(desired(of), { hasCgroup: false, hasDirectories: false })
  const actor = new PodActor(
    work,
    {
      executors,
      observer: {
        observeContainers: async () => {
          work.containers = runtime
        },
        observeProbes: () => undefined,
        forget: () => undefined,
      } as unknown as PodActorDeps['observer'],
      statuses: { publish: (_pod, status) => void statuses.push(status) },
      event: (_pod, { type, reason, message }) => void events.push(`${type} ${reason}: ${message}`),
      hostIps: () => [],
      now: () => clock.now,
      log: quiet,
      gone: () => (gone = true),
    },
    { fresh: true },
  )
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  const take = async (key: string): Promise<Call> => {
    await settle()
    const at = calls.findIndex(({ action }) => actionKey(action) === key)
    assert.notEqual(at, -1, `${key} is not under way; there are ${calls.map(({ action }) => actionKey(action)).join(', ')}`)
    return calls.splice(at, 1)[0] as Call
  }
  return {
    of,
    actor,
    work,
    clock,
    calls,
    statuses,
    events,
    settle,
    take,
    isGone: () => gone,
    setRuntime: (containers: Container[]) => (runtime = containers),
  }
}

test('actions end one by one, and the plan goes on from each', async () => {
  const { of, actor, work, calls, take, settle, setRuntime, statuses } = stage()
  actor.wake()
  const box = await take('createSandbox')
  const volumes = await take('mountVolumes')
  const pull = await take('pullImage/main')
  work.images.set('main', { image: { id: 'i', repoTags: [], repoDigests: [], sizeBytes: 1, user: '' } })
  pull.finish()
  work.volumes = 'mounted'
  volumes.finish()
  await settle()
  assert.deepEqual(calls, [], 'a container does not start without its sandbox')
  work.sandboxes = [sandbox()]
  box.finish()
  const starting = await take('startContainer/main')
  setRuntime([run(of, { name: 'main' })])
  actor.containersChanged()
  await settle()
  assert.equal(statuses.at(-1)?.containerStatuses?.[0]?.state?.running?.startedAt, '2026-11-21T12:00:00Z', 'before Docker has answered')
  starting.finish()
  await settle()
  assert.deepEqual(calls, [])
})

test('deletion breaks off a pull, but not a kill', async () => {
  const { of, actor, work, take, settle, setRuntime } = stage()
  actor.wake()
  const pull = await take('pullImage/main')
  await take('mountVolumes')
  const box = await take('createSandbox')
  const deleted = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
  actor.update(desired(deleted))
  assert.equal(pull.signal.aborted, true)
  work.sandboxes = [sandbox()]
  setRuntime([run(of, { name: 'main' })])
  actor.containersChanged()
  box.finish()
  const kill = await take('killContainer/main-0')
  actor.update(desired(pod({}, { ...deleted.metadata, labels: { a: 'b' } })))
  await settle()
  assert.equal(kill.signal.aborted, false)
  actor.update(desired(pod({}, { ...deleted.metadata, deletionGracePeriodSeconds: 1 })))
  const sooner = await take('killContainer/main-0')
  assert.equal(sooner.action.verb === 'killContainer' && sooner.action.graceSeconds, 1)
  actor.close()
})

test('what fails waits; a change of its sources brings it back at once', async () => {
  const { actor, calls, take, settle } = stage()
  actor.wake()
  const mount = await take('mountVolumes')
  mount.fail(new Error('configmap "c" not found'))
  await settle()
  assert.equal(
    calls.some(({ action }) => action.verb === 'mountVolumes'),
    false,
  )
  actor.sourcesChanged()
  await take('mountVolumes')
  actor.close()
})

test('another image is fetched at once, whatever became of the old one', async () => {
  const { of, actor, work, take, calls, settle } = stage()
  actor.wake()
  const pull = await take('pullImage/main')
  work.images.set('main', { failure: { reason: 'ErrImagePull', message: 'no' } })
  pull.fail(new Error('no'))
  await settle()
  assert.equal(
    calls.some(({ action }) => action.verb === 'pullImage'),
    false,
  )
  actor.update(desired({ ...of, spec: { ...of.spec, containers: [app('main', { image: 'main:2' })] } }))
  const again = (await take('pullImage/main')).action
  assert.deepEqual([again.verb === 'pullImage' && again.image, work.images.has('main')], ['main:2', false])
  actor.close()
})

test('the end of the deadline is told once', async () => {
  const { actor, events, settle } = stage({ ...pod({ activeDeadlineSeconds: 5 }), status: { startTime: '2026-11-21T11:59:50Z' } })
  actor.wake()
  await settle()
  actor.wake()
  await settle()
  assert.deepEqual(events, ['Normal DeadlineExceeded: Pod was active on the node longer than the specified deadline'])
})

test('an actor of nothing ends', async () => {
  const { actor, settle, isGone, of } = stage()
  actor.update({ pod: of, removed: true })
  await settle()
  assert.equal(isGone(), true)
})

test('the clock is set back by an hour: what failed waits no longer for that', async () => {
  const { actor, work, clock, take, settle, calls } = stage()
  actor.wake()
  const pull = await take('pullImage/main')
  pull.fail(new Error('no'))
  await settle()
  assert.deepEqual(work.notBefore.get('pullImage/main'), after(0.5))
  clock.now = after(-3600)
  actor.wake()
  await settle()
  const waits = (work.notBefore.get('pullImage/main')?.getTime() ?? 0) - clock.now.getTime()
  assert.ok(waits > 0 && waits <= 500, `${waits} ms`)
  clock.now = after(-3599)
  calls.length = 0
  actor.wake()
  await take('pullImage/main')
  actor.close()
})
