import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '#api/core/pod-status.ts'
import type { PodDesired, PodSeen } from '#kubelet/pods/pod-actions.ts'
import { after, app, desired, exited, pod, prepared, run, sandbox, seen } from '#kubelet/pods/pod-fixtures.ts'
import { podStatus } from './pod-status.ts'

const now = after(10)
const of = (want: PodDesired, see: PodSeen, previous: PodStatus = {}) => podStatus(want, see, previous, { hostIps: ['10.1.0.1'], now })
const plain = pod()
const ready = new Map([['main-0', { started: true, ready: true }]])
const conditions = (status: PodStatus) =>
  Object.fromEntries((status.conditions ?? []).map((c) => [c.type, c.reason ? `${c.status} ${c.reason}` : c.status]))
const main = (status: PodStatus) => status.containerStatuses?.[0]

test('a new pod is being created', () => {
  const status = of(desired(plain), seen())
  assert.equal(status.phase, 'Pending')
  assert.deepEqual(main(status)?.state, { waiting: { reason: 'ContainerCreating' } })
  assert.deepEqual(conditions(status), {
    PodReadyToStartContainers: 'False',
    Initialized: 'True',
    Ready: 'False ContainersNotReady',
    ContainersReady: 'False ContainersNotReady',
    PodScheduled: 'True',
  })
  assert.equal(status.conditions?.find((c) => c.type === 'Ready')?.message, 'containers with unready status: [main]')
  assert.equal(status.startTime, '2026-11-21T12:00:10Z')
  assert.equal(status.qosClass, 'BestEffort')
  assert.equal(status.podIP, undefined)
})

test('a sandbox that is there before the volumes is not told of', () => {
  for (const volumes of ['absent', 'unknown'] as const) {
    const waiting = of(desired(plain), prepared({ volumes }))
    assert.deepEqual([conditions(waiting)['PodReadyToStartContainers'], waiting.podIP], ['False', undefined])
  }
  const mounted = of(desired(plain), prepared())
  assert.deepEqual([conditions(mounted)['PodReadyToStartContainers'], mounted.podIP], ['True', '10.0.0.5'])
})

test('a pod that is deleted before it ran has failed, its conditions say for what it waited', () => {
  const going = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
  const status = of(desired(going), prepared())
  assert.deepEqual([status.phase, main(status)?.state?.terminated?.reason], ['Failed', 'ContainerStatusUnknown'])
  assert.equal(conditions(status)['ContainersReady'], 'False ContainersNotReady')
})

test('a running pod with its addresses', () => {
  const status = of(desired(plain), prepared({ containers: [run(plain, { name: 'main' })], probes: ready }))
  assert.equal(status.phase, 'Running')
  assert.equal(status.podIP, '10.0.0.5')
  assert.equal(status.hostIP, '10.1.0.1')
  assert.deepEqual(main(status)?.state, { running: { startedAt: '2026-11-21T12:00:00Z' } })
  assert.equal(main(status)?.containerID, 'docker://main-0')
  assert.equal(main(status)?.ready, true)
  assert.equal(conditions(status)['Ready'], 'True')
})

test('a container is waiting until it runs and its hook is done; without one it has started as soon as it runs', () => {
  const inFlight = new Map([
    [
      'startContainer/main',
      { action: { verb: 'startContainer' as const, name: 'main', kind: 'app' as const, attempt: 0, backoffSeconds: 0, reason: '' } },
    ],
  ])
  const hooked = pod({ containers: [app('main', { lifecycle: { postStart: { sleep: { seconds: 1 } } } })] })
  const state = (of2: typeof plain, found: 'created' | 'running') =>
    main(of(desired(of2), prepared({ containers: [run(of2, { name: 'main', state: found })], inFlight })))?.state
  const waiting = { waiting: { reason: 'ContainerCreating' } }
  assert.deepEqual(state(hooked, 'running'), waiting)
  assert.deepEqual(state(plain, 'created'), waiting)
  assert.deepEqual(state(plain, 'running'), { running: { startedAt: '2026-11-21T12:00:00Z' } })
})

