/** `npm start` after the bootstrap: certificates, control plane, nodes, example; each step safe to run again. */
import { chown, mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Progress, seconds } from '#deploy/bootstrap/progress.mjs'
import { ensureCertificates } from '#deploy/certificates/files.ts'
import { ensureNodeRoutesRole } from '#deploy/control-plane/roles.ts'
import { startControllers, startServer, waitApiserver, waitControllers, waitEtcd } from '#deploy/control-plane/start.ts'
import { applyExample, waitExample } from '#deploy/example/apply.ts'
import { exampleImage, makeExampleImage } from '#deploy/example/image.ts'
import { nodeTable, showExample } from '#deploy/example/show.ts'
import type { Journal } from '#deploy/machine/journal.ts'
import { cgroupHost } from '#deploy/node/cgroups.ts'
import { prepareHost, routePods } from '#deploy/node/host.ts'
import { type RunningNode, startNode, waitDocker } from '#deploy/node/lifecycle.ts'
import { type Bundles, bundlePrograms } from '#deploy/programs/bundle.ts'
import { ClusterApi } from './api.ts'
import { StartFailure } from './failure.ts'
import { checkNames, checkPorts } from './free.ts'
import type { Layout } from './layout.ts'
import { hasImage, loadArchive } from './load.ts'
import { writeRecord } from './record.ts'
import { placeOf, sqliteFolder } from './store.ts'

export interface Cluster {
  layout: Layout
  journal: Journal
  api: ClusterApi
  nodes: readonly RunningNode[]
  /** Date.now() before the nodes were started. */
  startedAt: number
}

interface NodeObject {
  metadata: { name: string }
  spec: { podCIDR?: string }
  status: { conditions?: { type: string; status: string; reason?: string; message?: string; lastHeartbeatTime?: string }[] }
}

/** Under sudo the kubeconfig belongs to the user who asked for the cluster. */
async function giveToUser(layout: Layout): Promise<void> {
  const [uid, gid] = [Number(process.env['SUDO_UID']), Number(process.env['SUDO_GID'])]
  if (Number.isInteger(uid) && Number.isInteger(gid)) await chown(layout.adminConf, uid, gid)
}

async function certificates(layout: Layout, progress: Progress): Promise<void> {
  const step = progress.step('Certificates')
  const made = await ensureCertificates(layout)
  await giveToUser(layout)
  step.done(made === 0 ? `all there, in ${layout.pki}` : `${made} made, in ${layout.pki}`)
}

interface Programs {
  layout: Layout
  bundles: Bundles
}

const withBundles = (layout: Layout, bundles: string | undefined): Layout => (bundles === undefined ? layout : { ...layout, bundles })

/** Nodes boot their dockerd while the control plane starts; kubelets follow when the API server answers. */
async function machines({ layout, bundles }: Programs, journal: Journal, progress: Progress): Promise<Cluster> {
  const step = progress.step('Control plane')
  await prepareHost(layout, journal)
  step.update('its programs')
  const server = withBundles(layout, await bundles.server)
  const startedAt = Date.now()
  const started = [...(await startServer(server, journal))]
  const cgroups = await cgroupHost()
  const starting = Promise.all(layout.nodes.map((node) => startNode(layout, node, journal, cgroups)))
  // A node that fails is reported below, where the nodes are waited for.
  starting.catch(() => undefined)
  const api = new ClusterApi(layout)
  step.update('its store')
  await waitEtcd(layout)
  step.update('kube-apiserver')
  await waitApiserver(layout, api)
  await ensureNodeRoutesRole(api)
  const nodes = await starting
  const clients = withBundles(layout, await bundles.clients)
  started.push(...(await startControllers(clients, journal)))
  for (const node of nodes) await node.release(clients)
  step.update('kube-controller-manager, kube-scheduler')
  await waitControllers(layout)
  const address = `https://127.0.0.1:${layout.ports.apiserver}`
  step.done(started.length === 0 ? `runs already, ${address}` : `${started.join(', ')} on ${address}`)
  return { layout, journal, api, nodes, startedAt }
}

/** `since`: a word from before that is of the node's earlier life. Heartbeats have whole seconds. */
function isReady(node: NodeObject | undefined, since: number): boolean {
  const ready = node?.status.conditions?.find((condition) => condition.type === 'Ready')
  return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime ?? '') + 999 >= since
}

