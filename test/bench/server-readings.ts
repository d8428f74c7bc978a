/** Our API server on both stores beside upstream's and beside a bare node:https server, with the same requests in turns. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtcdStorage } from '#apiserver/storage/etcd.ts'
import { type Asked, drive, type LoadOptions, type Target } from './load.ts'
import type { Row } from './report.ts'
import { medians } from './rounds.ts'
import { makeCertificates, namespace, type Served, startServed } from './servers.ts'
import { cpuMs, percentile, pssMb } from './usage.ts'
import { watchReadings } from './watch-reading.ts'

const pods = 10_000
const rounds = 3
/** Rounds of reads that do not count: code and connections are warm after them. */
const warmUps = 1
const podPath = (rest = ''): string => `/api/v1/namespaces/${namespace}/pods${rest}`
const accepts = {
  JSON: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf',
  Table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
} as const
const cells = (['JSON', 'protobuf', 'Table'] as const).flatMap((form) => (['h1', 'h2'] as const).map((protocol) => ({ form, protocol })))

interface Reading {
  cpuUs: number
  /** Of server and store. */
  totalUs: number
  rate: number
  p50: number
}

interface Probe extends LoadOptions {
  nth: (i: number) => Asked
}

const usedBy = ({ pid, storePid }: Served): { own: number; all: number } => {
  const own = cpuMs(pid)
  return { own, all: own + (storePid === undefined ? 0 : cpuMs(storePid)) }
}

async function read(served: Served, probe: Probe): Promise<Reading> {
  let before = usedBy(served)
  const began = (): void => {
    before = usedBy(served)
  }
  const result = await drive(served.target, { ...probe, began }, probe.nth)
  const after = usedBy(served)
  return {
    cpuUs: ((after.own - before.own) * 1000) / probe.requests,
    totalUs: ((after.all - before.all) * 1000) / probe.requests,
    rate: (probe.requests * 1000) / result.wallMs,
    p50: percentile(result.latenciesMs, 0.5),
  }
}

const shown = (reading: Reading): string =>
  `${reading.cpuUs.toFixed(0)} us CPU, ${reading.rate.toFixed(0)}/s, p50 ${reading.p50.toFixed(1)} ms`

/** The worst cell of form and protocol is the figure. */
async function worstCell(
  what: string,
  ours: Served,
  peer: Served,
  probe: Omit<Probe, 'nth' | 'protocol'> & { path: string; rounds: number },
): Promise<Row> {
  let worst: Row | undefined
  for (const { form, protocol } of cells) {
    const cell: Probe = { ...probe, protocol, nth: () => ({ method: 'GET', path: probe.path, accept: accepts[form] }) }
    const { mine, theirs } = await medians(probe.rounds, { mine: () => read(ours, cell), theirs: () => read(peer, cell) }, warmUps)
    const row = {
      what: `${what} (worst: ${form}, ${protocol})`,
      ours: shown(mine),
      peer: `kube-apiserver: ${shown(theirs)}`,
      ratio: mine.cpuUs / theirs.cpuUs,
    }
    if (!worst || (row.ratio ?? 0) > (worst.ratio ?? 0)) worst = row
  }
  if (!worst) throw new Error('no cell')
  return worst
}

function podOf(i: number): string {
  const resources = { requests: { cpu: '100m', memory: '500Mi' }, limits: { cpu: '100m', memory: '500Mi' } }
  const env = [
    { name: 'A', value: 'b' },
    { name: 'C', value: 'd' },
  ]
  const labels = { app: 'bench', tier: 'web', ...(i % (pods / 10) === 0 ? { picked: 'yes' } : {}) }
  const metadata = { name: `p-${i}`, namespace, labels, annotations: { 'bench/padding': 'x'.repeat(800) } }
  const spec = { schedulerName: 'none', containers: [{ name: 'c', image: 'pause', ports: [{ containerPort: 80 }], env, resources }] }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
}

const creating = (first: number, requests: number): Probe => ({
  connections: 64,
  requests,
  nth: (i) => ({ method: 'POST', path: podPath(), contentType: 'application/json', body: podOf(first + i) }),
})
const patching: Probe = {
  connections: 64,
  requests: 2000,
  nth: (i) => ({
    method: 'PATCH',
    path: podPath(`/p-${i % 2000}/status`),
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ status: { message: `m${i}` } }),
  }),
}

