/** Curls the example through its ClusterIP from inside the cluster and its NodePort from the host, and says which pods answered. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterApi } from '#deploy/cluster/api.ts'
import { StartFailure } from '#deploy/cluster/failure.ts'
import type { Layout } from '#deploy/cluster/layout.ts'
import { dockerOk } from '#deploy/machine/docker-socket.ts'
import type { ProcessIdentity } from '#deploy/machine/processes.ts'
import { dockerSocket } from '#deploy/node/lifecycle.ts'
import { ask, podOf, tookTurns } from './turns.ts'

interface ServiceObject {
  spec: { clusterIP?: string; ports?: { port: number; nodePort?: number }[] }
}

export interface Shown {
  url: string
  lines: readonly string[]
}

/** Runs a command in the network and file system of a running pod of the example on this node: what the pod itself would see. */
async function inPod(first: ProcessIdentity, argv: readonly string[]): Promise<string> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['io.kubernetes.pod.namespace=hello'], status: ['running'] }))
  const list = JSON.parse(
    (await dockerOk(dockerSocket(first), { method: 'GET', path: `/containers/json?filters=${filters}` })).toString(),
  ) as { Id: string }[]
  const id = list[0]?.Id
  if (!id) throw new Error('no container of the example runs on this node')
  const exec = JSON.parse(
    (
      await dockerOk(dockerSocket(first), {
        method: 'POST',
        path: `/containers/${id}/exec`,
        body: Buffer.from(JSON.stringify({ AttachStdout: true, Tty: true, Cmd: argv })),
      })
    ).toString(),
  ) as { Id: string }
  const output = await dockerOk(dockerSocket(first), {
    method: 'POST',
    path: `/exec/${exec.Id}/start`,
    body: Buffer.from(JSON.stringify({ Detach: false, Tty: true })),
  })
  return output.toString()
}

/** Rules follow an endpoint by a moment: asks until every one of `pods` answers in strict turns, or gives up after 30 s with the last answers. */
async function untilTurns(what: string, pods: number, askAll: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = Date.now() + 30_000
  let problem = 'no answer'
  while (Date.now() < deadline) {
    try {
      const answers = (await askAll()).map(podOf)
      if (tookTurns(answers) && new Set(answers).size === pods) return answers
      problem = `the answers came from ${answers.join(', ')}`
    } catch (error) {
      problem = (error as Error).message
    }
    await sleep(100)
  }
  throw new StartFailure(
    `${what} does not lead to ${pods} pods in turn`,
    problem,
    'kubectl -n hello get pods,services,endpointslices -o wide',
  )
}

const rounds = 2

export async function showExample(
  layout: Layout,
  api: ClusterApi,
  nodes: readonly ProcessIdentity[],
  say: (text: string) => void,
): Promise<Shown> {
  const internal = await api.get<ServiceObject>('/api/v1/namespaces/hello/services/hello')
  const external = await api.get<ServiceObject>('/api/v1/namespaces/hello/services/hello-nodeport')
  const deployment = await api.get<{ spec: { replicas?: number } }>('/apis/apps/v1/namespaces/hello/deployments/hello')
  const clusterUrl = `http://${internal?.spec.clusterIP}:${internal?.spec.ports?.[0]?.port}/`
  const url = `http://${layout.nodes[0]?.address}:${external?.spec.ports?.[0]?.nodePort}/`
  const pods = deployment?.spec.replicas ?? 1
  const count = pods * rounds
  say(url)
  const fromHost = await untilTurns(url, pods, async () => {
    const answers: string[] = []
    for (let turn = 0; turn < count; turn += 1) answers.push(await ask(url))
    return answers
  })
  say(clusterUrl)
  const script = `for i in $(seq ${count}); do fetch ${clusterUrl} || exit 1; done`
  const fromPod = await untilTurns(clusterUrl, pods, async () => {
    const first = nodes[0]
    if (!first) throw new Error('no node runs')
    return (await inPod(first, ['sh', '-c', script])).split(/\r?\n/).filter(Boolean)
  })
  const turns = (answers: readonly string[]) => answers.map((pod) => pod.replace(/^hello-\w+-/, '')).join(' ')
  return {
    url,
    lines: [`${url} (NodePort, from this machine): ${turns(fromHost)}`, `${clusterUrl} (ClusterIP, from a pod): ${turns(fromPod)}`],
  }
}

/** `kubectl get nodes` with the address, from the server's own table. */
export async function nodeTable(api: ClusterApi): Promise<string> {
  const reply = await api.send({ path: '/api/v1/nodes', accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })
  const table = JSON.parse(reply.text) as { columnDefinitions?: { name: string; priority: number }[]; rows?: { cells: unknown[] }[] }
  if (!table.columnDefinitions || !table.rows) throw new Error(`the API server answered no table of nodes: ${reply.text.slice(0, 200)}`)
  const shown = table.columnDefinitions
    .map((column, index) => ({ ...column, index }))
    .filter((column) => column.priority === 0 || column.name === 'Internal-IP')
  const lines = [
    shown.map((column) => column.name.toUpperCase()),
    ...table.rows.map((row) => shown.map((column) => String(row.cells[column.index]))),
  ]
  const widths = shown.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}
