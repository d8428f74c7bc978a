import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionKey, type PodDesired, type PodSeen } from '#kubelet/pods/pod-actions.ts'
import { after, app, desired, exited, pod, prepared, run, sandbox, seen, start } from '#kubelet/pods/pod-fixtures.ts'
import { planPod } from './plan-pod.ts'

const plain = pod()
const twoInits = pod({ initContainers: [app('one'), app('two')] })
const sidecar = pod({ initContainers: [app('proxy', { restartPolicy: 'Always' }), app('setup')] })
const never = pod({ restartPolicy: 'Never' })
const deleted = pod({}, { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 })
const deletedSidecars = pod(
  { initContainers: [app('a', { restartPolicy: 'Always' }), app('b', { restartPolicy: 'Always' })] },
  { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 },
)
const deletedWithPort = pod(
  { containers: [app('main', { ports: [{ containerPort: 80, hostPort: 80 }] })] },
  { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 },
)
const ok = { started: true, ready: true }
const probes = (id: string, seenProbe: { started: boolean; ready: boolean; failed?: 'liveness' | 'startup'; graceSeconds?: number } = ok) =>
  new Map([[id, seenProbe]])

interface Case {
  story: string
  want: PodDesired
  see: PodSeen
  now?: Date
  actions: string[]
  recheckAfterMs?: number
}

