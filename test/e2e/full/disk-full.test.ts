// A node on a disk of 600 MB that fills up: what nobody needs goes first, then the pod that uses most beyond what it asked for; the node says so, takes
// nothing meanwhile, and recovers by itself. And a container that writes a gigabyte of logs.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { ClusterPods, core } from '#test/harness/cluster-pods.ts'
import { configureKubelet, removeDisk, smallDisk } from '#test/harness/node-settings.ts'

const cluster = await TestCluster.prepare(24_500, '--nodes=1')
const node = 'node-1'
const image = 'typernetes.local/hello:1'
const skip = whyNoCluster() ?? ((await smallDisk(cluster, node, 600)) ? false : 'no file system can be mounted from a file here')
const mega = 1_000_000

interface Pod {
  metadata: { uid: string }
  status: {
    phase?: string
    reason?: string
    message?: string
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
    containerStatuses?: { restartCount: number }[]
  }
}
interface Node {
  spec: { taints?: { key: string; effect: string }[] }
  status: { conditions: { type: string; status: string; reason: string }[]; images: { names: string[] }[] }
}

const rest = 'trap "exit 0" TERM; while :; do sleep 0.2; done'

const pods = new ClusterPods<Pod>(cluster, 90_000)
const create = (name: string, script: string, { resources = {}, spec = {} }: { resources?: object; spec?: object } = {}): Promise<void> =>
  pods.create(name, { containers: [{ name: 'main', image, command: ['sh', '-c', script], resources }], ...spec })
const nodeNow = async (): Promise<Node> => (await cluster.api.get<Node>(`/api/v1/nodes/${node}`)) as Node
const underPressure = (status: 'True' | 'False') =>
  eventually(`DiskPressure ${status}`, 120_000, async () => {
    const found = await nodeNow()
    const condition = found.status.conditions.find(({ type }) => type === 'DiskPressure')
    const tainted = (found.spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/disk-pressure')
    return condition?.status === status && tainted === (status === 'True') ? condition : undefined
  })
const told = (name: string, reason: string): Promise<string> =>
  eventually(`the event ${reason} of ${name}`, 60_000, async () => {
    const path = `${core}/events?fieldSelector=involvedObject.name%3D${name},reason%3D${reason}`
    return JSON.parse((await cluster.api.send({ path })).text).items[0]?.message as string | undefined
  })
const leftBytes = async (): Promise<number> => {
  const { bavail, bsize } = await statfs(cluster.node(node).folder)
  return bavail * bsize
}

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  const folder = join(cluster.layout.state, 'unused')
  await mkdir(folder)
  await writeFile(join(folder, 'blob'), randomBytes(80 * mega))
  await cluster.mustRun('load', folder, '--name', 'unused:1')
  // What a kubelet sees as it starts is old enough to go soon.
  await configureKubelet(cluster, node, {
    evictionHard: { 'nodefs.available': '10%', 'imagefs.available': '15%' },
    evictionPressureTransitionPeriod: '3s',
    imageMinimumGCAge: '1s',
    containerLogMaxSize: '5Mi',
  })
  await create('finished', `head -c ${20 * mega} /dev/urandom > /file; echo done`, { spec: { restartPolicy: 'Never' } })
  await pods.inPhase('finished', 'Succeeded')
})
after(async () => {
  if (whyNoCluster() === undefined) await cluster.command('stop')
  await removeDisk(cluster, node)
  if (!skip) await cluster.down()
})

test('what nobody needs goes before any pod', { skip }, async () => {
  const fill = Math.floor((await leftBytes()) - 40 * mega)
  await create('holder', `head -c ${fill} /dev/zero > /file; ${rest}`, { resources: { requests: { 'ephemeral-storage': '500Mi' } } })
  await underPressure('True')
  await eventually('room again', 120_000, async () => (await leftBytes()) > 100 * mega)
  assert.equal(await told(node, 'EvictionThresholdMet'), 'Attempting to reclaim ephemeral-storage')
  await underPressure('False')
  assert.equal((await pods.now('holder'))?.status.phase, 'Running')
  assert.equal((await pods.now('finished'))?.status.phase, 'Succeeded')
  const log = await cluster.api.send({ path: `${core}/pods/finished/log` })
  assert.equal(log.status, 400)
  assert.match(log.text, /unable to retrieve container logs for docker:\/\/[0-9a-f]{64}/)
})

test('then the pod that uses more than it asked for, and the others go on', { skip }, async () => {
  const fill = Math.floor((await leftBytes()) - 40 * mega)
  await create('greedy', `head -c ${fill} /dev/zero > /file; ${rest}`)
  await underPressure('True')
  await create('refused', rest, { spec: { nodeName: node } })
  const refused = await pods.inPhase('refused', 'Failed')
  assert.deepEqual(
    [refused.status.reason, refused.status.message],
    ['Evicted', 'Pod was rejected: The node had condition: [DiskPressure]. '],
  )
  const { status } = await pods.inPhase('greedy', 'Failed')
  assert.equal(status.reason, 'Evicted')
  assert.match(
    status.message ?? '',
    /^The node was low on resource: ephemeral-storage\. Threshold quantity: \d+\w*, available: \d+\w*\. Container main was using \d+\w*, request is 0, has larger consumption of ephemeral-storage\. $/,
  )
  const disruption = status.conditions?.find(({ type }) => type === 'DisruptionTarget')
  assert.deepEqual([disruption?.status, disruption?.reason, disruption?.message], ['True', 'TerminationByKubelet', status.message])
  assert.equal(await told('greedy', 'Evicted'), status.message)
  await underPressure('False')
  assert.equal((await pods.now('holder'))?.status.containerStatuses?.[0]?.restartCount, 0)
  const { items } = JSON.parse((await cluster.api.send({ path: '/api/v1/namespaces/hello/pods' })).text) as { items: Pod[] }
  const states = items.map(({ status: { phase, message, containerStatuses } }) => [phase, message, containerStatuses?.[0]?.restartCount])
  assert.deepEqual(states, Array(3).fill(['Running', undefined, 0]))
})

test('a gigabyte of logs is a few files, and the node stays well', { skip }, async () => {
  await cluster.api.send({ method: 'DELETE', path: `${core}/pods/holder` })
  const line = 'x'.repeat(200)
  const script = `for i in $(seq 1 5000); do echo ${line}; done > /lines; for i in $(seq 1 1000); do cat /lines; done; echo over; ${rest}`
  await create('chatty', script)
  const { uid } = (await pods.inPhase('chatty', 'Running')).metadata
  const folder = `$(dirname "$(readlink -f /var/log/pods/default_chatty_${uid}/main/0.log)")`
  await eventually('several rotations', 120_000, async () => {
    const names = await cluster.inNode(node, 'sh', '-c', `ls ${folder}`)
    return names.split('\n').filter((name) => name.includes('json.log')).length === 5
  })
  for (let look = 0; look < 20; look += 1) {
    const kilobytes = Number((await cluster.inNode(node, 'sh', '-c', `du -sk ${folder}`)).split('\t')[0])
    assert.ok(kilobytes < 30 * 1024, `${kilobytes} KB of logs`)
    const { status } = await nodeNow()
    assert.equal(status.conditions.find(({ type }) => type === 'DiskPressure')?.status, 'False')
  }
  const last = (await cluster.api.send({ path: `${core}/pods/chatty/log?tailLines=1` })).text
  assert.match(last, /^(x+|over)\n$/)
})
