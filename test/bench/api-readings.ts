/** GET, LIST and watch delivery of the running API server, against a bare node:https server that sends the same bytes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Pods } from '#api/core/pod.ts'
import { loadKubeconfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import type { TestCluster } from '#test/harness/cluster.ts'
import { type LoadResult, load, type Target } from './load.ts'
import type { Row } from './report.ts'
import { cpuMs, percentile } from './usage.ts'

const namespace = 'bench'
const listed = 5000
const watchers = 200
const events = 200

export async function apiReadings(cluster: TestCluster, say: (text: string) => void): Promise<readonly Row[]> {
  const client = new Client(loadKubeconfig(cluster.layout.adminConf))
  const { pid } = await cluster.program('kube-apiserver')
  await client.raw('POST', '/api/v1/namespaces', {
    body: JSON.stringify({ metadata: { name: namespace } }),
    headers: { 'content-type': 'application/json' },
  })
  await accountOf(client)
  say(`filling ${listed} pods`)
  await inParallel(listed, 16, (i) => client.create(Pods, podOf(`filler-${i}`)))
  const rows: Row[] = []
  say('GET one pod')
  rows.push(
    await against(cluster, pid, {
      name: 'GET one pod, 50 connections',
      path: `/api/v1/namespaces/${namespace}/pods/filler-0`,
      connections: 50,
      requests: 15_000,
    }),
  )
  say(`LIST ${listed} pods`)
  rows.push(
    await against(cluster, pid, {
      name: `LIST ${listed} pods, 4 at once`,
      path: `/api/v1/namespaces/${namespace}/pods`,
      connections: 4,
      requests: 40,
    }),
  )
  say(`${watchers} watchers x ${events} events`)
  rows.push(await watchReading(client, pid))
  client.close()
  return rows
}

/** A pod as big as one of a real application, which no scheduler takes. */
function podOf(name: string) {
  const env = Array.from({ length: 40 }, (_, i) => ({ name: `SETTING_${i}`, value: `a value of some length for setting number ${i}` }))
  const container = (part: string) => ({
    name: part,
    image: `registry.example/team/${part}:1.2.3`,
    env,
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
  })
  return {
    metadata: { namespace, name, labels: { app: 'filler', tier: 'back' } },
    spec: { schedulerName: 'nobody', containers: [container('main')], terminationGracePeriodSeconds: 0 },
  }
}

async function accountOf(client: Client): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await client.raw('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the namespace never got its service account')
}

async function inParallel(count: number, width: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++)
    }),
  )
}

interface Probe {
  name: string
  path: string
  connections: number
  requests: number
}

async function measured(target: Target, pid: number, probe: Probe): Promise<LoadResult & { cpuUs: number }> {
  await load(target, probe.path, { ...probe, requests: Math.ceil(probe.requests / 10) }) // connections and code are warm then
  const before = cpuMs(pid)
  const result = await load(target, probe.path, probe)
  return { ...result, cpuUs: ((cpuMs(pid) - before) * 1000) / probe.requests }
}

/** Ours and the bare server in turns, the middle of three rounds each. */
async function against(cluster: TestCluster, pid: number, probe: Probe): Promise<Row> {
  const { pki, ports } = cluster.layout
  const tls = {
    ca: readFileSync(join(pki, 'ca.crt')),
    cert: readFileSync(join(pki, 'admin.crt')),
    key: readFileSync(join(pki, 'admin.key')),
  }
  const ours: Target = { ...tls, port: ports.apiserver }
  const folder = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const body = join(folder, 'body')
  const client = new Client(loadKubeconfig(cluster.layout.adminConf))
  await writeFile(body, (await client.raw('GET', probe.path, { timeoutMs: 60_000 })).body)
  client.close()
  const bare = spawn(
    process.execPath,
    [join(import.meta.dirname, 'bare-server.ts'), join(pki, 'apiserver.crt'), join(pki, 'apiserver.key'), join(pki, 'ca.crt'), body],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const [line] = (await once(bare.stdout, 'data')) as [Buffer]
    const floor: Target = { ...tls, port: Number(line.toString()) }
    const rounds: { ours: number; bare: number; rate: number; p50: number; bareRate: number }[] = []
    for (let round = 0; round < 3; round++) {
      const mine = await measured(ours, pid, probe)
      const theirs = await measured(floor, bare.pid ?? 0, probe)
      rounds.push({
        ours: mine.cpuUs,
        bare: theirs.cpuUs,
        rate: rateOf(mine),
        p50: percentile(mine.latenciesMs, 0.5),
        bareRate: rateOf(theirs),
      })
    }
    rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare)
    const middle = rounds[1] ?? rounds[0]
    if (!middle) throw new Error('no round ran')
    return {
      what: probe.name,
      ours: `${middle.ours.toFixed(0)} us CPU, ${middle.rate.toFixed(0)}/s, p50 ${middle.p50.toFixed(1)} ms`,
      peer: `bare node:https: ${middle.bare.toFixed(0)} us CPU, ${middle.bareRate.toFixed(0)}/s`,
      ratio: middle.ours / middle.bare,
    }
  } finally {
    bare.kill()
    await rm(folder, { recursive: true })
  }
}

const rateOf = (result: LoadResult): number => (result.requests * 1000) / result.wallMs

async function watchReading(client: Client, pid: number): Promise<Row> {
  const stop = new AbortController()
  let delivered = 0
  const { promise: all, resolve: done } = Promise.withResolvers<void>()
  const open: Promise<void>[] = []
  const { metadata } = await client.list(ConfigMaps, { namespace })
  for (let i = 0; i < watchers; i++) {
    const stream = await client.stream(
      `/api/v1/namespaces/${namespace}/configmaps?watch=true&resourceVersion=${metadata.resourceVersion}`,
      { signal: stop.signal },
    )
    open.push(
      (async () => {
        for await (const chunk of stream) {
          for (const byte of chunk) if (byte === 10) delivered++
          if (delivered >= watchers * events) done()
        }
      })().catch(() => undefined), // the abort below ends the stream
    )
  }
  const before = cpuMs(pid)
  const started = performance.now()
  await inParallel(events, 16, (i) =>
    client.create(ConfigMaps, { metadata: { namespace, name: `event-${i}` }, data: { value: 'x'.repeat(500) } }),
  )
  await all
  const wallMs = performance.now() - started
  const cpu = cpuMs(pid) - before
  stop.abort()
  await Promise.all(open)
  return {
    what: `watch, ${watchers} watchers x ${events} events (writes included)`,
    ours: `${((cpu * 1000) / delivered).toFixed(1)} us CPU a delivery, ${((delivered * 1000) / wallMs).toFixed(0)}/s`,
    peer: '',
    ratio: undefined,
  }
}