const cases: Case[] = [
  {
    story: 'a new pod: everything that depends on nothing begins at once',
    want: desired(plain),
    see: seen(),
    actions: ['createSandbox', 'mountVolumes', 'pullImage/main'],
  },
  {
    story: 'what is under way is not begun again',
    want: desired(plain),
    see: seen({ inFlight: new Map([['createSandbox', { action: { verb: 'createSandbox', attempt: 0, reason: '' } }]]) }),
    actions: ['mountVolumes', 'pullImage/main'],
  },
  {
    story: 'a pod for which others make room waits until they have ended',
    want: desired(plain),
    see: seen({ waitsFor: new Set(['victim']) }),
    actions: [],
  },
  {
    story: 'what failed waits for its time',
    want: desired(plain),
    see: prepared({ notBefore: new Map([['startContainer/main', after(7)]]) }),
    actions: [],
    recheckAfterMs: 7000,
  },
  {
    story: 'a container starts when sandbox, volumes and image are there',
    want: desired(plain),
    see: prepared(),
    actions: ['startContainer/main'],
  },
  { story: 'not without its volumes', want: desired(plain), see: prepared({ volumes: 'unknown' }), actions: ['mountVolumes'] },
  { story: 'all is well', want: desired(plain), see: prepared({ containers: [run(plain, { name: 'main' })] }), actions: [] },
  {
    story: 'what volumes show has changed',
    want: desired(plain),
    see: prepared({ volumesStale: true, containers: [run(plain, { name: 'main' })] }),
    actions: ['refreshVolumes'],
  },
  {
    story: 'init containers go one by one',
    want: desired(twoInits),
    see: prepared({}, ['one', 'two', 'main']),
    actions: ['startContainer/one'],
  },
  {
    story: 'the second init container follows the first',
    want: desired(twoInits),
    see: prepared({ containers: [exited(twoInits, { name: 'one', kind: 'init', exitCode: 0 })] }, ['two', 'main']),
    actions: ['startContainer/two'],
  },
  {
    story: 'a failed init container is started again, the first time at once',
    want: desired(twoInits),
    see: prepared({ containers: [exited(twoInits, { name: 'one', kind: 'init', exitCode: 1 })] }, ['one']),
    actions: ['startContainer/one'],
  },
  {
    story: 'after initialisation lost init containers do not matter',
    want: desired(twoInits),
    see: prepared({ containers: [run(twoInits, { name: 'main' })] }),
    actions: [],
  },
  {
    story: 'an ephemeral container does not wait for the initialisation',
    want: desired(pod({ initContainers: [app('one')], ephemeralContainers: [{ name: 'debug', image: 'debug:1' }] })),
    see: prepared({ containers: [run(twoInits, { name: 'one', kind: 'init' })] }, ['debug', 'main']),
    actions: ['startContainer/debug'],
  },
  {
    story: 'nor is it started twice',
    want: desired(pod({ ephemeralContainers: [{ name: 'debug', image: 'debug:1' }] })),
    see: prepared({ containers: [run(plain, { name: 'main' }), exited(plain, { name: 'debug', kind: 'ephemeral', exitCode: 1 })] }, [
      'debug',
    ]),
    actions: [],
  },
  {
    story: 'a sidecar that is not started up yet holds up the rest',
    want: desired(sidecar),
    see: prepared(
      { containers: [run(sidecar, { name: 'proxy', kind: 'init' })], probes: probes('proxy-0', { started: false, ready: false }) },
      ['setup', 'main'],
    ),
    actions: [],
  },
  {
    story: 'a sidecar that is started lets the next init container go',
    want: desired(sidecar),
    see: prepared({ containers: [run(sidecar, { name: 'proxy', kind: 'init' })], probes: probes('proxy-0') }, ['setup', 'main']),
    actions: ['startContainer/setup'],
  },
  {
    story: 'a sidecar that dies beside running containers comes back',
    want: desired(sidecar),
    see: prepared({ containers: [exited(sidecar, { name: 'proxy', kind: 'init', exitCode: 0 }), run(sidecar, { name: 'main' })] }, [
      'proxy',
    ]),
    actions: ['startContainer/proxy'],
  },
  {
    story: 'a crashed container comes back at once the first time',
    want: desired(plain),
    see: prepared({ containers: [exited(plain, { name: 'main', exitCode: 1 })] }),
    actions: ['startContainer/main'],
  },
  {
    story: 'and waits its back-off after that',
    want: desired(plain),
    see: prepared({ containers: [exited(plain, { name: 'main', exitCode: 1, attempt: 1, backoff: 10 })] }),
    now: after(6),
    actions: [],
    recheckAfterMs: 9000,
  },
  {
    story: 'the image is asked for again before a restart, not before the back-off is over',
    want: desired(plain),
    see: prepared({ containers: [exited(plain, { name: 'main', exitCode: 1, attempt: 1, backoff: 10 })] }, []),
    now: after(15),
    actions: ['pullImage/main'],
  },
  {
    story: 'only one ended container is kept',
    want: desired(plain),
    see: prepared({
      containers: [
        run(plain, { name: 'main', attempt: 2 }),
        exited(plain, { name: 'main', exitCode: 1, attempt: 1 }),
        exited(plain, { name: 'main', exitCode: 1 }),
      ],
    }),
    actions: ['removeContainer/main-0'],
  },
  {
    story: 'a start that was cut short begins anew',
    want: desired(plain),
    see: prepared({ containers: [run(plain, { name: 'main', state: 'created' })] }),
    actions: ['removeContainer/main-0'],
  },
  {
    story: 'a start that was cut short together with its sandbox is no run: its remains go, and nothing is counted',
    want: desired(plain),
    see: prepared({ containers: [run(plain, { name: 'main', state: 'created', sandboxId: 'lost' })] }),
    actions: ['removeContainer/main-0'],
  },
  {
    story: 'a changed image ends the old container',
    want: desired(pod({ containers: [app('main', { image: 'main:2' })] })),
    see: prepared({ containers: [run(plain, { name: 'main' })] }),
    actions: ['killContainer/main-0'],
  },
  {
    story: 'a failed liveness probe ends the container with the probe’s own grace',
    want: desired(plain),
    see: prepared({
      containers: [run(plain, { name: 'main' })],
      probes: probes('main-0', { started: true, ready: false, failed: 'liveness', graceSeconds: 3 }),
    }),
    actions: ['killContainer/main-0'],
  },
  {
    story: 'a lost sandbox: its running containers are ended first',
    want: desired(plain),
    see: prepared({ sandboxes: [sandbox({ ready: false })], containers: [run(plain, { name: 'main' })] }),
    actions: ['killContainer/main-0'],
  },
  {
    story: 'then the next sandbox is made',
    want: desired(plain),
    see: prepared({ sandboxes: [sandbox({ ready: false })], containers: [exited(plain, { name: 'main', exitCode: 137 })] }),
    actions: ['createSandbox'],
  },
  {
    story: 'in a new sandbox containers start without back-off, counting on',
    want: desired(plain),
    see: prepared({
      sandboxes: [sandbox({ id: 's1', attempt: 1 }), sandbox({ ready: false })],
      containers: [exited(plain, { name: 'main', exitCode: 137, attempt: 3, backoff: 80 })],
    }),
    actions: ['startContainer/main'],
  },
  {
    story: 'a sandbox without containers that was replaced goes',
    want: desired(plain),
    see: prepared({
      sandboxes: [sandbox({ id: 's1', attempt: 1 }), sandbox({ ready: false })],
      containers: [run(plain, { name: 'main', sandboxId: 's1', attempt: 1 })],
    }),
    actions: ['removeSandbox/s0'],
  },
  {
    story: 'all has ended for good: network, volumes and then the cgroup are given back, containers stay',
    want: desired(never),
    see: prepared({ containers: [exited(never, { name: 'main', exitCode: 0 })] }),
    actions: ['stopSandbox/s0', 'unmountVolumes'],
  },
  {
    story: 'the cgroup goes last',
    want: desired(never),
    see: prepared({
      sandboxes: [sandbox({ ready: false })],
      volumes: 'absent',
      containers: [exited(never, { name: 'main', exitCode: 0 })],
    }),
    actions: ['removeCgroup'],
  },
  {
    story: 'a job’s sidecars end with it',
    want: desired(pod({ restartPolicy: 'Never', initContainers: [app('proxy', { restartPolicy: 'Always' })] })),
    see: prepared({ containers: [exited(never, { name: 'main', exitCode: 0 }), run(sidecar, { name: 'proxy', kind: 'init' })] }),
    actions: ['killContainer/proxy-0'],
  },
  {
    story: 'a deleted pod: its containers are ended',
    want: desired(deleted),
    see: prepared({ containers: [run(plain, { name: 'main' })] }),
    actions: ['killContainer/main-0'],
  },
  {
    story: 'a kill under way is not repeated',
    want: desired(deleted),
    see: prepared({
      containers: [run(plain, { name: 'main' })],
      inFlight: new Map([
        [
          'killContainer/main-0',
          {
            action: { verb: 'killContainer', id: 'main-0', name: 'main', graceSeconds: 30, message: '', preStop: true, reason: '' },
            until: after(30),
          },
        ],
      ]),
    }),
    actions: [],
  },
  {
    story: 'unless the grace became shorter',
    want: desired(pod({}, { deletionTimestamp: '2026-11-21T12:00:01Z', deletionGracePeriodSeconds: 1 })),
    see: prepared({
      containers: [run(plain, { name: 'main' })],
      inFlight: new Map([
        [
          'killContainer/main-0',
          {
            action: { verb: 'killContainer', id: 'main-0', name: 'main', graceSeconds: 30, message: '', preStop: true, reason: '' },
            until: after(30),
          },
        ],
      ]),
    }),
    actions: ['killContainer/main-0'],
  },
  {
    story: 'sidecars end together, each in its turn',
    want: desired(deletedSidecars),
    see: prepared({
      containers: [
        exited(deletedSidecars, { name: 'main', exitCode: 0 }),
        run(deletedSidecars, { name: 'a', kind: 'init' }),
        run(deletedSidecars, { name: 'b', kind: 'init' }),
      ],
    }),
    actions: ['killContainer/a-0', 'killContainer/b-0'],
  },
  {
    story: 'ended and deleted: all remains go side by side',
    want: desired(deleted),
    see: prepared({ containers: [exited(plain, { name: 'main', exitCode: 0 })] }),
    actions: ['removeContainer/main-0', 'stopSandbox/s0', 'unmountVolumes'],
  },
  {
    story: 'the object goes when nothing is held that others could want',
    want: desired(deleted),
    see: prepared({ volumes: 'absent', containers: [exited(plain, { name: 'main', exitCode: 0 })] }),
    actions: ['removeContainer/main-0', 'stopSandbox/s0', 'deleteObject'],
  },
  {
    story: 'ports of the host are held as long as the sandbox is',
    want: desired(deletedWithPort),
    see: prepared({ volumes: 'absent' }),
    actions: ['removeSandbox/s0'],
  },
  {
    story: 'then the sandbox',
    want: desired(deleted, { removed: true }),
    see: prepared({ volumes: 'absent' }),
    actions: ['removeSandbox/s0'],
  },
  {
    story: 'then cgroup and directories',
    want: desired(deleted, { removed: true }),
    see: seen({ hasCgroup: true, hasDirectories: true }),
    actions: ['removeCgroup', 'removeDirectories'],
  },
  { story: 'an object with nothing behind it', want: desired(deleted), see: seen(), actions: ['deleteObject'] },
  { story: 'once', want: desired(deleted), see: seen({ objectDeleted: true }), actions: [] },
  {
    story: 'a pod without an object: nothing stays, nothing is deleted',
    want: desired(plain, { removed: true }),
    see: seen(),
    actions: [],
  },
  {
    story: 'while a container is being started nothing is taken away from under it',
    want: desired(deleted),
    see: prepared({
      inFlight: new Map([
        [
          'startContainer/main',
          { action: { verb: 'startContainer', name: 'main', kind: 'app', attempt: 0, backoffSeconds: 0, reason: '' } },
        ],
      ]),
    }),
    actions: [],
  },
  {
    story: 'a start under way has used up its image, which is not asked for again',
    want: desired(plain),
    see: prepared({
      images: new Map(),
      inFlight: new Map([
        [
          'startContainer/main',
          { action: { verb: 'startContainer', name: 'main', kind: 'app', attempt: 0, backoffSeconds: 0, reason: '' } },
        ],
      ]),
    }),
    actions: [],
  },
  {
    story: 'a refused pod: nothing is begun',
    want: desired(plain, { failure: { reason: 'OutOfcpu', message: '', rejected: true } }),
    see: seen(),
    actions: [],
  },
  {
    story: 'containers that the runtime lost count on from the status',
    want: desired(plain),
    see: prepared({ knownRestarts: new Map([['main', 4]]) }),
    actions: ['startContainer/main'],
  },
]

