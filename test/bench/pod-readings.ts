/** Pods on real nodes, in turns with raw Docker: starts, restarts, deletions, many at once, and what a kubelet uses while they idle. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { docker, dockerOk } from '#deploy/machine/docker-socket.ts'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, type TestCluster } from '#test/harness/cluster.ts'
import { dockerMs, PodWatch, podManifest, restarts, runs } from './pod-watch.ts'
import { type RawDocker, type RawLife, rawDocker, timed } from './raw-docker.ts'
import type { Row } from './report.ts'
import { medians } from './rounds.ts'
import { cpuMs, percentile, pssMb } from './usage.ts'

const node = 'node-1'
const rounds = 30
const burstRounds = 5
const deploymentRounds = 3
const idleMs = 20_000

interface Life {
  start: number
  /** What of it was no call to Docker. */
  own: number
  restart: number
  gone: number
}

export async function podReadings(cluster: TestCluster, say: (text: string) => void): Promise<readonly Row[]> {
  await using raw = await rawDocker()
  const client = new Client(loadKubeconfig(cluster.layout.adminConf))
  const watch = await PodWatch.start(client)
  try {
    const bench = { cluster, client, watch, say }
    const rows = told(say)
    rows.push(...(await lifeReadings(bench, raw, 'pinned namespaces')))
    rows.push(...(await burstReadings(bench, raw)))
    rows.push(...(await deploymentReadings(bench, raw)))
    rows.push(...(await idleReadings(bench)))
    await usePauseContainers(cluster)
    rows.push(...(await lifeReadings(bench, raw, 'pause containers')).filter(({ what }) => what.startsWith('pod start')))
    return rows
  } finally {
    watch.stop()
    client.close()
  }
}

/** Rows that are told as they come: a reading takes minutes, and may not live to its end. */
function told(say: (text: string) => void): Row[] {
  const rows: Row[] = []
  const push = rows.push.bind(rows)
  rows.push = (...more) => {
    for (const { what, ours, peer, ratio } of more) say(`  ${what}: ${ours}${peer === '' ? '' : ` against ${peer}, ${ratio?.toFixed(2)}`}`)
    return push(...more)
  }
  return rows
}

interface Bench {
  cluster: TestCluster
  client: Client
  watch: PodWatch
  say: (text: string) => void
}

const peerNames: Readonly<Record<keyof RawLife, string>> = {
  createStart: 'docker create + start, bridge',
  startAgain: 'docker start',
  stopRemove: 'docker stop + rm',
}

async function lifeReadings(bench: Bench, peer: { life(): Promise<RawLife> }, sandboxes: string): Promise<Row[]> {
  const lives: Life[] = []
  const raw: RawLife[] = []
  await life(bench, 'warm-up')
  await peer.life()
  for (let round = 0; round < rounds; round++) {
    bench.say(`pod start with ${sandboxes}, round ${round + 1} of ${rounds}`)
    lives.push(await life(bench, `life-${round}`))
    raw.push(await peer.life())
  }
  const row = (what: string, share: number, [ours, theirs]: [keyof Life, keyof RawLife]): Row => {
    const own = percentile(
      lives.map((each) => each[ours]),
      share,
    )
    const other = percentile(
      raw.map((each) => each[theirs]),
      share,
    )
    const label = `p${share * 100} of ${rounds}`
    return {
      what: `${what}, ${label}`,
      ours: `${own.toFixed(0)} ms`,
      peer: `${peerNames[theirs]}: ${other.toFixed(0)} ms`,
      ratio: own / other,
    }
  }
  const start = (share: number): Row => row(`pod start (${sandboxes}), POST to Running seen`, share, ['start', 'createStart'])
  const own = (share: number): string =>
    `${percentile(
      lives.map((each) => each.own),
      share,
    ).toFixed(0)} ms`
  return [
    start(0.5),
    start(0.9),
    start(0.99),
    plain(`pod start (${sandboxes}), outside of Docker's create and start, p50; p99`, `${own(0.5)}; ${own(0.99)}`),
    row('container killed to running again', 0.5, ['restart', 'startAgain']),
    row('pod deleted to gone', 0.5, ['gone', 'stopRemove']),
  ]
}

