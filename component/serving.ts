/** The health and metrics port of a daemon: /healthz, /livez, /readyz (with ?verbose and single checks) and /metrics. */
import { createServer as createPlain, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { register } from 'prom-client'
import { type Runnable, StartupError } from './daemon.ts'
import { selfSigned } from './self-signed.ts'

/** Throws or rejects with the reason while it is not healthy. */
export type Check = () => void | Promise<void>

export interface HealthOptions {
  bindAddress: string
  /** 0 takes a free port; negative or absent serves nothing. */
  port: number
  /** HTTPS; without cert and key a self-signed certificate is made, as upstream does. Absent: plain HTTP. */
  tls?: { cert?: string; key?: string; clientCa?: string }
  livez: Readonly<Record<string, Check>>
  readyz: Readonly<Record<string, Check>>
  /** Over TLS only clients with a certificate of the cluster CA read the metrics. False: there are none at this port, for strangers reach it. */
  metrics?: (() => Promise<string>) | false
  /** Further paths that anybody may read, such as /proxyMode. */
  pages?: Readonly<Record<string, () => { status: number; body: string; contentType?: string }>>
}

/** The listener as a runnable; `port()` tells the port once it is started. */
export function healthServer(options: HealthOptions): Runnable & { started: Promise<void>; port(): number } {
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  let bound = options.port
  return {
    name: `health on ${options.bindAddress}:${options.port}`,
    started,
    port: () => bound,
    async run(signal) {
      const listener = handlerOf(options)
      const server = options.tls ? createTls(await tlsOptions(options.tls), listener) : createPlain(listener)
      const failed = new Promise<never>((_, fail) => {
        server.once('error', (error: NodeJS.ErrnoException) => fail(listenError(error, options)))
      })
      failed.catch(reject)
      server.listen(options.port, options.bindAddress, () => {
        bound = (server.address() as AddressInfo).port
        resolve()
      })
      const stopped = new Promise<void>((done) => {
        signal.addEventListener('abort', () => {
          server.close(() => done())
          server.closeAllConnections()
        })
      })
      await Promise.race([stopped, failed])
    },
  }
}

/** What to tell the user when a port cannot be had. */
export function listenError(error: NodeJS.ErrnoException, at: { bindAddress: string; port: number }): Error {
  const where = `${at.bindAddress}:${at.port}`
  if (error.code === 'EADDRINUSE')
    return new StartupError(`cannot listen on ${where}: the port is taken (see who holds it: ss -ltnp 'sport = :${at.port}')`)
  if (error.code === 'EACCES')
    return new StartupError(`cannot listen on ${where}: permission denied (a port below 1024 wants root or CAP_NET_BIND_SERVICE)`)
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(error.code ?? ''))
    return new StartupError(`cannot listen on ${where}: this host has no such address`)
  return error
}

async function tlsOptions(tls: NonNullable<HealthOptions['tls']>) {
  const own = tls.cert && tls.key ? { cert: tls.cert, key: tls.key } : await selfSigned('localhost')
  return { ...own, ...(tls.clientCa ? { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false } : {}) }
}

function handlerOf(options: HealthOptions): RequestListener {
  return (request, response) => {
    const { path, query } = targetOf(request.url ?? '/')
    const [, first = '', single] = path.split('/')
    const checks = first === 'readyz' ? options.readyz : ['livez', 'healthz'].includes(first) ? options.livez : undefined
    const page = options.pages?.[path]
    if (checks) answer(response, report(checks, { single, verbose: query.has('verbose'), name: first }))
    else if (page) send(response, page())
    else if (path === '/metrics' && options.metrics !== false) {
      const closed = options.tls !== undefined && !(request.socket as TLSSocket).authorized
      if (closed) send(response, { status: 403, body: 'forbidden: /metrics wants a client certificate of the cluster CA\n' })
      else answer(response, metricsPage(options))
    } else send(response, { status: 404, body: '404 page not found\n' })
  }
}

/** Cut by hand: the URL class throws for targets that a client may well send, such as `//`. */
function targetOf(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?')
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

async function metricsPage(options: HealthOptions) {
  const body = options.metrics ? await options.metrics() : await register.metrics()
  return { status: 200, body, contentType: register.contentType }
}

interface Page {
  status: number
  body: string
  contentType?: string
}

function answer(response: ServerResponse, page: Promise<Page>): void {
  page.then(
    (ready) => send(response, ready),
    (error: Error) => send(response, { status: 500, body: `${error.message}\n` }),
  )
}

function send(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, { 'content-type': page.contentType ?? 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
  response.end(page.body)
}

/** Runs the checks and words the answer as upstream does: `ok`, or a line per check. */
export async function report(
  checks: Readonly<Record<string, Check>>,
  ask: { name: string; single?: string | undefined; verbose: boolean },
): Promise<Page> {
  const chosen = ask.single === undefined ? Object.entries(checks) : Object.entries(checks).filter(([name]) => name === ask.single)
  if (ask.single !== undefined && chosen.length === 0) return { status: 404, body: '404 page not found\n' }
  const lines: string[] = []
  let failed = false
  for (const [name, check] of chosen) {
    try {
      await check()
      lines.push(`[+]${name} ok`)
    } catch (error) {
      failed = true
      lines.push(`[-]${name} failed: ${(error as Error).message}`)
    }
  }
  if (failed) return { status: 500, body: `${lines.join('\n')}\n${ask.name} check failed\n` }
  return { status: 200, body: ask.verbose ? `${lines.join('\n')}\n${ask.name} check passed\n` : 'ok' }
}
