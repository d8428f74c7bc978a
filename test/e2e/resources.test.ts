// What pods get of a node, with real containers: values in cgroups, resizes of running pods with all that can become of them, also while
// the kubelet is away, and what a container that eats its memory or forks without end does to its neighbours.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { anyKubectl, Kubectl } from '#test/harness/kubectl.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_540, '--nodes=1')
const kubectl = new Kubectl(anyKubectl(), cluster.layout.adminConf)
const node = 'node-1'
const image = 'typernetes.local/hello:1'

before(async () => {
  if (!skip) await cluster.mustRun('up')
})
after(async () => {
  if (!skip) await cluster.down()
})

type Amounts = Record<string, string>
const idle = "trap 'exit 0' TERM; while :; do sleep 0.2; done"

interface Wanted {
  script?: string
  requests?: Amounts
  limits?: Amounts
  policy?: Record<string, string>
}

function containerOf(name: string, { script = idle, requests, limits, policy = {} }: Wanted): object {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    resources: { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) },
    resizePolicy: Object.entries(policy).map(([resourceName, restartPolicy]) => ({ resourceName, restartPolicy })),
  }
}

async function create(name: string, containers: Record<string, Wanted>, spec: object = {}): Promise<void> {
  const all = Object.entries(containers).map(([container, wanted]) => containerOf(container, wanted))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { nodeName: node, terminationGracePeriodSeconds: 1, containers: all, ...spec },
  }
  const { code, stderr } = await kubectl.run(['create', '-f', '-'], { input: JSON.stringify(pod) })
  assert.equal(code, 0, stderr)
}

const get = (name: string): Promise<Pod> => kubectl.json<Pod>('get', 'pod', name)
const until = (name: string, what: string, holds: (pod: Pod) => boolean, timeoutMs = 90_000): Promise<Pod> =>
  eventually(`${name} ${what}`, timeoutMs, async () => {
    const pod = await get(name)
    return holds(pod) && pod
  })
const isTrue = (pod: Pod, type: string) => pod.status?.conditions?.find((each) => each.type === type && each.status === 'True')
const ready = (name: string) => until(name, 'to be ready', (pod) => isTrue(pod, 'Ready') !== undefined)
const statusOf = (pod: Pod, container = 'main') => pod.status?.containerStatuses?.find((each) => each.name === container)
const settled = (pod: Pod): boolean =>
  !isTrue(pod, 'PodResizePending') && !isTrue(pod, 'PodResizeInProgress') && pod.status?.observedGeneration === pod.metadata.generation

/** What the container sees of its own cgroup. */
async function seenBy(pod: string, container = 'main'): Promise<{ shares: number; quota: number; memory: number }> {
  const files = ['cpu/cpu.shares', 'cpu/cpu.cfs_quota_us', 'memory/memory.limit_in_bytes'].map((file) => `/sys/fs/cgroup/${file}`)
  const [shares = 0, quota = 0, memory = 0] = (await kubectl.ok('exec', pod, '-c', container, '--', 'cat', ...files))
    .trim()
    .split('\n')
    .map(Number)
  return { shares, quota, memory }
}

/** A file of the node's cgroups on the host; `path` is below kubepods. */
function cgroupFile(controller: string, path: string, file: string): number {
  const root = cluster.node(node).cgroup
  return Number(readFileSync(join('/sys/fs/cgroup', controller, root, 'kubepods', path, file), 'utf8'))
}

/** As `kubectl patch --subresource resize` of 1.32 does it: not every machine has one that is so new. */
async function resize(pod: string, container: string, requests: Amounts, limits: Amounts = requests): Promise<void> {
  const body = { spec: { containers: [{ name: container, resources: { requests, limits } }] } }
  const path = `/api/v1/namespaces/default/pods/${pod}/resize`
  const { status, text } = await cluster.api.send({
    method: 'PATCH',
    path,
    contentType: 'application/strategic-merge-patch+json',
    body,
  })
  assert.equal(status, 200, text)
}

/** The next one has more in its configuration. */
async function killKubelet(...lines: string[]): Promise<void> {
  await appendFile(join(cluster.node(node).folder, 'kubelet.yaml'), `\n${lines.join('\n')}\n`)
  const ends = await cluster.ends('kubelet', node)
  await signalProcess(await cluster.program('kubelet', node), 'SIGKILL')
  const another = async () => (await cluster.ends('kubelet', node)) > ends && (await cluster.program('kubelet', node))
  await eventually('another kubelet', 60_000, another)
}

