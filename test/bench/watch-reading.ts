/** Many watches of the same pods: what a delivery costs the server, and how late it comes. */
import { request } from 'node:https'
import { drive } from './load.ts'
import type { Row } from './report.ts'
import { inTurns, medianOf } from './rounds.ts'
import { namespace, type Served } from './servers.ts'
import { cpuMs, percentile } from './usage.ts'

const watchers = 500
const events = 200
const mark = 'seen-'
const longestMark = 16
const rounds = 3
/** Not counted: they bring the connections, which have only just shaken hands, to work. */
const warmUps = 16

interface Delivered {
  cpuUs: number
  rate: number
  p99: number
  /** Watches that the server ended before all was delivered. */
  dropped: number
}

export async function watchReadings(ours: Served, upstream: Served | undefined): Promise<Row[]> {
  const readings = await inTurns(rounds, { ours: () => delivered(ours), upstream: upstream && (() => delivered(upstream)) })
  const mine = ofRounds(readings.ours)
  const theirs = upstream && ofRounds(readings.upstream)
  const shown = ({ cpuUs, rate, p99, dropped }: Delivered): string =>
    `${cpuUs.toFixed(1)} us CPU, ${rate.toFixed(0)}/s, p99 ${p99.toFixed(0)} ms${dropped === 0 ? '' : `, ${dropped} dropped`}`
  const row = (what: string, ratio: number | undefined): Row => ({
    what: `watch, ${watchers} watchers x ${events} events, ${what}`,
    ours: shown(mine),
    peer: theirs ? `kube-apiserver: ${shown(theirs)}` : '',
    ratio,
  })
  return [
    row('CPU a delivery (patches included)', theirs && mine.cpuUs / theirs.cpuUs),
    row('p99 from sending the patch to its event', theirs && mine.p99 / theirs.p99),
  ]
}

/** Medians, but of what was dropped each round counts. */
function ofRounds(readings: readonly (Delivered | undefined)[]): Delivered {
  const all = readings.filter((reading) => reading !== undefined)
  return { ...medianOf(all), dropped: all.reduce((sum, { dropped }) => sum + dropped, 0) }
}

async function delivered(served: Served): Promise<Delivered> {
  const sentAt = new Map<string, number>()
  const latenciesMs: number[] = []
  let warmed = 0
  let dropped = 0
  const warm = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  const from = await versionOf(served)
  const look = (missing: number): void => {
    if (warmed >= watchers * warmUps || dropped > 0) warm.resolve()
    if (latenciesMs.length + missing >= watchers * events) all.resolve()
  }
  let missing = 0
  const opened = (): Promise<() => void> => {
    let taken = 0
    const read = markReader((id) => {
      const sent = sentAt.get(id)
      if (sent === undefined) {
        warmed++
        return
      }
      latenciesMs.push(performance.now() - sent)
      taken++
    })
    const take = (chunk: string): void => {
      read(chunk)
      look(missing)
    }
    return watchOf(served, from, take, () => {
      if (taken >= events) return
      dropped++
      missing += events - taken
      look(missing)
    })
  }
  const open = await Promise.all(Array.from({ length: watchers }, opened))
  await patch(served, warmUps, (i) => `warm-${i}`)
  await warm.promise
  const before = cpuMs(served.pid)
  const started = performance.now()
  await patch(served, events, (i) => {
    sentAt.set(String(i), performance.now())
    return String(i)
  })
  await all.promise
  const wallMs = performance.now() - started
  const cpuUs = ((cpuMs(served.pid) - before) * 1000) / latenciesMs.length
  for (const close of open) close()
  return { cpuUs, rate: (latenciesMs.length * 1000) / wallMs, p99: percentile(latenciesMs, 0.99), dropped }
}

/** So many patches of the status of a hundred pods; the nth carries a mark of its own. */
async function patch(served: Served, requests: number, markOf: (i: number) => string): Promise<void> {
  await drive(served.target, { connections: 8, requests }, (i) => ({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/p-${i % 100}/status`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ status: { message: `${mark}${markOf(i)}` } }),
  }))
}

/** Finds the marks in what comes of a watch, in whatever pieces. */
function markReader(seen: (id: string) => void): (chunk: string) => void {
  let begun = ''
  return (chunk) => {
    const text = begun + chunk
    let end = text.length - longestMark
    for (const found of text.matchAll(/seen-([^"]+)"/g)) {
      seen(found[1] ?? '')
      end = Math.max(end, found.index + found[0].length)
    }
    begun = text.slice(Math.max(0, end))
  }
}

async function versionOf({ target }: Served): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const path = `/api/v1/namespaces/${namespace}/pods?limit=1`
  request(
    { host: '127.0.0.1', port: target.port, ca: target.ca, path, headers: { authorization: `Bearer ${target.token}` } },
    (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve((JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion))
    },
  )
    .on('error', reject)
    .end()
  return await promise
}

/** Opens one watch from there on; resolves with what closes it. */
async function watchOf({ target }: Served, from: string, take: (chunk: string) => void, ended: () => void): Promise<() => void> {
  const { promise, resolve, reject } = Promise.withResolvers<() => void>()
  const path = `/api/v1/namespaces/${namespace}/pods?watch=true&resourceVersion=${from}`
  const headers = { authorization: `Bearer ${target.token}` }
  const asked = request({ host: '127.0.0.1', port: target.port, ca: target.ca, path, headers, agent: false }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`watch: ${response.statusCode}`))
    response.setEncoding('latin1').on('data', take).on('close', ended)
    response.on('error', () => undefined)
    resolve(() => asked.destroy())
  })
  asked.on('error', reject)
  asked.end()
  return await promise
}