for (const { story, want, see, now = start, actions, recheckAfterMs } of cases) {
  test(story, () => {
    const plan = planPod(want, see, now)
    assert.deepEqual(plan.actions.map(actionKey).sort(), [...actions].sort())
    assert.equal(plan.recheckAfterMs, recheckAfterMs)
  })
}

test('attempts and back-off go up from start to start', () => {
  const startOf = (see: PodSeen, now = start) =>
    planPod(desired(plain), see, now).actions.find((action) => action.verb === 'startContainer')
  const numbers = (see: PodSeen, now?: Date) => {
    const action = startOf(see, now)
    return [action?.attempt, action?.backoffSeconds]
  }
  const ended = (attempt: number, backoff: number, extra = {}) =>
    prepared({ containers: [exited(plain, { name: 'main', exitCode: 1, attempt, backoff, ...extra })] })
  assert.deepEqual(numbers(prepared()), [0, 0])
  assert.deepEqual(numbers(ended(0, 0)), [1, 10])
  assert.deepEqual(numbers(ended(1, 10), after(15)), [2, 20])
  assert.deepEqual(numbers(ended(6, 300), after(400)), [7, 300])
  // So does another definition.
  const old = run(pod({ containers: [app('main', { image: 'old:1' })] }), {
    name: 'main',
    state: 'exited',
    exitCode: 1,
    attempt: 3,
    backoff: 80,
    finishedAt: after(5),
  })
  assert.deepEqual(numbers(prepared({ containers: [old] }), after(6)), [4, 0])
  // Ten minutes of running begin anew.
  assert.deepEqual(numbers(ended(7, 300, { finishedAt: after(601) }), after(602)), [8, 10])
  assert.deepEqual(numbers(prepared({ knownRestarts: new Map([['main', 4]]) })), [5, 0])
})

