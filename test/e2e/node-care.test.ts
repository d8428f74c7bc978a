// What a node tells of usage, and what it does about pods that use more disk than they may: figures from real containers, evictions with upstream's words,
// logs that are rotated and read with stock kubectl.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { ClusterPods, core } from '#test/harness/cluster-pods.ts'
import { anyKubectl, Kubectl } from '#test/harness/kubectl.ts'
import { configureKubelet } from '#test/harness/node-settings.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_520, '--nodes=1')
const kubectl = new Kubectl(anyKubectl(), cluster.layout.adminConf)
const node = 'node-1'
const proxy = `/api/v1/nodes/${node}/proxy`
const image = 'typernetes.local/hello:1'

interface ContainerStatus {
  restartCount: number
  containerID?: string
  state?: { running?: object }
  lastState?: { terminated?: { containerID: string } }
}
interface Pod {
  metadata: { uid: string }
  status: {
    phase?: string
    reason?: string
    message?: string
    conditions?: { type: string }[]
    containerStatuses?: ContainerStatus[]
  }
}

const rest = 'trap "exit 0" TERM; while :; do sleep 0.2; done'
const main = (script: string, more: object = {}) => ({ name: 'main', image, command: ['sh', '-c', script], ...more })

const pods = new ClusterPods<Pod>(cluster, 90_000)
const text = async (path: string): Promise<string> => (await cluster.api.send({ path })).text

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  await configureKubelet(cluster, node, { containerLogMaxSize: '20Ki', containerLogMaxFiles: 3, volumeStatsAggPeriod: '1s' })
  const limited = (limit: string) => ({ resources: { limits: { 'ephemeral-storage': limit } } })
  const write = `head -c 3000000 /dev/zero > /file; ${rest}`
  await pods.create('over-container', { containers: [main(write, limited('1Mi')), { ...main(rest, limited('50Mi')), name: 'other' }] })
  await pods.create('over-pod', { containers: [main(write, limited('2M'))] })
  await pods.create('over-hosts', { containers: [main(`head -c 3000000 /dev/zero >> /etc/hosts; ${rest}`, limited('1Mi'))] })
  await pods.create('over-logs', {
    containers: [main(`for i in $(seq 1 2000); do echo "a line that is forty characters long....."; done; ${rest}`, limited('40Ki'))],
  })
  await pods.create('over-volume', {
    containers: [
      main(`head -c 3000000 /dev/zero > /scratch/file; ${rest}`, { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }),
    ],
    volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
  })
  await pods.create('within', {
    containers: [
      main(`head -c 500000 /dev/zero > /file; ${rest}`, { ...limited('2Mi'), volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }),
    ],
    volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
  })
  await pods.create('chatty', {
    containers: [
      main(
        `for i in $(seq 1 3000); do echo "line $i of many that fill the log"; done; until [ -e /go ]; do sleep 0.1; done; echo a word of complaint >&2; ${rest}`,
      ),
    ],
  })
})
after(async () => {
  if (!skip) await cluster.down()
})

test('figures of a pod: processor, memory, files, volumes, network', { skip }, async () => {
  await pods.inPhase('within', 'Running')
  const summary = await eventually('the writable layer to be counted', 60_000, async () => {
    const all = JSON.parse(await text(`${proxy}/stats/summary`))
    const found = all.pods.find((each: { podRef: { name: string } }) => each.podRef.name === 'within')
    return found?.containers[0]?.rootfs?.usedBytes > 400_000 ? { ...all, found } : undefined
  }).catch(async (error: unknown) => {
    throw new Error(await text(`${proxy}/stats/summary`), { cause: error })
  })
  const { found, node: own } = summary
  const [container] = found.containers
  assert.ok(container.cpu.usageCoreNanoSeconds > 0 && container.memory.workingSetBytes > 0 && container.memory.usageBytes > 0)
  assert.ok(found.cpu.usageCoreNanoSeconds >= container.cpu.usageCoreNanoSeconds)
  assert.ok(container.rootfs.usedBytes < 1_000_000 && container.logs.capacityBytes > 0)
  assert.equal(found.network.name, 'eth0')
  assert.ok(found.process_stats.process_count >= 1)
  assert.ok(found['ephemeral-storage'].usedBytes >= container.rootfs.usedBytes)
  assert.deepEqual(
    found.volume
      .map(({ name }: { name: string }) => name)
      .sort()
      .at(-1),
    'scratch',
  )
  assert.ok(
    own.fs.availableBytes > 0 &&
      own.runtime.imageFs.usedBytes > 0 &&
      own.rlimit.maxpid > own.rlimit.curproc &&
      own.memory.availableBytes > 0,
  )
  assert.deepEqual(own.systemContainers.map(({ name }: { name: string }) => name).sort(), ['kubelet', 'pods'])
  const few = JSON.parse(await text(`${proxy}/stats/summary?only_cpu_and_memory=true`))
  assert.equal(few.node.fs, undefined)
})