async function waitNodesReady(cluster: Cluster, say: (text: string) => void): Promise<void> {
  const { layout, api } = cluster
  const deadline = Date.now() + 60_000
  const ready = (node: NodeObject | undefined) => {
    const running = cluster.nodes.find((candidate) => candidate.node.name === node?.metadata.name)
    return isReady(node, running?.started ? cluster.startedAt : 0)
  }
  for (;;) {
    const list = await api.get<{ items: NodeObject[] }>('/api/v1/nodes')
    const found = layout.nodes.map((node) => list?.items.find((item) => item.metadata.name === node.name))
    if (found.every((node) => ready(node) && node?.spec.podCIDR)) {
      const cidrs = found.flatMap((node) => (node?.spec.podCIDR ? [[node.metadata.name, node.spec.podCIDR] as const] : []))
      await routePods(layout, new Map(cidrs), cluster.journal)
      return
    }
    const waiting = layout.nodes.filter((_, index) => !ready(found[index])).map((node) => node.name)
    say(`waiting for ${waiting.join(', ') || 'pod networks'}`)
    if (Date.now() > deadline) {
      const late = found.find((node) => !ready(node))
      const condition = late?.status.conditions?.find(({ type }) => type === 'Ready')
      const name = waiting[0] ?? layout.nodes[0]?.name ?? ''
      throw new StartFailure(
        `${name} did not become Ready within 60 s`,
        condition
          ? `${condition.reason}: ${condition.message}`
          : late
            ? 'its kubelet has not reported yet'
            : 'it has not registered, or has no podCIDR',
        `less ${join(layout.logs, name, 'kubelet.log')}`,
      )
    }
    await sleep(50)
  }
}

async function nodes(cluster: Cluster, progress: Progress): Promise<void> {
  const step = progress.step('Nodes')
  step.update('dockerd')
  await Promise.all(cluster.nodes.map((node) => waitDocker(cluster.layout, node)))
  await waitNodesReady(cluster, step.update)
  const names = cluster.nodes.map(({ node, started }) => `${node.name} ${started ? 'ready' : 'runs already'} on ${node.address}`)
  step.done(names.join(', '))
}

async function loadExample(cluster: Cluster, making: Promise<string>): Promise<number> {
  const archive = await making
  const loaded = await Promise.all(
    cluster.nodes.map(async ({ first }) => {
      if (await hasImage(first, exampleImage)) return false
      await loadArchive(first, archive)
      return true
    }),
  )
  return loaded.filter(Boolean).length
}

async function example(cluster: Cluster, loading: Promise<number>, progress: Progress): Promise<void> {
  const step = progress.step('Example application')
  step.update(`image ${exampleImage}`)
  const loaded = await loading
  const made = await applyExample(cluster.api)
  await waitExample(cluster.api, step.update)
  const image = loaded > 0 ? `image made and loaded into ${loaded} nodes` : 'image was there'
  step.done(`${image}; ${made > 0 ? `${made} objects applied` : 'objects were there'}; its pods are available`)
}

async function answers(cluster: Cluster, progress: Progress): Promise<string> {
  const step = progress.step('Answers')
  const shown = await showExample(
    cluster.layout,
    cluster.api,
    cluster.nodes.map(({ first }) => first),
    step.update,
  )
  step.done('the pods take strict turns')
  for (const line of shown.lines) progress.line(`        ${line}`)
  return shown.url
}

/** What a user needs next: the nodes, where the application answers, how to talk to the cluster, and how to undo. */
async function farewell(cluster: Cluster, url: string | undefined, progress: Progress): Promise<void> {
  const { layout, api } = cluster
  const shown = relative(process.env['INIT_CWD'] ?? process.cwd(), layout.adminConf)
  const state = layout.options.state === join(layout.checkout, '.typernetes') ? '' : ` -- --state ${layout.state}`
  const lines = [
    '',
    await nodeTable(api),
    '',
    ...(url ? [`The example answers at ${url}`] : []),
    `Talk to the cluster:   export KUBECONFIG=${shown.startsWith('..') ? layout.adminConf : `$PWD/${shown}`}`,
    '',
    'Next:   kubectl get pods -A -o wide',
    ...(url
      ? ['        kubectl -n hello scale deployment hello --replicas 5', `        curl ${url}`]
      : ['        kubectl get nodes -o wide', '        kubectl cluster-info']),
    `Undo:   npm run stop${state}   (keeps its state)      npm run down${state}   (removes everything that start made)`,
    '',
    `Ready after ${progress.elapsed()}: ${progress
      .times()
      .map(({ title, ms }) => `${title.toLowerCase()} ${seconds(ms)}`)
      .join(', ')}`,
  ]
  for (const line of lines) progress.line(line)
}

export async function up(layout: Layout, journal: Journal, progress: Progress): Promise<Cluster> {
  await checkPorts(layout)
  await checkNames(layout, journal)
  await writeRecord(layout.options)
  if (placeOf(layout.options) === 'sqlite') await mkdir(sqliteFolder(layout.state), { recursive: true, mode: 0o700 })
  const bundles = bundlePrograms(layout.checkout)
  await certificates(layout, progress)
  const making = layout.options.example ? makeExampleImage(join(layout.state, 'example')) : undefined
  // Whoever waits for the image below hears of its failure; until then it is nobody's.
  making?.catch(() => undefined)
  const cluster = await machines({ layout, bundles }, journal, progress)
  const loading = making
    ? Promise.all(cluster.nodes.map((node) => waitDocker(layout, node))).then(() => loadExample(cluster, making))
    : undefined
  loading?.catch(() => undefined)
  await nodes(cluster, progress)
  let url: string | undefined
  if (loading) {
    await example(cluster, loading, progress)
    url = await answers(cluster, progress)
  }
  await farewell(cluster, url, progress)
  return cluster
}