const events = async (pod: string): Promise<string[]> => {
  const list = await kubectl.json<{ items: { reason: string }[] }>('get', 'events', '--field-selector', `involvedObject.name=${pod}`)
  return list.items.map(({ reason }) => reason).filter((reason) => reason.startsWith('Resize'))
}

const mi = 2 ** 20
const unlimited = 2 ** 63 - 4096

test('requests and limits in cgroups: containers, pods, tiers', { skip }, async () => {
  await create('burstable', {
    main: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
    other: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } },
  })
  await create('besteffort', { main: {} })
  await create(
    'whole',
    { main: { requests: { cpu: '50m' } } },
    { resources: { requests: { cpu: '100m' }, limits: { cpu: '300m', memory: '96Mi' } } },
  )
  const { metadata, status } = await ready('burstable')
  assert.equal(status?.qosClass, 'Burstable')
  assert.deepEqual(await seenBy('burstable'), { shares: 102, quota: 20_000, memory: 64 * mi })
  assert.deepEqual(await seenBy('burstable', 'other'), { shares: 51, quota: -1, memory: 64 * mi })
  const own = `burstable/pod${metadata.uid}`
  assert.equal(cgroupFile('cpu', own, 'cpu.shares'), 153)
  assert.equal(cgroupFile('cpu', own, 'cpu.cfs_quota_us'), -1, 'one container has no limit')
  assert.equal(cgroupFile('memory', own, 'memory.limit_in_bytes'), 128 * mi)
  const bare = await ready('besteffort')
  assert.equal(bare.status?.qosClass, 'BestEffort')
  assert.equal(cgroupFile('cpu', `besteffort/pod${bare.metadata.uid}`, 'cpu.shares'), 2)
  assert.deepEqual(await seenBy('besteffort'), { shares: 2, quota: -1, memory: unlimited })
  const whole = await ready('whole')
  assert.deepEqual(await seenBy('whole'), { shares: 51, quota: 30_000, memory: 96 * mi })
  assert.equal(cgroupFile('cpu', `burstable/pod${whole.metadata.uid}`, 'cpu.shares'), 102)
  assert.equal(cgroupFile('memory', `burstable/pod${whole.metadata.uid}`, 'memory.limit_in_bytes'), 96 * mi)
  // Beside these the pods of the example, with 10m each.
  const example = (await kubectl.json<{ items: Pod[] }>('get', 'pods', '-A')).items.filter((each) => each.metadata.namespace !== 'default')
  const share = Math.floor((250 + 10 * example.length) * 1.024)
  await eventually('the share of the tier', 30_000, async () => cgroupFile('cpu', 'burstable', 'cpu.shares') === share)
  assert.equal(cgroupFile('cpu', 'besteffort', 'cpu.shares'), 2)
  const memory = (await kubectl.json<{ status: { capacity: Amounts } }>('get', 'node', node)).status.capacity['memory'] ?? ''
  assert.equal(cgroupFile('memory', '.', 'memory.limit_in_bytes'), Number(memory.replace('Ki', '')) * 1024)
  await kubectl.ok('delete', 'pod', 'besteffort', 'whole', '--timeout=55s')
})

