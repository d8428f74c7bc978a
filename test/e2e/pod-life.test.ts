// The life of pods with real containers: order of start and end, ends and their words, restarts, probes, hooks, admission, deletion, and a kubelet that is killed.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { anyKubectl, Kubectl } from '#test/harness/kubectl.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_620, '--nodes=1')
const kubectl = new Kubectl(anyKubectl(), cluster.layout.adminConf)
const node = 'node-1'
const core = '/api/v1/namespaces/default'
const image = 'typernetes.local/hello:1'
/** A folder of the machine that pods leave their traces in. */
const traces = join(cluster.layout.state, 'traces')

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  await mkdir(traces, { recursive: true, mode: 0o777 })
})
after(async () => {
  if (!skip) await cluster.down()
})

type Container = NonNullable<NonNullable<Pod['spec']>['containers']>[number]
type Spec = Partial<NonNullable<Pod['spec']>>

/** A container that runs a script and writes to /traces. */
const running = (name: string, script: string, more: Partial<Container> = {}): Container => ({
  name,
  image,
  command: ['sh', '-c', script],
  volumeMounts: [{ name: 'traces', mountPath: '/traces' }],
  ...more,
})
/** Runs until it is told to end, after `last`. */
const until = (last = ''): string => `trap '${last} exit 0' TERM; while :; do sleep 0.1; done`
const sidecar = (name: string, script: string, more: Partial<Container> = {}): Container =>
  running(name, script, { restartPolicy: 'Always', ...more })
// Patient, since what is tried here is not how busy the machine is.
const probed = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 15 }
const shell = (script: string) => ({ exec: { command: ['sh', '-c', script] } })

async function create(name: string, containers: Container[], spec: Spec = {}): Promise<void> {
  const volumes = [{ name: 'traces', hostPath: { path: traces } }]
  const body = { metadata: { name }, spec: { nodeName: node, terminationGracePeriodSeconds: 10, volumes, containers, ...spec } }
  const reply = await cluster.api.send({ method: 'POST', path: `${core}/pods`, body })
  assert.ok(reply.status < 300, `${name}: ${reply.text}`)
}

const podNow = (name: string) => cluster.api.get<Pod>(`${core}/pods/${name}`)
const see = (name: string, what: string, holds: (pod: Pod) => boolean | undefined, ms = 90_000): Promise<Pod> =>
  eventually(`${name} ${what}`, ms, async () => {
    const pod = await podNow(name)
    return pod && holds(pod) ? pod : undefined
  })
