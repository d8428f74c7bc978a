/** How requests reach the API server: TLS connections kept alive, credentials, time-outs and typed connection errors. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import { longestTimerMs } from './clock.ts'
import type { RestConfig } from './kubeconfig.ts'
import { Turns } from './turns.ts'

export interface TransportRequest {
  method: string
  /** Path and query, without the server's own prefix. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  signal?: AbortSignal
  /** Longest wait for the whole answer, or for its head where it is streamed; 0 waits for ever. */
  timeoutMs?: number
}
export interface TransportResponse {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}
export interface TransportStream {
  status: number
  headers: http.IncomingHttpHeaders
  body: AsyncIterable<Buffer>
}
/** The one seam below Client: the network, or the in-memory API of fake.ts. */
export interface Transport {
  request(request: TransportRequest): Promise<TransportResponse>
  stream(request: TransportRequest): Promise<TransportStream>
  close(): void
}

/** The server was not reached, or the connection broke before the answer was complete: whether a write happened is unknown. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
  /** Node's code, such as ECONNREFUSED, ECONNRESET, ETIMEDOUT, or one of TLS. */
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const defaultTimeoutMs = 30_000
const tokenRereadMs = 60_000
const tcpKeepAliveMs = 30_000

/** A connection that a burst has left behind costs both sides memory; it is closed after this. */
const idleMs = 60_000

/** HTTP/1.1 over keep-alive agents; a stream (watch, log) has a connection of its own that ends with it. */
export class HttpTransport implements Transport {
  readonly #config: RestConfig
  readonly #base: URL
  readonly #agent: http.Agent
  readonly #streams: http.Agent
  readonly #turns = new Turns()
  #token: { text: string; readAt: number } | undefined

  constructor(config: RestConfig) {
    this.#config = config
    this.#base = new URL(config.server.includes('://') ? config.server : `https://${config.server}`)
    const tls: https.AgentOptions = {
      secureContext: secureContextOf(config),
      ...(config.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
    }
    const secure = this.#base.protocol === 'https:'
    const made = (options: https.AgentOptions): http.Agent => (secure ? new https.Agent({ ...tls, ...options }) : new http.Agent(options))
    const kept = { keepAlive: true, keepAliveMsecs: tcpKeepAliveMs, maxFreeSockets: 16, scheduling: 'lifo', timeout: idleMs } as const
    this.#agent = made({ ...kept, maxSockets: 64 })
    this.#streams = made({ keepAlive: false })
  }

  request(request: TransportRequest): Promise<TransportResponse> {
    return this.#turns.run(() => this.#whole(request))
  }

  async #whole(request: TransportRequest): Promise<TransportResponse> {
    const timeoutMs = request.timeoutMs ?? this.#config.timeoutMs ?? defaultTimeoutMs
    const response = await this.#send(request, this.#agent, timeoutMs)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of response) chunks.push(chunk as Buffer)
    } catch (cause) {
      request.signal?.throwIfAborted()
      throw this.#broken(cause)
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    const timeoutMs = request.timeoutMs ?? this.#config.timeoutMs ?? defaultTimeoutMs
    const response = await this.#send(request, this.#streams, timeoutMs, true)
    return { status: response.statusCode ?? 0, headers: response.headers, body: this.#chunks(response, request.signal) }
  }

  async *#chunks(response: http.IncomingMessage, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
    try {
      for await (const chunk of response) yield chunk as Buffer
    } catch (cause) {
      signal?.throwIfAborted()
      throw this.#broken(cause)
    } finally {
      response.destroy()
    }
  }

  close(): void {
    this.#agent.destroy()
    this.#streams.destroy()
  }

  async #send(request: TransportRequest, agent: http.Agent, timeoutMs: number, headOnly = false): Promise<http.IncomingMessage> {
    request.signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const prefix = this.#base.pathname === '/' ? '' : this.#base.pathname.replace(/\/+$/, '')
    const outgoing = (this.#base.protocol === 'https:' ? https : http).request({
      agent,
      host: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port || (this.#base.protocol === 'https:' ? 443 : 80),
      method: request.method,
      path: prefix + request.path,
      headers: this.#headers(request),
    })
    const timer =
      timeoutMs > 0 ? setTimeout(() => outgoing.destroy(timedOut(request, timeoutMs)), Math.min(timeoutMs, longestTimerMs)) : undefined
    const abort = (): void => void outgoing.destroy(new Error('aborted'))
    request.signal?.addEventListener('abort', abort, { once: true })
    const settled = (): void => {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', abort)
    }
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs))
    outgoing.on('response', (response) => {
      if (headOnly) clearTimeout(timer)
      response.once('close', settled)
      resolve(response)
    })
    outgoing.on('error', (cause) => {
      settled()
      reject(request.signal?.aborted ? request.signal.reason : this.#broken(cause))
    })
    outgoing.end(request.body)
    return promise
  }

  #headers(request: TransportRequest): Record<string, string | string[] | number> {
    return {
      'User-Agent': this.#config.userAgent ?? 'typernetes',
      ...identityHeaders(this.#config, this.#bearer()),
      ...(request.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(request.body) }),
      ...request.headers,
    }
  }

  #bearer(): string | undefined {
    const { token, tokenFile } = this.#config
    if (!tokenFile) return token
    const now = performance.now()
    if (!this.#token || now - this.#token.readAt > tokenRereadMs) {
      try {
        this.#token = { text: readFileSync(tokenFile, 'utf8').trim(), readAt: now }
      } catch (cause) {
        // A rotation may leave a moment without the file: the old token is as good as it was.
        if (!this.#token) throw new ConnectionError(`unable to read token file ${tokenFile}: ${(cause as Error).message}`, 'ETOKEN')
      }
    }
    return this.#token?.text
  }

  #broken(cause: unknown): Error {
    if (cause instanceof ConnectionError) return cause
    const { code, message } = cause as NodeJS.ErrnoException
    const what = message === 'aborted' ? 'the connection broke off' : message || code || 'connection failed'
    return new ConnectionError(`${this.#base.origin}: ${what}`, code ?? 'ECONNRESET')
  }
}

/** One context for all connections. Throws where certificate and key are no PEM or do not belong together. */
function secureContextOf({ ca, cert, key }: RestConfig): SecureContext {
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
  } catch (cause) {
    throw new ConnectionError(`certificate, key or CA cannot be used: ${(cause as Error).message}`, 'ECERT')
  }
}

function timedOut(request: TransportRequest, timeoutMs: number): ConnectionError {
  return new ConnectionError(`${request.method} ${request.path}: no answer within ${timeoutMs} ms`, 'ETIMEDOUT')
}

/** Who asks, as headers say it; `token` is the config's own or what its file holds now. */
export function identityHeaders(
  { username, password, impersonate }: RestConfig,
  token: string | undefined,
): Record<string, string | string[]> {
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password ?? ''}`).toString('base64')
  return {
    ...(token ? { Authorization: `Bearer ${token}` } : basic ? { Authorization: `Basic ${basic}` } : {}),
    ...(impersonate ? { 'Impersonate-User': impersonate.user } : {}),
    ...(impersonate?.groups?.length ? { 'Impersonate-Group': [...impersonate.groups] } : {}),
  }
}