test('the grace of a kill', () => {
  const graceOf = (want: PodDesired, see: PodSeen) =>
    planPod(want, see, after(25)).actions.flatMap((a) => (a.verb === 'killContainer' ? [a.graceSeconds] : []))
  assert.deepEqual(graceOf(desired(deleted), prepared({ containers: [run(plain, { name: 'main' })] })), [30])
  assert.deepEqual(
    graceOf(
      desired(pod({}, { deletionTimestamp: 'x', deletionGracePeriodSeconds: 0 })),
      prepared({ containers: [run(plain, { name: 'main' })] }),
    ),
    [1],
  )
})

test('the longest back-off can be made shorter, and a clock that was set back does not make it longer', () => {
  const longest = { longestBackoffSeconds: 3 }
  const containers = [exited(plain, { name: 'main', exitCode: 1, attempt: 4, backoff: 160 })]
  assert.equal(planPod(desired(plain), prepared({ containers, ...longest }), after(7)).recheckAfterMs, 1000)
  const [action] = planPod(desired(plain), prepared({ containers, ...longest }), after(8)).actions
  assert.equal(action?.verb === 'startContainer' && action.backoffSeconds, 3)
  const back = planPod(desired(plain), prepared({ containers }), after(-3600)).actions
  assert.deepEqual(back.map(actionKey), ['startContainer/main'])
})

