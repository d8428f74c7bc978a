/** Many watches of the same pods: what a delivery costs the server, and how late it comes. */
import { request } from 'node:https'
import { drive } from './load.ts'
import type { Row } from './report.ts'
import { namespace, type Served } from './servers.ts'
import { cpuMs, percentile } from './usage.ts'

const watchers = 500
const events = 200
const mark = Buffer.from('seen-')
const newline = 0x0a

interface Delivered {
  cpuUs: number
  rate: number
  p99: number
  /** Watches that the server ended before all was delivered. */
  dropped: number
}

export async function watchReadings(ours: Served, upstream: Served | undefined): Promise<Row[]> {
  const mine = await delivered(ours)
  const theirs = upstream && (await delivered(upstream))
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

async function delivered(served: Served): Promise<Delivered> {
  const sentAt = new Map<string, number>()
  const latenciesMs: number[] = []
  const { promise: all, resolve } = Promise.withResolvers<void>()
  let missing = 0
  let dropped = 0
  const isAll = (): void => {
    if (latenciesMs.length + missing >= watchers * events) resolve()
  }
  const from = await versionOf(served)
  const opened = (): Promise<() => void> => {
    let taken = 0
    const seen = (id: string): void => {
      const sent = sentAt.get(id)
      if (sent === undefined) return
      latenciesMs.push(performance.now() - sent)
      taken++
    }
    const read = markReader(seen)
    const take = (chunk: Buffer): void => {
      read(chunk)
      isAll()
    }
    return watchOf(served, from, take, () => {
      if (taken >= events) return
      dropped++
      missing += events - taken
      isAll()
    })
  }
  const open = await Promise.all(Array.from({ length: watchers }, opened))
  const before = cpuMs(served.pid)
  const started = performance.now()
  await drive(served.target, { connections: 8, requests: events }, (i) => {
    sentAt.set(String(i), performance.now())
    const body = JSON.stringify({ status: { message: `${mark.toString()}${i}` } })
    return {
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}/pods/p-${i % 100}/status`,
      contentType: 'application/merge-patch+json',
      body,
    }
  })
  await all
  const wallMs = performance.now() - started
  const cpuUs = ((cpuMs(served.pid) - before) * 1000) / latenciesMs.length
  for (const close of open) close()
  return { cpuUs, rate: (latenciesMs.length * 1000) / wallMs, p99: percentile(latenciesMs, 0.99), dropped }
}

/**
 * Finds the mark of each event in what comes of a watch, in whatever pieces. All watchers share this process and its one core: strings and regular
 * expressions would take more time than the servers, and be what is measured.
 */
function markReader(seen: (id: string) => void): (chunk: Buffer) => void {
  let begun: Buffer | undefined
  return (chunk) => {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const part = chunk.subarray(start, end)
      const event = begun === undefined ? part : Buffer.concat([begun, part])
      // The status stands at the end of an object.
      const at = event.lastIndexOf(mark)
      if (at >= 0) seen(event.toString('latin1', at + mark.length, event.indexOf('"', at)))
      begun = undefined
      start = end + 1
    }
    if (start === chunk.length) return
    const rest = chunk.subarray(start)
    begun = begun === undefined ? rest : Buffer.concat([begun, rest])
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
async function watchOf({ target }: Served, from: string, take: (chunk: Buffer) => void, ended: () => void): Promise<() => void> {
  const { promise, resolve, reject } = Promise.withResolvers<() => void>()
  const path = `/api/v1/namespaces/${namespace}/pods?watch=true&resourceVersion=${from}`
  const headers = { authorization: `Bearer ${target.token}` }
  const asked = request({ host: '127.0.0.1', port: target.port, ca: target.ca, path, headers, agent: false }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`watch: ${response.statusCode}`))
    response.on('data', take).on('close', ended)
    response.on('error', () => undefined)
    resolve(() => asked.destroy())
  })
  asked.on('error', reject)
  asked.end()
  return await promise
}