test('a resize in place, and one that starts the container anew', { skip }, async () => {
  const before = await get('burstable')
  await resize('burstable', 'main', { cpu: '150m', memory: '48Mi' }, { cpu: '300m', memory: '96Mi' })
  const done = await until('burstable', 'to be resized', (pod) => settled(pod) && statusOf(pod)?.resources?.requests?.['cpu'] === '150m')
  assert.deepEqual(await seenBy('burstable'), { shares: 153, quota: 30_000, memory: 96 * mi })
  assert.deepEqual(statusOf(done)?.allocatedResources, { cpu: '150m', memory: '48Mi' })
  assert.deepEqual(statusOf(done)?.resources?.limits, { cpu: '300m', memory: '96Mi' })
  assert.equal(statusOf(done)?.containerID, statusOf(before)?.containerID)
  assert.equal(cgroupFile('memory', `burstable/pod${done.metadata.uid}`, 'memory.limit_in_bytes'), 160 * mi)
  await eventually('the events', 30_000, async () => (await events('burstable')).join() === 'ResizeStarted,ResizeCompleted')

  const sized = { cpu: '100m', memory: '32Mi' }
  await create('restarts', { main: { requests: sized, limits: sized, policy: { cpu: 'NotRequired', memory: 'RestartContainer' } } })
  const first = await ready('restarts')
  await resize('restarts', 'main', { cpu: '200m', memory: '32Mi' })
  const second = await until('restarts', 'to be resized', (pod) => settled(pod) && statusOf(pod)?.resources?.limits?.['cpu'] === '200m')
  assert.equal(statusOf(second)?.containerID, statusOf(first)?.containerID)
  await resize('restarts', 'main', { cpu: '200m', memory: '64Mi' })
  const third = await until(
    'restarts',
    'to be started again',
    (pod) => settled(pod) && isTrue(pod, 'Ready') !== undefined && statusOf(pod)?.restartCount === 1,
  )
  assert.deepEqual(statusOf(third)?.resources?.limits, { cpu: '200m', memory: '64Mi' })
  assert.deepEqual(await seenBy('restarts'), { shares: 204, quota: 20_000, memory: 64 * mi })
  await kubectl.ok('delete', 'pod', 'restarts', 'burstable', '--timeout=55s')
})

