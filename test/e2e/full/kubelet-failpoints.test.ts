// The kubelet dies before and after every entry of its record of executors, enumerated from the code; what is there afterwards is compared with
// an undisturbed run: containers, namespaces, mounts, addresses, restart counts and events.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { docker, dockerOk } from '#deploy/machine/docker-socket.ts'
import { type ExecutorDeps, podExecutors } from '#kubelet/executors.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { core, mustSend } from '#test/harness/cluster-pods.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_660, '--nodes=1')
const node = 'node-1'
const image = 'typernetes.local/hello:1'
// The factories only close over what they are given, so that the record can be listed without a node.
const verbs = Object.keys(podExecutors({} as ExecutorDeps))

before(async () => {
  if (!skip) await cluster.mustRun('up')
})
after(async () => {
  if (!skip) await cluster.down()
})

function podManifest(name: string): unknown {
  return {
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      initContainers: [{ name: 'first', image, command: ['true'] }],
      containers: [
        {
          name: 'app',
          image,
          command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'],
          resources: { requests: { cpu: '10m' } },
          volumeMounts: [{ name: 'words', mountPath: '/words' }],
        },
      ],
      volumes: [{ name: 'words', configMap: { name } }],
    },
  }
}

interface PodObject {
  metadata: { uid: string }
  status: {
    phase?: string
    podIP?: string
    containerStatuses?: { restartCount: number; ready: boolean; containerID?: string; resources?: { requests?: { cpu?: string } } }[]
    initContainerStatuses?: { restartCount: number }[]
    conditions?: { type: string }[]
  }
}

async function lines(...argv: readonly string[]): Promise<readonly string[]> {
  return (await cluster.inNode(node, ...argv)).split('\n').filter(Boolean)
}

/** What of a pod is on the node. */
async function footprint(uid: string): Promise<Record<string, number>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`io.kubernetes.pod.uid=${uid}`] }))
  const socket = await cluster.docker(node)
  const containers = JSON.parse(
    (await dockerOk(socket, { method: 'GET', path: `/containers/json?all=1&filters=${filters}` })).toString(),
  ) as { State: string; Names: string[] }[]
  return {
    running: containers.filter((container) => container.State === 'running').length,
    mounts: (await lines('cat', '/proc/self/mounts')).filter((line) => line.includes(uid)).length,
    directories: (await lines('ls', '/var/lib/kubelet/pods')).filter((name) => name === uid).length,
  }
}

/** Network namespaces, addresses and cgroups of all pods on the node. */
async function shared(): Promise<Record<string, number>> {
  const cgroups = await lines('sh', '-c', 'find /sys/fs/cgroup -type d -name "pod????????-*" 2>/dev/null | grep -c pod || true')
  return {
    namespaces: (await lines('ls', '/run/netns')).length,
    addresses: (await lines('sh', '-c', 'ls /var/lib/cni/networks/*/ 2>/dev/null || true')).filter((name) =>
      /^\d+\.\d+\.\d+\.\d+$/.test(name),
    ).length,
    cgroups: Number(cgroups[0]),
  }
}

interface Told {
  alive: Record<string, number>
  restarts: readonly number[]
  after: Record<string, number>
  remains: Record<string, number>
}