test('what ended and starts again at once has ended until it runs, and is never as if it were new', () => {
  const ended = exited(plain, { name: 'main', exitCode: 3 })
  const again = run(plain, { name: 'main', attempt: 1, state: 'created' })
  for (const containers of [[ended], [again, ended]]) {
    const status = of(desired(plain), prepared({ containers }))
    const { state, lastState, restartCount } = main(status) ?? {}
    assert.deepEqual([state?.terminated?.exitCode, lastState, restartCount], [3, {}, 0])
    assert.deepEqual([status.phase, conditions(status)['Ready']], ['Running', 'False ContainersNotReady'])
  }
  const crashed = exited(plain, { name: 'main', attempt: 1, exitCode: 3, backoff: 10 })
  const third = run(plain, { name: 'main', attempt: 2, backoff: 20, state: 'created' })
  const looping = main(of(desired(plain), prepared({ containers: [third, crashed, ended], longestBackoffSeconds: 4 })))
  assert.equal(looping?.state?.waiting?.reason, 'CrashLoopBackOff')
  assert.match(looping?.state?.waiting?.message ?? '', /^back-off 4s restarting failed container=main/)
  assert.deepEqual([looping?.lastState?.terminated?.exitCode, looping?.restartCount], [3, 1])
})

test('a start that failed says why it waits, until the back-off does', () => {
  const startFailures = new Map([['main', { reason: 'PostStartHookError', message: 'no' }]])
  const ended = exited(plain, { name: 'main', exitCode: 137 })
  const first = main(of(desired(plain), prepared({ containers: [ended], startFailures })))
  assert.deepEqual(
    [first?.state, first?.lastState?.terminated?.exitCode],
    [{ waiting: { reason: 'PostStartHookError', message: 'no' } }, 137],
  )
  const again = exited(plain, { name: 'main', attempt: 1, exitCode: 137, backoff: 10 })
  const second = main(of(desired(plain), prepared({ containers: [again, ended], startFailures })))
  assert.equal(second?.state?.waiting?.reason, 'CrashLoopBackOff')
})

test('a pod is initialized once an app container began, whatever its sidecars do', () => {
  const with1 = pod({ restartPolicy: 'Never', initContainers: [app('proxy', { restartPolicy: 'Always' })] })
  const containers = [exited(with1, { name: 'main', exitCode: 5 }), exited(with1, { name: 'proxy', kind: 'init', exitCode: 7 })]
  const status = of(desired(with1), seen({ containers, sandboxes: [sandbox({ ready: false })] }))
  assert.deepEqual([status.phase, conditions(status)['Initialized']], ['Failed', 'True'])
})

test('init containers: the app waits for them', () => {
  const two = pod({ initContainers: [app('one'), app('two')] })
  const status = of(
    desired(two),
    prepared({
      containers: [exited(two, { name: 'one', kind: 'init', exitCode: 0 }), run(two, { name: 'two', kind: 'init' })],
      probes: new Map([['two-0', { started: true, ready: true }]]),
    }),
  )
  assert.equal(status.phase, 'Pending')
  assert.deepEqual(main(status)?.state, { waiting: { reason: 'PodInitializing' } })
  assert.deepEqual(
    status.initContainerStatuses?.map((each) => each.ready),
    [true, false],
  )
  assert.equal(conditions(status)['Initialized'], 'False ContainersNotInitialized')
  assert.equal(status.conditions?.find((c) => c.type === 'Initialized')?.message, 'containers with incomplete status: [two]')
})

test('a sidecar keeps the pod pending until it is started', () => {
  const with1 = pod({ initContainers: [app('proxy', { restartPolicy: 'Always' })] })
  const containers = [run(with1, { name: 'proxy', kind: 'init' })]
  assert.equal(
    of(desired(with1), prepared({ containers, probes: new Map([['proxy-0', { started: false, ready: false }]]) })).phase,
    'Pending',
  )
  const both = [...containers, run(with1, { name: 'main' })]
  const probes = new Map([['proxy-0', { started: true, ready: true }], ...ready])
  assert.equal(of(desired(with1), prepared({ containers: both, probes })).phase, 'Running')
})

test('a container that was never started is no last state', () => {
  const containers = [run(plain, { name: 'main', attempt: 1 }), run(plain, { name: 'main', state: 'created', sandboxId: 'lost' })]
  assert.deepEqual(main(of(desired(plain), prepared({ containers })))?.lastState, {})
})

test('a crash loop says how long it waits and how the last run ended', () => {
  const ended = exited(plain, { name: 'main', exitCode: 3, attempt: 2, backoff: 80 })
  const status = of(desired(plain), prepared({ containers: [ended], terminationMessages: new Map([[ended.id, 'bye']]) }))
  assert.equal(status.phase, 'Running')
  assert.deepEqual(main(status)?.state?.waiting, {
    reason: 'CrashLoopBackOff',
    message: 'back-off 1m20s restarting failed container=main pod=web_default(uid-1)',
  })
  assert.deepEqual(main(status)?.lastState?.terminated, {
    exitCode: 3,
    reason: 'Error',
    message: 'bye',
    startedAt: '2026-11-21T12:00:00Z',
    finishedAt: '2026-11-21T12:00:05Z',
    containerID: 'docker://main-2',
  })
  assert.equal(main(status)?.restartCount, 2)
})