async function life({ cluster, client, watch }: Bench, name: string): Promise<Life> {
  const socket = await cluster.docker(node)
  const dockerBefore = await dockerMs(cluster, node)
  const pods = watch.expect((pod) => pod.metadata.name === name && runs(pod))
  const start = await timed(async () => {
    await client.create(watch.resource, podManifest(name, node))
    await pods
  })
  const own = start - ((await dockerMs(cluster, node)) - dockerBefore)
  const [status] = (await pods).status.containerStatuses ?? []
  const again = watch.expect((pod) => pod.metadata.name === name && runs(pod) && restarts(pod) === 1)
  const restart = await timed(async () => {
    await dockerOk(socket, { method: 'POST', path: `/containers/${status?.containerID?.replace('docker://', '')}/kill` })
    await again
  })
  const ended = watch.expect((pod, type) => pod.metadata.name === name && type === 'DELETED')
  const gone = await timed(async () => {
    await client.delete(watch.resource, { namespace: watch.namespace, name })
    await ended
  })
  return { start, own, restart, gone }
}

/** From nothing to all of them running, and back. */
interface Many {
  ready: number
  gone: number
}

async function burstReadings(bench: Bench, raw: RawDocker): Promise<Row[]> {
  bench.say(`40 pods at once, ${burstRounds} rounds`)
  const { ours, four, eight } = await medians(burstRounds, {
    ours: () => burst(bench, 40),
    four: () => rawBurst([raw], 40, 4),
    eight: () => rawBurst([raw], 40, 8),
  })
  const best = Math.min(four.ready, eight.ready)
  return [
    seconds('40 pods at once on one node, all Running', ours.ready, 'docker create + start, at its best of 4 and 8 at once', best),
    plain('the same, deleted at once to gone', `${(ours.gone / 1000).toFixed(2)} s`),
  ]
}

async function burst({ client, watch }: Bench, count: number): Promise<Many> {
  const names = Array.from({ length: count }, (_, i) => `burst-${i}`)
  const all = Promise.all(names.map((name) => watch.expect((pod) => pod.metadata.name === name && runs(pod))))
  const ready = await timed(async () => {
    await Promise.all(names.map((name) => client.create(watch.resource, podManifest(name, node))))
    await all
  })
  const ended = Promise.all(names.map((name) => watch.expect((pod, type) => pod.metadata.name === name && type === 'DELETED')))
  const gone = await timed(async () => {
    await client.deleteCollection(watch.resource, { namespace: watch.namespace, labelSelector: 'bench=start' })
    await ended
  })
  return { ready, gone }
}

/** Shared evenly by the daemons, `atOnce` in the making in all. */
async function rawBurst(daemons: readonly RawDocker[], count: number, atOnce: number): Promise<{ ready: number }> {
  const [each, atOnceEach] = [count / daemons.length, atOnce / daemons.length]
  let ids: (readonly string[])[] = []
  const ready = await timed(async () => {
    ids = await Promise.all(daemons.map((daemon) => daemon.start(each, atOnceEach)))
  })
  await Promise.all(daemons.map((daemon, i) => daemon.remove(ids[i] ?? [])))
  return { ready }
}

async function deploymentReadings(bench: Bench, raw: RawDocker): Promise<Row[]> {
  bench.say(`a Deployment of 40, ${deploymentRounds} rounds`)
  const forty = await medians(deploymentRounds, {
    ours: (round) => deployment(bench, `forty-${round}`, 40, node),
    swarm: async () => ({ ready: await raw.service(40) }),
  })
  bench.say(`a Deployment of 100, ${deploymentRounds} rounds`)
  await using second = await rawDocker()
  const hundred = await medians(deploymentRounds, {
    ours: (round) => deployment(bench, `hundred-${round}`, 100),
    raw: () => rawBurst([raw, second], 100, 8),
  })
  return [
    seconds('Deployment of 40 on one node, all Ready', forty.ours.ready, 'Swarm service of 40', forty.swarm.ready),
    seconds(
      'Deployment of 100 over two nodes, all Ready',
      hundred.ours.ready,
      'docker create + start, 4 at once on each of two',
      hundred.raw.ready,
    ),
    plain('the same, 100 to 0', `${(hundred.ours.gone / 1000).toFixed(2)} s`),
  ]
}