interface Writes {
  create: Reading
  patch: Reading
}

interface Servers {
  ours: Served
  sqlite: Served
  upstream: Served | undefined
}

/** Creates all pods on each, in rounds, and patches some. */
async function writeReadings({ ours, sqlite, upstream }: Servers): Promise<{ ours: Writes; sqlite: Writes; upstream: Writes | undefined }> {
  const ofEach = (probe: (round: number) => Probe) =>
    medians(rounds, {
      ours: (round) => read(ours, probe(round)),
      sqlite: (round) => read(sqlite, probe(round)),
      upstream: upstream && ((round: number) => read(upstream, probe(round))),
    })
  const first = 1000
  for (const served of [ours, sqlite, upstream]) if (served) await read(served, creating(0, first))
  const each = (pods - first) / rounds
  const create = await ofEach((round) => creating(first + round * each, each))
  const patch = await ofEach(() => patching)
  return {
    ours: { create: create.ours, patch: patch.ours },
    sqlite: { create: create.sqlite, patch: patch.sqlite },
    upstream: create.upstream && patch.upstream && { create: create.upstream, patch: patch.upstream },
  }
}

function writeRows(ours: Writes, sqlite: Writes, upstream: Writes | undefined, rawPuts: number): Row[] {
  const rows: Row[] = []
  for (const [name, verb] of [
    ['create pod', 'create'],
    ['PATCH pod status', 'patch'],
  ] as const) {
    const [mine, embedded, theirs] = [ours[verb], sqlite[verb], upstream?.[verb]]
    const what = `${name}, 64 in flight`
    rows.push({
      what: `${what}, etcd: CPU`,
      ours: shown(mine),
      peer: theirs ? `kube-apiserver: ${shown(theirs)}` : '',
      ratio: theirs && mine.cpuUs / theirs.cpuUs,
    })
    if (theirs)
      rows.push({
        what: `${what}, etcd: throughput`,
        ours: `${mine.rate.toFixed(0)}/s`,
        peer: `kube-apiserver: ${theirs.rate.toFixed(0)}/s`,
        ratio: mine.rate / theirs.rate,
      })
    rows.push({
      what: `${what}, SQLite: throughput`,
      ours: shown(embedded),
      peer: `ours on etcd: ${mine.rate.toFixed(0)}/s`,
      ratio: embedded.rate / mine.rate,
    })
    if (theirs)
      rows.push({
        what: `${what}, SQLite: CPU of server and store`,
        ours: `${embedded.totalUs.toFixed(0)} us`,
        peer: `kube-apiserver and etcd: ${theirs.totalUs.toFixed(0)} us`,
        ratio: embedded.totalUs / theirs.totalUs,
      })
  }
  rows.push({
    what: 'create pod, etcd: throughput',
    ours: `${ours.create.rate.toFixed(0)}/s`,
    peer: `raw puts of the same bytes: ${rawPuts.toFixed(0)}/s`,
    ratio: ours.create.rate / rawPuts,
  })
  return rows
}

/** Puts a second of a pod's stored size, 64 in flight, from this process. */
async function rawPutRate(endpoint: string): Promise<number> {
  const storage = new EtcdStorage({ endpoints: [endpoint], maxWrites: 64 })
  const value = Buffer.alloc(3400, 120)
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < 6000) await storage.commit([{ verb: 'put', key: `/raw/${next++ % 2000}`, value, expect: 'any' }])
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: 64 }, writer))
  const rate = (6000 * 1000) / (performance.now() - started)
  await storage.close()
  return rate
}

async function bodyOf(target: Target, path: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  request({ ...target, host: '127.0.0.1', path, headers: { authorization: `Bearer ${target.token}` } }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('end', () => resolve(Buffer.concat(parts)))
  })
    .on('error', reject)
    .end()
  return await promise
}