const phase = (name: string, wanted: string) => see(name, `is ${wanted}`, (pod) => pod.status?.phase === wanted)
const ready = (pod: Pod): boolean => (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
const statusOf = (pod: Pod, name = 'main'): ContainerStatus | undefined =>
  [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ].find((each) => each.name === name)
const remove = (name: string, graceSeconds?: number) =>
  cluster.api.send({
    method: 'DELETE',
    path: `${core}/pods/${name}`,
    ...(graceSeconds === undefined ? {} : { body: { gracePeriodSeconds: graceSeconds } }),
  })
const gone = (name: string, ms = 60_000) =>
  eventually(`${name} is gone`, ms, async () => (await cluster.api.send({ path: `${core}/pods/${name}` })).status === 404)

async function events(name: string): Promise<string[]> {
  const list = await cluster.api.get<{ items: { type: string; reason: string; message: string }[] }>(
    `${core}/events?fieldSelector=involvedObject.name=${name}`,
  )
  return (list?.items ?? []).map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}
const told = (name: string, text: string) =>
  eventually(`${name}: ${text}`, 60_000, async () => (await events(name)).find((each) => each.includes(text)))
const traceOf = async (name: string): Promise<string[]> => (await readFile(join(traces, name), 'utf8')).trim().split('\n')

test('init containers and sidecars start in their order; at the end hooks run at once and sidecars stop last', { skip }, async () => {
  const say = (word: string) => `echo ${word} >> /traces/order`
  // It ends after the hook of another, which would never come if hooks waited for it: then its grace runs out before it says a word.
  const warned = 'until grep -q warned /traces/order; do sleep 0.1; done'
  await create(
    'order',
    [running('main', `test -f /traces/late.ok || exit 9; ${say('main')}; ${until(`${warned}; ${say('main ends')};`)}`)],
    {
      terminationGracePeriodSeconds: 30,
      initContainers: [
        sidecar('early', `${say('early')}; ${until(`${say('early ends')};`)}`, { lifecycle: { preStop: shell(say('early is warned')) } }),
        running('setup', say('setup')),
        sidecar('late', `${say('late')}; sleep 0.5; touch /traces/late.ok; ${until(`${say('late ends')};`)}`, {
          startupProbe: { ...probed, failureThreshold: 30, ...shell('test -f /traces/late.ok') },
        }),
      ],
    },
  )
  const pod = await see('order', 'is ready', ready)
  assert.deepEqual(
    pod.status?.initContainerStatuses?.map(({ name, ready: isReady, started }) => [name, isReady, started]),
    [
      ['early', true, true],
      ['setup', true, false],
      ['late', true, true],
    ],
  )
  await remove('order')
  await gone('order')
  assert.deepEqual(await traceOf('order'), ['early', 'setup', 'late', 'main', 'early is warned', 'main ends', 'late ends', 'early ends'])
})

interface End {
  container?: Partial<Container>
  script?: string
  spec?: Spec
  phase: string
  says: { exitCode: number; reason: string; message?: RegExp }
}

const ends: Record<string, End> = {
  fine: { script: 'exit 0', phase: 'Succeeded', says: { exitCode: 0, reason: 'Completed' } },
  fails: { script: 'echo why > /dev/termination-log; exit 7', phase: 'Failed', says: { exitCode: 7, reason: 'Error', message: /^why\n$/ } },
  'of-the-shell': { script: 'nosuch', phase: 'Failed', says: { exitCode: 127, reason: 'Error' } },
  'no-command': {
    container: { command: ['nosuch'] },
    phase: 'Failed',
    says: { exitCode: 128, reason: 'StartError', message: /exec: "nosuch": executable file not found in \$PATH/ },
  },
  'not-executable': {
    container: { command: ['/etc/passwd'] },
    phase: 'Failed',
    says: { exitCode: 128, reason: 'StartError', message: /permission denied/ },
  },
  'log-speaks': {
    script: 'echo one; printf two; exit 1',
    container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
    phase: 'Failed',
    says: { exitCode: 1, reason: 'Error', message: /^one\ntwo$/ },
  },
  'log-is-silent': {
    script: 'echo one',
    container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
    phase: 'Succeeded',
    says: { exitCode: 0, reason: 'Completed' },
  },
  'file-speaks': {
    script: 'echo one; printf OK > /dev/termination-log; exit 1',
    container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
    phase: 'Failed',
    says: { exitCode: 1, reason: 'Error', message: /^OK$/ },
  },
  'own-path': {
    script: 'printf DONE > /dev/own-log',
    container: { terminationMessagePath: '/dev/own-log', securityContext: { runAsUser: 10_000 } },
    phase: 'Succeeded',
    says: { exitCode: 0, reason: 'Completed', message: /^DONE$/ },
  },
  'long-message': {
    script: 'head -c 9000 /dev/zero | tr "\\0" a > /dev/termination-log; printf END >> /dev/termination-log',
    phase: 'Succeeded',
    says: { exitCode: 0, reason: 'Completed', message: /^a{4093}END$/ },
  },
  'restarted-by-rule': {
    script: 'test -f /traces/ruled && exit 0; touch /traces/ruled; exit 42',
    container: { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] },
    phase: 'Succeeded',
    says: { exitCode: 0, reason: 'Completed' },
  },
}

test('how containers end, in upstream’s words', { skip }, async (t) => {
  for (const [name, { script = '', container = {}, spec = {} }] of Object.entries(ends))
    await create(name, [running('main', script, container)], { restartPolicy: 'Never', ...spec })
  for (const [name, end] of Object.entries(ends))
    await t.test(name, async () => {
      const pod = await phase(name, end.phase)
      const ended = statusOf(pod)?.state?.terminated
      assert.deepEqual([ended?.exitCode, ended?.reason], [end.says.exitCode, end.says.reason])
      if (end.says.message) assert.match(ended?.message ?? '', end.says.message)
      else assert.equal(ended?.message, undefined)
      assert.equal(pod.status?.observedGeneration, pod.metadata.generation)
    })
  assert.equal(statusOf((await podNow('restarted-by-rule')) as Pod)?.restartCount, 1)
})