async function deployment({ cluster, watch }: Bench, name: string, count: number, onNode?: string): Promise<Many> {
  const path = `/apis/apps/v1/namespaces/${watch.namespace}/deployments`
  const send = async (method: 'POST' | 'PATCH' | 'DELETE', at: string, body?: object): Promise<void> => {
    const contentType = method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}
    const { status, text } = await cluster.api.send({ method, path: at, body, ...contentType })
    if (status >= 300) throw new Error(text)
  }
  const { metadata, spec } = podManifest(name, onNode)
  const labels = { app: name }
  const ready = await timed(async () => {
    const template = { metadata: { labels: { ...metadata.labels, ...labels } }, spec }
    await send('POST', path, { metadata: { name }, spec: { replicas: count, selector: { matchLabels: labels }, template } })
    await eventually(`${count} ready`, 120_000, async () => {
      const found = await cluster.api.get<{ status?: { readyReplicas?: number } }>(`${path}/${name}`)
      return found?.status?.readyReplicas === count
    })
  })
  const gone = await timed(async () => {
    await send('PATCH', `${path}/${name}`, { spec: { replicas: 0 } })
    // One is enough to tell, and looking must not cost what is measured.
    const selected = `/api/v1/namespaces/${watch.namespace}/pods?labelSelector=app%3D${name}&limit=1`
    await eventually('none left', 120_000, async () => (await cluster.api.get<{ items: Pod[] }>(selected))?.items.length === 0)
  })
  await send('DELETE', `${path}/${name}`)
  return { ready, gone }
}

/** CPU and memory of a kubelet with nothing to do but to look after pods. */
async function idleReadings(bench: Bench): Promise<Row[]> {
  const { cluster, client, watch, say } = bench
  const rows: Row[] = []
  let there = 0
  for (const count of [0, 40, 100]) {
    say(`a kubelet with ${count} idle pods`)
    const names = Array.from({ length: count - there }, (_, i) => `idle-${there + i}`)
    const all = Promise.all(names.map((name) => watch.expect((pod) => pod.metadata.name === name && runs(pod))))
    await Promise.all(names.map((name) => client.create(watch.resource, podManifest(name, node))))
    await all
    there = count
    // Events and garbage of the starts are to be over.
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    const { pid } = await cluster.program('kubelet', node)
    const before = cpuMs(pid)
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const share = ((cpuMs(pid) - before) / idleMs) * 100
    rows.push(plain(`kubelet with ${count} idle pods: CPU; memory (PSS)`, `${share.toFixed(2)} % of a core; ${pssMb(pid).toFixed(0)} MB`))
  }
  await client.deleteCollection(watch.resource, { namespace: watch.namespace, labelSelector: 'bench=start', gracePeriodSeconds: 0 })
  const path = `/api/v1/namespaces/${watch.namespace}/pods`
  await eventually('no pods', 120_000, async () => (await cluster.api.get<{ items: Pod[] }>(path))?.items.length === 0)
  return rows
}

/** Takes the runtime wrapper away from the node's dockerd. */
async function usePauseContainers(cluster: TestCluster): Promise<void> {
  const file = join(cluster.node(node).folder, 'dockerd.json')
  const { runtimes: _, ...config } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  await writeFile(file, JSON.stringify(config))
  for (const name of ['dockerd', 'kubelet']) {
    const before = await cluster.ends(name, node)
    await signalProcess(await cluster.program(name, node), 'SIGTERM')
    await eventually(`another ${name}`, 30_000, async () => (await cluster.ends(name, node)) > before)
    const socket = await cluster.docker(node)
    await eventually('dockerd', 30_000, async () => (await docker(socket, { method: 'GET', path: '/_ping' })).status === 200)
  }
  await eventually('the kubelet', 30_000, async () => (await dockerMs(cluster, node)) >= 0)
}

const plain = (what: string, ours: string): Row => ({ what, ours, peer: '', ratio: undefined })
const seconds = (what: string, ours: number, peerName: string, peer: number): Row => ({
  what,
  ours: `${(ours / 1000).toFixed(2)} s`,
  peer: `${peerName}: ${(peer / 1000).toFixed(2)} s`,
  ratio: ours / peer,
})