test('all end at once, but sidecars wait for the app and for the sidecars that came after them', () => {
  const of = pod(
    {
      initContainers: [app('a', { restartPolicy: 'Always' }), app('setup'), app('b', { restartPolicy: 'Always' })],
      ephemeralContainers: [{ name: 'debug', image: 'debug:1' }],
    },
    { deletionTimestamp: '2026-11-21T12:00:30Z', deletionGracePeriodSeconds: 30 },
  )
  const containers = [
    run(of, { name: 'a', kind: 'init' }),
    run(of, { name: 'b', kind: 'init' }),
    run(of, { name: 'main' }),
    run(of, { name: 'debug', kind: 'ephemeral' }),
  ]
  const kills = planPod(desired(of), prepared({ containers }), start).actions.map((a) =>
    a.verb === 'killContainer' ? [a.name, a.after ?? [], a.message] : [a.verb],
  )
  assert.deepEqual(kills, [
    ['a', ['b-0', 'main-0'], 'Stopping container a'],
    ['b', ['main-0'], 'Stopping container b'],
    ['main', [], 'Stopping container main'],
    ['debug', [], 'Stopping container debug'],
  ])
})

test('the words of a kill', () => {
  const spoken = (of: ReturnType<typeof pod>, name: string, more: Parameters<typeof run>[1] | object, failed?: 'liveness' | 'startup') => {
    const kind = name === 'proxy' ? 'init' : 'app'
    const containers = [run(of, { name, kind, ...more }), ...(kind === 'init' ? [run(of, { name: 'main' })] : [])]
    const see = prepared({ containers, probes: failed ? probes(`${name}-0`, { started: true, ready: false, failed }) : new Map() })
    return planPod(desired(of), see, start).actions.flatMap((a) => (a.verb === 'killContainer' ? [a.message] : []))
  }
  assert.deepEqual(spoken(plain, 'main', {}, 'liveness'), ['Container main failed liveness probe, will be restarted'])
  assert.deepEqual(spoken(never, 'main', {}, 'startup'), ['Container main failed startup probe'])
  assert.deepEqual(spoken(sidecar, 'proxy', {}, 'liveness'), ['Init container proxy failed liveness probe'])
  assert.deepEqual(spoken(plain, 'main', { state: 'unknown' }), ['Container is in "unknown" state, try killing it before restart'])
  const changed = pod({ containers: [app('main', { image: 'main:2' })] })
  const old = run(plain, { name: 'main' })
  const plan = planPod(desired(changed), prepared({ containers: [old] }), start).actions
  assert.deepEqual(
    plan.map((a) => a.verb === 'killContainer' && a.message),
    ['Container main definition changed, will be restarted'],
  )
})