/** Against a server that does nothing but send the same bytes. */
async function againstBare(what: string, ours: Served, probe: Omit<Probe, 'nth'> & { path: string }): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const body = join(folder, 'body')
  await writeFile(body, await bodyOf(ours.target, probe.path))
  const file = (name: string): string => join(ours.certificates.folder, name)
  const argv = [join(import.meta.dirname, 'bare-server.ts'), file('server.crt'), file('server.key'), file('ca.crt'), body]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const bare: Served = { ...ours, target: { ...ours.target, port: Number(line.toString()) }, pid: child.pid ?? 0, storePid: undefined }
    const asking: Probe = { ...probe, nth: () => ({ method: 'GET', path: probe.path }) }
    const { mine, theirs } = await medians(rounds, { mine: () => read(ours, asking), theirs: () => read(bare, asking) }, warmUps)
    return { what, ours: shown(mine), peer: `bare node:https: ${shown(theirs)}`, ratio: mine.cpuUs / theirs.cpuUs }
  } finally {
    child.kill()
    await rm(folder, { recursive: true })
  }
}

const get = { connections: 50, requests: 4000, path: podPath('/p-7'), rounds }
/** A round of upstream's takes seconds. */
const list = { connections: 4, requests: 12, path: podPath(), rounds: 1 }

async function readRows(ours: Served, upstream: Served | undefined, say: (text: string) => void): Promise<Row[]> {
  say('GET and LIST beside a bare server')
  const rows = [
    await againstBare('GET one pod, 50 connections', ours, { ...get, requests: 10_000 }),
    await againstBare(`LIST ${pods} pods, 4 at once`, ours, list),
  ]
  if (!upstream) return rows
  say('GET and LIST beside upstream, in every form')
  rows.push(await worstCell('GET one pod, 50 connections', ours, upstream, get))
  rows.push(await worstCell(`LIST ${pods} pods, 4 at once`, ours, upstream, list))
  for (const [what, selector] of [
    ['nothing', 'app%3Dnone'],
    [`10 of ${pods}`, 'picked%3Dyes'],
  ] as const) {
    const path = podPath(`?labelSelector=${selector}`)
    rows.push(await worstCell(`LIST, selector that matches ${what}`, ours, upstream, { connections: 8, requests: 400, path, rounds }))
  }
  return rows
}

const memoryRow = (what: string, ours: number, upstream: number | undefined): Row => ({
  what,
  ours: `${ours.toFixed(0)} MB`,
  peer: upstream === undefined ? '' : `kube-apiserver: ${upstream.toFixed(0)} MB`,
  ratio: upstream && ours / upstream,
})

export async function serverReadings(say: (text: string) => void): Promise<readonly Row[]> {
  const oracle = process.env['TYPERNETES_ORACLE']
  if (oracle !== undefined) process.env['ETCD'] ??= join(oracle, 'etcd')
  await using certificates = await makeCertificates()
  say('API servers side by side')
  await using ours = await startServed('ours on etcd', certificates)
  await using sqlite = await startServed('ours on SQLite', certificates)
  await using upstream = oracle === undefined ? undefined : await startServed('kube-apiserver on etcd', certificates)
  await sleep(5000)
  const rows: Row[] = [
    {
      what: 'start to /readyz, etcd',
      ours: `${ours.readyMs.toFixed(0)} ms`,
      peer: upstream ? `kube-apiserver: ${upstream.readyMs.toFixed(0)} ms` : '',
      ratio: upstream && ours.readyMs / upstream.readyMs,
    },
    memoryRow('memory (PSS) idle, 1000 role bindings', pssMb(ours.pid), upstream && pssMb(upstream.pid)),
  ]
  say(`creating ${pods} pods on each, patching them`)
  const writes = await writeReadings({ ours, sqlite, upstream })
  rows.push(...writeRows(writes.ours, writes.sqlite, writes.upstream, await rawPutRate(ours.endpoint)))
  await sleep(5000)
  rows.push(memoryRow(`memory (PSS) with ${pods} pods`, pssMb(ours.pid), upstream && pssMb(upstream.pid)))
  rows.push(...(await readRows(ours, upstream, say)))
  say('watchers')
  rows.push(...(await watchReadings(ours, upstream)))
  return rows
}