test('what cannot be: never on this node, or not while memory is in use', { skip }, async () => {
  const sized = { cpu: '100m', memory: '64Mi' }
  await create('greedy', { main: { requests: sized, limits: sized } })
  await ready('greedy')
  await resize('greedy', 'main', { cpu: '64', memory: '64Mi' })
  const never = await until('greedy', 'to be told', (pod) => isTrue(pod, 'PodResizePending') !== undefined)
  assert.equal(isTrue(never, 'PodResizePending')?.reason, 'Infeasible')
  assert.match(isTrue(never, 'PodResizePending')?.message ?? '', /^Node didn't have enough capacity: cpu, requested: 64000, capacity: \d+$/)
  assert.equal(statusOf(never)?.allocatedResources?.['cpu'], '100m')
  await resize('greedy', 'main', sized)
  await until('greedy', 'to be as before', settled)
  await kubectl.ok('exec', 'greedy', '--', 'sh', '-c', 'dd if=/dev/zero of=/dev/shm/x bs=1M count=32')
  await resize('greedy', 'main', { cpu: '100m', memory: '16Mi' })
  const stuck = await until('greedy', 'to fail', (pod) => isTrue(pod, 'PodResizeInProgress')?.reason === 'Error')
  assert.match(isTrue(stuck, 'PodResizeInProgress')?.message ?? '', /^cannot decrease memory limits: .*below current usage/)
  assert.equal((await seenBy('greedy')).memory, 64 * mi)
  await kubectl.ok('exec', 'greedy', '--', 'sh', '-c', 'rm /dev/shm/x')
  await until('greedy', 'to shrink', (pod) => settled(pod) && statusOf(pod)?.resources?.limits?.['memory'] === '16Mi')
  assert.equal((await seenBy('greedy')).memory, 16 * mi)
  await kubectl.ok('delete', 'pod', 'greedy', '--timeout=55s')
})

test('a resize waits for room, also over the death of the kubelet, and nothing is restarted', { skip }, async () => {
  const { allocatable } = (await kubectl.json<{ status: { allocatable: Amounts } }>('get', 'node', node)).status
  const cores = allocatable['cpu'] ?? '1'
  const most = cores.endsWith('m') ? Number(cores.slice(0, -1)) : Number(cores) * 1000
  const sized = (milli: number): Amounts => ({ cpu: `${milli}m`, memory: '32Mi' })
  await create('patient', { main: { requests: sized(100), limits: sized(100) } })
  await create('large', { main: { requests: sized(most - 500), limits: sized(most - 500) } })
  const [patient, large] = [await ready('patient'), await ready('large')]
  await resize('patient', 'main', sized(600))
  const waits = await until('patient', 'to wait', (pod) => isTrue(pod, 'PodResizePending')?.reason === 'Deferred')
  assert.match(
    isTrue(waits, 'PodResizePending')?.message ?? '',
    /^Node didn't have enough resource: cpu, requested: 600, used: \d+, capacity: \d+$/,
  )
  await killKubelet('podPidsLimit: 64')
  await resize('large', 'main', sized(most - 1000))
  const grown = await until('patient', 'to be resized', (pod) => settled(pod) && statusOf(pod)?.resources?.limits?.['cpu'] === '600m')
  assert.equal((await seenBy('patient')).quota, 60_000)
  assert.equal(statusOf(grown)?.containerID, statusOf(patient)?.containerID)
  assert.equal(statusOf(await get('large'))?.containerID, statusOf(large)?.containerID)
  await kubectl.ok('delete', 'pod', 'patient', 'large', '--timeout=55s')
})

test('a container that eats its memory is OOMKilled, its neighbour lives on', { skip }, async () => {
  const eat = 'sleep 0.5; dd if=/dev/zero of=/dev/null bs=200M count=1 & wait $!'
  const sized = { cpu: '100m', memory: '32Mi' }
  await create('eater', { main: { script: eat, limits: sized }, other: { limits: sized } }, { restartPolicy: 'Never' })
  const pod = await until('eater', 'to be killed', (each) => statusOf(each)?.state?.terminated !== undefined)
  assert.deepEqual([statusOf(pod)?.state?.terminated?.reason, statusOf(pod)?.state?.terminated?.exitCode], ['OOMKilled', 137])
  assert.ok(statusOf(pod, 'other')?.state?.running)
  assert.equal(statusOf(pod, 'other')?.restartCount, 0)
  await kubectl.ok('delete', 'pod', 'eater', '--timeout=55s')
})

test('a container that forks without end is held by the pod’s limit, and goes when it is deleted', { skip }, async () => {
  await create('forks', { main: { script: "sh -c 'while :; do sleep 60 & done'; exec sleep 60" }, other: {} })
  await create('calm', { main: {} })
  await ready('calm')
  // Others of its containers may never come to run.
  const pod = await until('forks', 'to run', (each) => statusOf(each)?.state?.running !== undefined)
  const own = `besteffort/pod${pod.metadata.uid}`
  assert.equal(cgroupFile('pids', own, 'pids.max'), 64)
  await eventually('the limit to be met', 60_000, async () => {
    const processes = cgroupFile('pids', own, 'pids.current')
    if (processes < 60) throw new Error(`${processes} processes: ${JSON.stringify((await get('forks')).status?.containerStatuses)}`)
    return true
  })
  assert.equal((await kubectl.ok('exec', 'calm', '--', 'echo', 'fine')).trim(), 'fine')
  await kubectl.ok('delete', 'pod', 'forks', 'calm', '--timeout=55s')
})

test('under the static policy whole processors are a container’s own, and all others keep off them', { skip }, async () => {
  const online = availableParallelism()
  await create('shares', { main: {} })
  const shares = await ready('shares')
  // On a machine with two processors nothing else can be asked for beside the one.
  await kubectl.ok('-n', 'hello', 'scale', 'deployment', 'hello', '--replicas=0')
  const others = () => kubectl.json<{ items: Pod[] }>('-n', 'hello', 'get', 'pods')
  await eventually('the example to go', 60_000, async () => (await others()).items.length === 0)
  await killKubelet('cpuManagerPolicy: static', 'reservedSystemCPUs: "0"', 'cpuManagerReconcilePeriod: 1s')
  const sized = { cpu: '1', memory: '32Mi' }
  await create('owns', { main: { requests: sized, limits: sized } })
  await ready('owns')
  const cpus = async (pod: string) => (await kubectl.ok('exec', pod, '--', 'cat', '/sys/fs/cgroup/cpuset/cpuset.cpus')).trim()
  const own = await cpus('owns')
  assert.match(own, /^[1-9]\d*$/)
  assert.equal((await seenBy('owns')).quota, -1, 'a quota would only slow it down')
  const rest = Array.from({ length: online }, (_, cpu) => cpu).filter((cpu) => String(cpu) !== own)
  await eventually('the others to keep off', 30_000, async () => same(await cpus('shares'), rest))
  assert.equal(statusOf(await get('shares'))?.containerID, statusOf(shares)?.containerID)
  await kubectl.ok('delete', 'pod', 'owns', '--timeout=55s')
  await eventually('the others to have it again', 30_000, async () => same(await cpus('shares'), [...rest, Number(own)]))
})

/** A list of processors as the kernel writes it. */
function same(text: string, cpus: readonly number[]): boolean {
  const listed = text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return listed.join() === [...cpus].sort((a, b) => a - b).join()
}