/** One pod's whole life: start, a changed volume, other resources, a container that is killed, deletion. */
async function life(name: string): Promise<{ uid: string; told: Told }> {
  await mustSend(cluster, 'POST', `${core}/configmaps`, { metadata: { name }, data: { word: 'one' } })
  await mustSend(cluster, 'POST', `${core}/pods`, podManifest(name))
  const get = () => cluster.api.get<PodObject>(`${core}/pods/${name}`)
  const ready = (restarts: number) =>
    eventually(`${name} ready after ${restarts} restarts`, 60_000, async () => {
      const pod = await get()
      const status = pod?.status.containerStatuses?.[0]
      return status?.ready && status.restartCount >= restarts ? pod : undefined
    })
  const first = await ready(0)
  const { uid } = first.metadata
  const alive = { ...(await footprint(uid)) }
  await mustSend(cluster, 'PATCH', `${core}/configmaps/${name}`, { data: { word: 'two' } })
  const file = join(cluster.node(node).folder, 'kubelet/pods', uid, 'volumes/kubernetes.io~configmap/words/word')
  await eventually('the volume to show the change', 120_000, async () => (await readFile(file, 'utf8')) === 'two')
  const resized = { spec: { containers: [{ name: 'app', resources: { requests: { cpu: '20m' } } }] } }
  const contentType = 'application/strategic-merge-patch+json'
  const reply = await cluster.api.send({ method: 'PATCH', path: `${core}/pods/${name}/resize`, body: resized, contentType })
  assert.ok(reply.status < 300, reply.text)
  await eventually('the resize', 120_000, async () => {
    const { containerStatuses: [status] = [], conditions = [] } = (await get())?.status ?? {}
    return status?.resources?.requests?.cpu === '20m' && !conditions.some(({ type }) => type.startsWith('PodResize'))
  })
  const id = (await ready(0)).status.containerStatuses?.[0]?.containerID?.replace('docker://', '')
  await docker(await cluster.docker(node), { method: 'POST', path: `/containers/${id}/kill?signal=KILL` })
  const again = await ready(1)
  const restarts = [...(again.status.containerStatuses ?? []), ...(again.status.initContainerStatuses ?? [])].map(
    (status) => status.restartCount,
  )
  const after = await footprint(uid)
  await mustSend(cluster, 'DELETE', `${core}/pods/${name}`)
  await eventually(`${name} to be gone`, 60_000, async () => (await cluster.api.send({ path: `${core}/pods/${name}` })).status === 404)
  const gone = { running: 0, mounts: 0, directories: 0 }
  const remains = await eventually('nothing of it on the node', 60_000, async () => {
    const now = await footprint(uid)
    return JSON.stringify(now) === JSON.stringify(gone) ? now : undefined
  }).catch(() => footprint(uid))
  return { uid, told: { alive, restarts, after, remains } }
}

/** What was told of a pod. */
async function reasons(uid: string): Promise<readonly string[]> {
  const list = await cluster.api.get<{ items: { reason: string; involvedObject: { uid?: string } }[] }>(`${core}/events`)
  return [...new Set(list?.items.filter((event) => event.involvedObject.uid === uid).map((event) => event.reason))].sort()
}

async function readyAgain(): Promise<void> {
  await eventually('the node to be Ready', 60_000, async () => {
    const object = await cluster.api.get<{ status: { conditions: { type: string; status: string }[] } }>(`/api/v1/nodes/${node}`)
    return object?.status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  })
}

test('a kubelet killed at every step leaves what an undisturbed one leaves', { skip }, async (t) => {
  await readyAgain()
  const base = await shared()
  const undisturbed = await life('undisturbed')
  assert.deepEqual(undisturbed.told.remains, { running: 0, mounts: 0, directories: 0 })
  const usual = ['Created', 'Killing', 'MissingClusterDNS', 'Pulled', 'ResizeCompleted', 'ResizeStarted', 'Started']
  const allowed = await eventually('all that is told of an undisturbed life', 30_000, async () => {
    const told = await reasons(undisturbed.uid)
    return usual.every((reason) => told.includes(reason)) && told
  })
  const uids = new Map<string, string>()
  for (const verb of verbs) {
    for (const when of ['before', 'after']) {
      await t.test(`killed ${when} ${verb}`, async () => {
        const ends = await cluster.arm(`${when}:${verb}`, 'kubelet', node)
        await readyAgain()
        const { uid, told } = await life(`${when}-${verb}`.toLowerCase())
        uids.set(`killed ${when} ${verb}`, uid)
        // The life may be over before its supervisor has written the end of the kubelet down.
        const reached = async (): Promise<boolean> => (await cluster.ends('kubelet', node)) > ends
        await eventually(`${verb} to be reached (if it never is, the pod's life in this test has to be richer)`, 10_000, reached)
        assert.deepEqual(told, undisturbed.told)
      })
    }
  }
  // An event may be told twice or, between the deed and the word, not at all; no other kind of event may appear.
  for (const [name, uid] of uids) {
    const told = await reasons(uid)
    const others = told.filter((reason) => !allowed.includes(reason))
    assert.deepEqual(others, [], name)
    assert.ok(told.length > 0, `${name}: nothing was told`)
  }
  await eventually(
    'namespaces, addresses and cgroups as before',
    30_000,
    async () => JSON.stringify(await shared()) === JSON.stringify(base),
  ).catch(async () => {
    assert.deepEqual(await shared(), base)
  })
})