test('a deadline that comes while the pod runs', { skip }, async () => {
  await create('deadline', [running('main', until())], { activeDeadlineSeconds: 600 })
  await see('deadline', 'is ready', ready)
  const contentType = 'application/strategic-merge-patch+json'
  const body = { spec: { activeDeadlineSeconds: 1 } }
  const reply = await cluster.api.send({ method: 'PATCH', path: `${core}/pods/deadline`, contentType, body })
  assert.equal(reply.status, 200, reply.text)
  const pod = await phase('deadline', 'Failed')
  assert.deepEqual(
    [pod.status?.reason, pod.status?.message],
    ['DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  )
  assert.equal(statusOf(pod)?.state?.terminated?.exitCode, 0)
  await told('deadline', 'Normal DeadlineExceeded: Pod was active on the node longer than the specified deadline')
})

test('a failed init container under Never fails the pod; its containers never leave the start', { skip }, async () => {
  await create('init-fails', [running('main', until())], { restartPolicy: 'Never', initContainers: [running('init', 'exit 3')] })
  const pod = await phase('init-fails', 'Failed')
  assert.equal(statusOf(pod, 'init')?.state?.terminated?.exitCode, 3)
  assert.deepEqual(statusOf(pod)?.state, { waiting: { reason: 'PodInitializing' } })
  const initialized = pod.status?.conditions?.find(({ type }) => type === 'Initialized')
  assert.deepEqual([initialized?.status, initialized?.message], ['False', 'containers with incomplete status: [init]'])
})

test('a container that crashes: restarted at once, then with back-off, and told of', { skip }, async () => {
  await create('crashes', [running('main', 'exit 1')])
  const pod = await see('crashes', 'backs off', (each) => statusOf(each)?.state?.waiting?.reason === 'CrashLoopBackOff')
  const { uid } = pod.metadata
  const status = statusOf(pod)
  assert.equal(status?.restartCount, 1)
  assert.equal(status?.state?.waiting?.message, `back-off 10s restarting failed container=main pod=crashes_default(${uid})`)
  assert.equal(status?.lastState?.terminated?.exitCode, 1)
  assert.equal(pod.status?.phase, 'Running')
  await told('crashes', `Back-off restarting failed container main in pod crashes_default(${uid})`)
})

test('probes: who restarts whom, and what is told', { skip }, async (t) => {
  const serving = running('main', `httpd -p 8080 -h /www; touch /tmp/ok; ${until()}`)
  const headers = [{ name: 'X-Asked', value: 'yes' }]
  await create('by-http', [
    { ...serving, readinessProbe: { ...probed, httpGet: { port: 8080, path: '/cgi-bin/index.cgi', httpHeaders: headers } } },
  ])
  await create('by-tcp', [{ ...serving, readinessProbe: { ...probed, tcpSocket: { port: 8080 } } }])
  await create('toggles', [{ ...serving, readinessProbe: { ...probed, ...shell('test -f /tmp/ok') } }])
  // Not before somebody listens: a refused connection would be a failure as well.
  const listens = { ...probed, failureThreshold: 300, ...shell('test -f /tmp/ok') }
  await create('dies', [{ ...serving, startupProbe: listens, livenessProbe: { ...probed, httpGet: { port: 8080, path: '/nothing' } } }])
  await create('slow', [
    {
      ...serving,
      startupProbe: { ...probed, failureThreshold: 300, ...shell('test -f /tmp/started') },
      livenessProbe: { ...probed, ...shell('test -f /tmp/started') },
    },
  ])
  await create('hangs', [{ ...serving, readinessProbe: { ...probed, timeoutSeconds: 1, ...shell('exec sleep 6789') } }])
  await create('cannot', [{ ...serving, livenessProbe: { ...probed, exec: { command: ['nosuch'] } } }])
  const exec = (pod: string, script: string) => kubectl.ok('exec', pod, '--', 'sh', '-c', script)
  await t.test('an answer makes it ready', async () => {
    await see('by-http', 'is ready', ready)
    await see('by-tcp', 'is ready', ready)
  })
  await t.test('readiness comes and goes without a restart', async () => {
    await see('toggles', 'is ready', ready)
    await exec('toggles', 'rm /tmp/ok')
    const pod = await see('toggles', 'is not ready', (each) => !ready(each))
    const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready')
    assert.deepEqual([condition?.reason, condition?.message], ['ContainersNotReady', 'containers with unready status: [main]'])
    await told('toggles', 'Warning Unhealthy: Readiness probe failed: ')
    await exec('toggles', 'touch /tmp/ok')
    assert.equal(statusOf(await see('toggles', 'is ready again', ready))?.restartCount, 0)
  })
  await t.test('a dead one is restarted', async () => {
    await see('dies', 'was restarted', (pod) => (statusOf(pod)?.restartCount ?? 0) > 0)
    await told('dies', 'Warning Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 404')
    await told('dies', 'Normal Killing: Container main failed liveness probe, will be restarted')
  })
  await t.test('one that starts slowly is left alone', async () => {
    const pod = await see('slow', 'runs', (each) => statusOf(each)?.state?.running !== undefined)
    assert.deepEqual([statusOf(pod)?.started, ready(pod)], [false, false])
    await exec('slow', 'touch /tmp/started')
    assert.equal(statusOf(await see('slow', 'is ready', ready))?.restartCount, 0)
  })
  await t.test('a probe past its time-out is killed', async () => {
    await told('hangs', 'Readiness probe failed: command timed out: "sh -c exec sleep 6789" timed out after 1s')
    await eventually('no second one', 30_000, async () => {
      const count = await cluster.inNode(node, 'sh', '-c', "ps ax -o args | grep -c '^sleep 6789' || true")
      return Number(count) <= 1
    })
  })
  await t.test('a probe that cannot be run kills nobody', async () => {
    await told('cannot', 'Liveness probe errored and resulted in unknown state: ')
    assert.equal(statusOf((await podNow('cannot')) as Pod)?.restartCount, 0)
  })
})

test('hooks: what they ask for happens, and their failures are told', { skip }, async () => {
  // One listener for each request, and both listen before the first comes.
  const heard = (port: number) => `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n' | nc -l -p ${port} | head -n 1 >> /traces/heard &`
  const listening = shell('test "$(cat /proc/net/tcp /proc/net/tcp6 | grep -c -E ":232[89] +[0-9:]+ 0A ")" = 2')
  await create('listener', [running('main', `${heard(9000)} ${heard(9001)} ${until()}`, { readinessProbe: { ...probed, ...listening } })])
  const host = (await see('listener', 'listens', ready)).status?.podIP ?? ''
  const get = (path: string, port: number) => ({ httpGet: { host, port, path } })
  await create('polite', [running('main', until(), { lifecycle: { postStart: get('/hello', 9000), preStop: get('/bye?now=1', 9001) } })])
  await create('rude', [running('main', until(), { lifecycle: { postStart: shell('exit 1'), preStop: shell('exit 1') } })])
  await create('sleeper', [running('main', until(), { lifecycle: { preStop: { sleep: { seconds: 2 } } } })])
  await see('polite', 'is ready', ready)
  await remove('polite')
  await gone('polite')
  // Who answers a hook may write down what it heard after that.
  await eventually('both to be written down', 20_000, async () => (await traceOf('heard')).length === 2)
  assert.deepEqual(await traceOf('heard'), ['GET /hello HTTP/1.1\r', 'GET /bye?now=1 HTTP/1.1'])
  await told('rude', 'Warning FailedPostStartHook: PostStartHook failed')
  await told('rude', 'Warning FailedPreStopHook: PreStopHook failed')
  await see('rude', 'is restarted', (pod) => (statusOf(pod)?.restartCount ?? 0) > 0)
  await see('sleeper', 'is ready', ready)
  const began = performance.now()
  await remove('sleeper')
  await gone('sleeper')
  assert.ok(performance.now() - began >= 2000)
})

test('an ephemeral container comes to a pod that is still being initialised', { skip }, async () => {
  await create('stuck', [running('main', until())], { initContainers: [running('init', until())] })
  await see('stuck', 'initialises', (pod) => statusOf(pod, 'init')?.state?.running !== undefined)
  const look = { name: 'look', image, command: ['sh', '-c', 'echo looked'] }
  const { status, text } = await cluster.api.send({
    method: 'PATCH',
    path: `${core}/pods/stuck/ephemeralcontainers`,
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: [look] } },
  })
  assert.equal(status, 200, text)
  const pod = await see('stuck', 'was looked at', (each) => statusOf(each, 'look')?.state?.terminated !== undefined)
  assert.equal(statusOf(pod, 'look')?.state?.terminated?.exitCode, 0)
  assert.equal(pod.status?.phase, 'Pending')
})