test('the same figures as metrics', { skip }, async () => {
  const resource = await text(`${proxy}/metrics/resource`)
  assert.match(resource, /^container_cpu_usage_seconds_total\{container="main",namespace="default",pod="within"\} [\d.]+ \d{13}$/m)
  assert.match(resource, /^pod_memory_working_set_bytes\{namespace="default",pod="within"\} \d+ \d{13}$/m)
  assert.match(resource, /^node_cpu_usage_seconds_total [\d.]+ \d{13}$/m)
  assert.match(resource, /^resource_scrape_error 0$/m)
  const cadvisor = await text(`${proxy}/metrics/cadvisor`)
  assert.match(cadvisor, /^container_memory_working_set_bytes\{container="main",id="\/kubepods\/.*namespace="default",pod="within"\} \d+/m)
  assert.match(cadvisor, /^container_network_receive_bytes_total\{.*pod="within",interface="eth0"\} \d+/m)
  assert.match(cadvisor, /^machine_cpu_cores\{.*\} \d+$/m)
  assert.equal(JSON.parse(await text(`${proxy}/configz`)).kubeletconfig.evictionPressureTransitionPeriod, '5m0s')
})

for (const [name, message] of [
  ['over-volume', 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". '],
  ['over-pod', 'Pod ephemeral local storage usage exceeds the total limit of containers 2M. '],
  ['over-hosts', 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. '],
  ['over-logs', 'Pod ephemeral local storage usage exceeds the total limit of containers 40Ki. '],
  ['over-container', 'Container main exceeded its local ephemeral storage limit "1Mi". '],
] as const)
  test(`${name} is evicted`, { skip }, async () => {
    const { status } = await pods.inPhase(name, 'Failed')
    assert.deepEqual([status.reason, status.message], ['Evicted', message])
    assert.ok(!status.conditions?.some(({ type }) => type === 'DisruptionTarget'))
    const path = `${core}/events?fieldSelector=involvedObject.name%3D${name},reason%3DEvicted`
    const event = await eventually(
      'the event',
      60_000,
      async () => JSON.parse(await text(path)).items[0] as { type: string; message: string },
    )
    assert.deepEqual([event.type, event.message], ['Warning', message])
  })

test('a pod within its limits goes on', { skip }, async () => {
  const { status } = await pods.inPhase('within', 'Running')
  assert.equal(status.containerStatuses?.[0]?.restartCount, 0)
})

test('logs: bounded on the disk, in upstream’s places', { skip }, async () => {
  const { uid } = (await pods.inPhase('chatty', 'Running')).metadata
  const ends = async (word: string) => (await text(`${core}/pods/chatty/log?tailLines=1`)).startsWith(word)
  await eventually('the last line', 60_000, () => ends('line 3000'))
  // The two streams reach Docker by pipes of their own.
  await kubectl.ok('exec', 'chatty', '--', 'touch', '/go')
  await eventually('the complaint', 30_000, () => ends('a word'))
  const files = await cluster.inNode(
    node,
    'sh',
    '-c',
    `ls -l "$(dirname "$(readlink -f /var/log/pods/default_chatty_${uid}/main/0.log)")" | grep json.log`,
  )
  const sizes = files
    .trim()
    .split('\n')
    .map((line) => Number(line.split(/\s+/)[4]))
  assert.equal(sizes.length, 3)
  assert.ok(
    sizes.every((size) => size < 21 * 1024),
    `${sizes}`,
  )
  const link = await cluster.inNode(node, 'sh', '-c', 'readlink /var/log/containers/chatty_default_main-*.log')
  assert.equal(link.trim(), `/var/log/pods/default_chatty_${uid}/main/0.log`)
})

test('logs with kubectl', { skip }, async () => {
  const logs = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl.run(['logs', 'chatty', ...words])
    return code === 0 ? stdout : stderr
  }
  assert.equal(await logs('--tail=2'), 'line 3000 of many that fill the log\na word of complaint\n')
  assert.match(await logs('--tail=1', '--timestamps'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z a word of complaint\n$/)
  assert.equal((await logs('--limit-bytes=10')).length, 10)
  assert.equal(await logs('--since-time=2100-01-01T00:00:00Z'), '')
  assert.match(await logs('--since=1h', '--tail=1'), /complaint/)
  assert.match(await logs('--previous'), /previous terminated container "main" in pod "chatty" not found/)
})

test('restart counts and --previous, once dead containers were collected', { skip }, async () => {
  const once = `[ -e /scratch/again ] && { ${rest}; }; touch /scratch/again; echo the first life; exit 3`
  await pods.create('reborn', {
    containers: [main(once, { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] })],
    volumes: [{ name: 'scratch', emptyDir: {} }],
  })
  const restarted = (count: number) =>
    eventually(`${count} restarts`, 90_000, async () => {
      const status = (await pods.now('reborn'))?.status.containerStatuses?.[0]
      return status?.restartCount === count && status.state?.running ? status : undefined
    })
  const { containerID = '', lastState } = await restarted(1)
  assert.equal(await text(`${core}/pods/reborn/log?previous=true`), 'the first life\n')
  const dead = lastState?.terminated?.containerID ?? ''
  const docker = (...words: string[]) => cluster.inNode(node, 'docker', '-H', 'unix:///run/docker.sock', ...words)
  await docker('rm', dead.replace('docker://', ''))
  await eventually('the log to be gone', 30_000, async () =>
    (await text(`${core}/pods/reborn/log?previous=true`)).includes(
      'previous terminated container \\"main\\" in pod \\"reborn\\" not found',
    ),
  )
  await docker('rm', '-f', containerID.replace('docker://', ''))
  await restarted(2)
})

test('following over rotations with kubectl', { skip }, async () => {
  // Who reads may be a second behind: a file takes some 150 lines, and three of them are kept.
  const script =
    'for i in $(seq 1 900); do echo "line $i of a log that is rotated while it is read"; [ $((i % 100)) -ne 0 ] || sleep 0.5; done'
  await pods.create('followed', { restartPolicy: 'Never', containers: [main(script)] })
  await eventually('a first line', 60_000, async () => (await text(`${core}/pods/followed/log?limitBytes=10`)).startsWith('line'))
  const { stdout } = await kubectl.run(['logs', '-f', 'followed'])
  const numbers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => Number(/^line (\d+) of/.exec(line)?.[1]))
  const first = numbers[0] ?? 0
  assert.deepEqual(
    numbers,
    Array.from({ length: 900 - first + 1 }, (_, i) => first + i),
  )
})