test('an end for want of memory stays one when the runtime does not know of it any more', () => {
  const ended = (reason: string, attempt = 0) => ({ ...exited(plain, { name: 'main', exitCode: 137, attempt, backoff: 80 }), reason })
  const status = of(desired(plain), prepared({ containers: [ended('OOMKilled')] }))
  assert.equal(main(status)?.lastState?.terminated?.reason, 'OOMKilled')
  const later = (attempt: number) => main(of(desired(plain), prepared({ containers: [ended('Error', attempt)] }), status))
  assert.equal(later(0)?.lastState?.terminated?.reason, 'OOMKilled')
  assert.equal(later(1)?.lastState?.terminated?.reason, 'Error', 'of another container')
})

test('waiting reasons of failures', () => {
  const image = of(
    desired(plain),
    prepared({ images: new Map([['main', { failure: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "main:1": x' } }]]) }),
  )
  assert.deepEqual(main(image)?.state?.waiting, { reason: 'ImagePullBackOff', message: 'Back-off pulling image "main:1": x' })
  const config = of(
    desired(plain),
    prepared({ startFailures: new Map([['main', { reason: 'CreateContainerConfigError', message: 'secret "s" not found' }]]) }),
  )
  assert.deepEqual(main(config)?.state?.waiting, { reason: 'CreateContainerConfigError', message: 'secret "s" not found' })
})

test('a start that failed half way waits like any crash; one that could not begin says why', () => {
  const ended = exited(plain, { name: 'main', exitCode: 128, attempt: 2, backoff: 20 })
  const waiting = (reason: string): string | undefined =>
    main(of(desired(plain), prepared({ containers: [ended], startFailures: new Map([['main', { reason, message: 'm' }]]) })))?.state
      ?.waiting?.reason
  assert.equal(waiting('RunContainerError'), 'CrashLoopBackOff')
  assert.equal(waiting('PostStartHookError'), 'CrashLoopBackOff')
  assert.equal(waiting('CreateContainerConfigError'), 'CreateContainerConfigError')
})

test('a container shows what it has, and beside that what the pod was given', () => {
  const sized = (cpu: string) => pod({ containers: [app('main', { resources: { requests: { cpu } } })] })
  const containers = [run(sized('1'), { name: 'main' })]
  const before = of(desired(sized('1')), prepared({ containers, probes: ready }))
  assert.deepEqual(main(before)?.resources, { requests: { cpu: '1' } })
  const given = of(desired(sized('2')), prepared({ containers, probes: ready }))
  assert.deepEqual([main(given)?.resources, main(given)?.allocatedResources], [{ requests: { cpu: '1' } }, { cpu: '2' }])
  const actuated = new Map([[containers[0]?.id ?? '', { requests: { cpu: '2' } }]])
  const done = of(desired(sized('2')), prepared({ containers, probes: ready, actuated }))
  assert.deepEqual([main(done)?.resources, main(done)?.allocatedResources], [{ requests: { cpu: '2' } }, { cpu: '2' }])
})

test('the conditions of a resize stand beside the others until the pod is over', () => {
  const condition = { type: 'PodResizePending', status: 'True', reason: 'Deferred', lastTransitionTime: '2026-11-21T12:00:00Z' }
  const status = of(desired(plain), prepared({ containers: [run(plain, { name: 'main' })], probes: ready, resize: { pending: condition } }))
  assert.equal(conditions(status)['PodResizePending'], 'True Deferred')
  const over = desired(pod({ restartPolicy: 'Never' }))
  const containers = [exited(over.pod, { name: 'main', exitCode: 0 })]
  assert.equal(conditions(of(over, prepared({ containers, resize: { pending: condition } })))['PodResizePending'], undefined)
})

test('a container that ends to be started with other resources does not end its pod', () => {
  const once = pod({ restartPolicy: 'OnFailure' })
  const ended = exited(once, { name: 'main', exitCode: 0 })
  const status = of(desired(once), prepared({ containers: [ended], restarting: new Set([ended.id]) }))
  assert.equal(status.phase, 'Running')
  assert.ok(main(status)?.state?.waiting)
})

test('a pod past its deadline is Failed once its containers have ended', () => {
  const late = desired(plain, { failure: { reason: 'DeadlineExceeded', message: 'm', rejected: false } })
  const before = { phase: 'Running' }
  const still = podStatus(late, prepared({ containers: [run(plain, { name: 'main' })] }), before, { hostIps: [], now })
  assert.deepEqual([still.phase, still.reason], ['Running', undefined])
  const over = podStatus(late, prepared({ containers: [exited(plain, { name: 'main', exitCode: 137 })] }), still, {
    hostIps: [],
    now,
  })
  assert.deepEqual([over.phase, over.reason, over.message], ['Failed', 'DeadlineExceeded', 'm'])
})

for (const [story, policy, exitCode, phase] of [
  ['success that is not repeated', 'OnFailure', 0, 'Succeeded'],
  ['failure that is not repeated', 'Never', 1, 'Failed'],
  ['failure that is repeated', 'OnFailure', 1, 'Running'],
  ['success that is repeated', 'Always', 0, 'Running'],
] as const) {
  test(`phase after ${story}`, () => {
    const once = pod({ restartPolicy: policy })
    const status = of(desired(once), prepared({ containers: [exited(once, { name: 'main', exitCode })] }))
    assert.equal(status.phase, phase)
    if (phase !== 'Running') assert.equal(main(status)?.state?.terminated?.exitCode, exitCode)
    if (phase === 'Succeeded') assert.equal(conditions(status)['Ready'], 'False PodCompleted')
    if (phase === 'Failed') assert.equal(conditions(status)['ContainersReady'], 'False PodFailed')
  })
}

test('a failed init container under Never fails the pod', () => {
  const init = pod({ restartPolicy: 'Never', initContainers: [app('one')] })
  assert.equal(of(desired(init), prepared({ containers: [exited(init, { name: 'one', kind: 'init', exitCode: 1 })] })).phase, 'Failed')
})

test('a deleted pod ends in a terminal phase, whatever its restart policy', () => {
  const going = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
  const running = of(desired(going), prepared({ containers: [run(going, { name: 'main' })], probes: ready }))
  assert.equal(running.phase, 'Running')
  assert.equal(of(desired(going), prepared({ containers: [exited(going, { name: 'main', exitCode: 0 })] })).phase, 'Succeeded')
  assert.equal(of(desired(going), prepared({ containers: [exited(going, { name: 'main', exitCode: 137 })] })).phase, 'Failed')
})

test('a terminal phase is never left', () => {
  const done = { ...plain, status: { phase: 'Failed', reason: 'Evicted', message: 'm' } }
  const status = of(desired(done), seen(), done.status)
  assert.deepEqual([status.phase, status.reason, status.message], ['Failed', 'Evicted', 'm'])
})

test('a refused pod', () => {
  const status = of(desired(plain, { failure: { reason: 'OutOfcpu', message: 'no', rejected: true } }), seen())
  assert.deepEqual(
    [status.phase, status.reason, status.message, status.containerStatuses],
    ['Failed', 'OutOfcpu', 'Pod was rejected: no', undefined],
  )
})

test('a container that the runtime lost is told of', () => {
  const before: PodStatus = {
    containerStatuses: [
      {
        name: 'main',
        image: 'main:1',
        imageID: '',
        ready: true,
        restartCount: 1,
        containerID: 'docker://x',
        state: { running: { startedAt: 'x' } },
      },
    ],
  }
  const status = of(desired(plain), prepared({}), before)
  assert.equal(main(status)?.restartCount, 2)
  assert.equal(main(status)?.lastState?.terminated?.reason, 'ContainerStatusUnknown')
})

test('transition times stay while the status does', () => {
  const first = of(desired(plain), prepared({ containers: [run(plain, { name: 'main' })], probes: ready }))
  const second = podStatus(desired(plain), prepared({ containers: [run(plain, { name: 'main' })], probes: ready }), first, {
    hostIps: ['10.1.0.1'],
    now: after(99),
  })
  assert.deepEqual(second, first)
})

test('readiness gates', () => {
  const gated = pod({ readinessGates: [{ conditionType: 'example.com/up' }] })
  const see = prepared({ containers: [run(gated, { name: 'main' })], probes: ready })
  assert.equal(conditions(of(desired(gated), see))['Ready'], 'False ReadinessGatesNotReady')
  // Whoever opens the gate tells the API, and what the kubelet computed before knows nothing of it.
  const opened = { ...gated, status: { conditions: [{ type: 'example.com/up', status: 'True' as const }] } }
  assert.equal(conditions(of(desired(opened), see, of(desired(gated), see)))['Ready'], 'True')
})

test('the address stays when the sandbox is gone', () => {
  const status = of(desired(plain), seen({ sandboxes: [sandbox({ ready: false })] }), { podIPs: [{ ip: '10.0.0.9' }] })
  assert.equal(status.podIP, '10.0.0.9')
})

test('containers are told of by name, init containers in their order, ephemeral ones without a word on their start', () => {
  const many = pod({
    initContainers: [app('z-first'), app('a-second')],
    containers: [app('web'), app('db')],
    ephemeralContainers: [
      { name: 'y', image: 'y:1' },
      { name: 'x', image: 'x:1' },
    ],
  })
  const status = of(desired(many), seen())
  const names = (list: PodStatus['containerStatuses']) => list?.map(({ name }) => name)
  assert.deepEqual(names(status.initContainerStatuses), ['z-first', 'a-second'])
  assert.deepEqual(names(status.containerStatuses), ['db', 'web'])
  assert.deepEqual(names(status.ephemeralContainerStatuses), ['x', 'y'])
  assert.deepEqual(
    status.ephemeralContainerStatuses?.map((each) => Object.hasOwn(each, 'started')),
    [false, false],
  )
})

test('a pod that is deleted before anything of it ran has failed', () => {
  const deleted = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
  const status = of(desired(deleted), seen(), of(desired(plain), seen()))
  assert.equal(status.phase, 'Failed')
  assert.deepEqual(main(status)?.state, {
    terminated: {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
    },
  })
})

test('but not while a start of it is under way', () => {
  const deleted = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
  const action = { verb: 'startContainer' as const, name: 'main', kind: 'app' as const, attempt: 0, backoffSeconds: 0, reason: '' }
  assert.equal(of(desired(deleted), prepared({ inFlight: new Map([['startContainer/main', { action }]]) })).phase, 'Pending')
})

test('deleted during initialisation: what had begun has failed, the app containers never left the start', () => {
  const two = pod({ initContainers: [app('one'), app('two'), app('three')] }, { deletionTimestamp: 'x', deletionGracePeriodSeconds: 1 })
  const containers = [
    exited(two, { name: 'one', kind: 'init', exitCode: 0 }),
    exited(two, { name: 'two', kind: 'init', exitCode: 1, backoff: 10 }),
  ]
  const status = of(desired(two), prepared({ containers }))
  assert.equal(status.phase, 'Failed')
  assert.deepEqual(
    status.initContainerStatuses?.map(({ state }) => state?.terminated?.reason ?? state?.waiting?.reason),
    ['Completed', 'Error', 'PodInitializing'],
  )
  assert.deepEqual(main(status)?.state, { waiting: { reason: 'PodInitializing' } })
})

test('ended by the node: Failed with its reason, and DisruptionTarget only together with the end', () => {
  const failure = { reason: 'Terminated', message: 'the node goes down', rejected: false, disruption: 'because it must' }
  const running = of(desired(plain), prepared({ containers: [run(plain, { name: 'main' })], probes: ready }))
  const ending = of(desired(plain, { failure }), prepared({ containers: [run(plain, { name: 'main' })] }), running)
  assert.equal(ending.phase, 'Running')
  assert.equal(conditions(ending)['DisruptionTarget'], undefined)
  const ended = of(desired(plain, { failure }), prepared({ containers: [exited(plain, { name: 'main', exitCode: 0 })] }), ending)
  assert.deepEqual([ended.phase, ended.reason, ended.message], ['Failed', 'Terminated', 'the node goes down'])
  assert.equal(conditions(ended)['DisruptionTarget'], 'True TerminationByKubelet')
  assert.equal(ended.conditions?.find(({ type }) => type === 'DisruptionTarget')?.message, 'because it must')
})

test('what others say of the phase stays', () => {
  const running = prepared({ containers: [run(plain, { name: 'main' })], probes: ready })
  const before = of(desired(plain), running)
  const patched = { ...plain, status: { ...before, reason: 'Theirs', message: 'said by another' } }
  const after1 = of(desired(patched), running, before)
  assert.deepEqual([after1.reason, after1.message], ['Theirs', 'said by another'])
  const ended = of(
    desired({ ...patched, spec: { containers: [app('main')], restartPolicy: 'Never' } }),
    prepared({ containers: [exited(plain, { name: 'main', exitCode: 0 })] }),
    after1,
  )
  assert.deepEqual([ended.phase, ended.reason], ['Succeeded', undefined])
})