test('readiness gates: the pod is ready when others say so', { skip }, async () => {
  await create('gated', [running('main', until())], { readinessGates: [{ conditionType: 'example.com/gate' }] })
  const waiting = await see('gated', 'runs', (pod) => statusOf(pod)?.ready)
  const condition = waiting.status?.conditions?.find(({ type }) => type === 'Ready')
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ['False', 'ReadinessGatesNotReady', 'corresponding condition of pod readiness gate "example.com/gate" does not exist.'],
  )
  const open = { status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } }
  const contentType = 'application/strategic-merge-patch+json'
  await cluster.api.send({ method: 'PATCH', path: `${core}/pods/gated/status`, contentType, body: open })
  await see('gated', 'is ready', ready)
})

test('what the node does not take, with upstream’s reasons', { skip }, async () => {
  const plain = running('main', until())
  const greedy = { ...plain, resources: { requests: { cpu: '1000' } } }
  await create('too-large', [greedy])
  await create('elsewhere', [plain], { nodeSelector: { 'kubernetes.io/hostname': 'elsewhere' } })
  await create('of-windows', [plain], { os: { name: 'windows' } })
  const refusal = async (name: string): Promise<string> => {
    const { status } = await phase(name, 'Failed')
    assert.equal(statusOf((await podNow(name)) as Pod), undefined)
    return `${status?.reason}: ${status?.message}`
  }
  assert.match(
    await refusal('too-large'),
    /^OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, used: \d+, capacity: \d+$/,
  )
  assert.equal(
    await refusal('elsewhere'),
    "NodeAffinity: Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  )
  assert.equal(
    await refusal('of-windows'),
    "PodOSNotSupported: Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
  )
  await told('elsewhere', 'Warning NodeAffinity: ')
})

test('a critical pod finds room: another one goes', { skip }, async () => {
  const allocatable =
    (await cluster.api.get<{ status: { allocatable: { cpu: string } } }>(`/api/v1/nodes/${node}`))?.status.allocatable.cpu ?? '0'
  const milli = allocatable.endsWith('m') ? Number(allocatable.slice(0, -1)) : Number(allocatable) * 1000
  const asking = (cpu: number): Container => ({ ...running('main', until()), resources: { requests: { cpu: `${cpu}m` } } })
  await create('filler', [asking(Math.floor(milli * 0.6))])
  await see('filler', 'is ready', ready)
  await create('vital', [asking(Math.floor(milli * 0.6))], { priorityClassName: 'system-node-critical' })
  const { status } = await phase('filler', 'Failed')
  assert.deepEqual([status?.reason, status?.message], ['Preempting', 'Preempted in order to admit critical pod'])
  const target = status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  assert.deepEqual([target?.status, target?.reason], ['True', 'TerminationByKubelet'])
  await see('vital', 'is ready', ready)
})

test('deletion: graceful, deaf to SIGTERM, forced, and before anything ran', { skip }, async () => {
  await create('deaf', [running('main', "trap '' TERM; while :; do sleep 0.1; done")], { terminationGracePeriodSeconds: 3 })
  await create('forced', [running('main', until('sleep 1; touch /traces/forced;'))])
  await create('unborn', [{ ...running('main', until()), image: 'nowhere.invalid/none:1' }])
  await see('deaf', 'is ready', ready)
  const began = performance.now()
  await remove('deaf')
  await gone('deaf')
  const tookMs = performance.now() - began
  assert.ok(tookMs >= 3000 && tookMs < 30_000, `its own three seconds of grace, not the usual thirty: ${tookMs} ms`)
  await see('forced', 'is ready', ready)
  await remove('forced', 0)
  assert.equal(await podNow('forced'), undefined)
  await eventually('its container hears of it all the same', 60_000, () => traceOf('forced').then(() => true))
  await see('unborn', 'waits', (pod) => statusOf(pod)?.state?.waiting !== undefined)
  await remove('unborn')
  await gone('unborn')
})

test('pods that are over in a moment are all told of', { skip }, async () => {
  const names = Array.from({ length: 15 }, (_, i) => `quick-${i}`)
  await Promise.all(names.map((name, i) => create(name, [running('main', `exit ${i % 3}`)], { restartPolicy: 'Never' })))
  for (const [i, name] of names.entries()) {
    const pod = await phase(name, i % 3 === 0 ? 'Succeeded' : 'Failed')
    assert.equal(statusOf(pod)?.state?.terminated?.exitCode, i % 3)
    assert.equal(statusOf(pod)?.restartCount, 0)
  }
})

test('a kubelet that is killed: nothing restarts, and what was ready stays so', { skip }, async () => {
  const before = await Promise.all(['by-http', 'toggles', 'slow'].map((name) => see(name, 'is ready', ready)))
  const ends0 = await cluster.ends('kubelet', node)
  // Older than upstream's grace, so that the new kubelet takes it for what it was.
  await eventually('they are old enough', 20_000, async () =>
    before.every((pod) => Date.now() - Date.parse(statusOf(pod)?.state?.running?.startedAt ?? '') > 11_000),
  )
  await signalProcess(await cluster.program('kubelet', node), 'SIGKILL')
  await eventually('another kubelet', 60_000, async () => (await cluster.ends('kubelet', node)) > ends0 && cluster.program('kubelet', node))
  await create('after', [running('main', until())])
  await see('after', 'is ready', ready)
  for (const pod of before) {
    const now = await podNow(pod.metadata.name ?? '')
    assert.deepEqual(now?.status?.containerStatuses, pod.status?.containerStatuses)
    assert.deepEqual(now?.status?.conditions, pod.status?.conditions)
  }
})
