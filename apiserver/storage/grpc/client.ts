/** A client of one gRPC service that several endpoints offer: one connection at a time, the next endpoint when it is lost. */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { field } from '#http2/header-writer.ts'
import { CANCELLED, Call, type CallEvents, DEADLINE_EXCEEDED, GrpcError, RESOURCE_EXHAUSTED, UNAVAILABLE } from './call.ts'
import { Connection } from './connection.ts'

export interface GrpcClientOptions {
  /** `http://host:port` or `https://host:port`. */
  endpoints: readonly string[]
  /** PEM. */
  tls?: { ca: Buffer; cert: Buffer; key: Buffer }
  /** Of a call that is not a stream, unless it says another. */
  timeoutMs: number
  /** Longer messages are refused here instead of being sent for nothing. */
  maxSendBytes: number
}

/** A call that goes on in both directions until one side ends it. */
export interface Streaming {
  write(message: Buffer): void
  /** Nothing is heard of it afterwards. */
  cancel(): void
}

interface Line {
  connection: Connection
  scheme: 'http' | 'https'
  authority: string
  /** Header blocks by path and time-out. */
  blocks: Map<string, string>
}

const DIAL_MS = 3000
const KEEPALIVE_MS = 10_000
const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 1000

export class GrpcClient {
  readonly #options: GrpcClientOptions
  #line: Line | undefined
  #dialing: Promise<Line> | undefined
  /** The endpoint that is used, or tried next. */
  #at = 0
  #delayMs = FIRST_DELAY_MS
  #refused: { until: number; error: GrpcError } | undefined
  #isClosed = false

  constructor(options: GrpcClientOptions) {
    this.#options = options
  }

  /** Sends one message and takes the one that answers it. Throws `GrpcError`. */
  unary(path: string, message: Buffer, timeoutMs = this.#options.timeoutMs): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    if (message.length > this.#options.maxSendBytes) {
      reject(new GrpcError(RESOURCE_EXHAUSTED, `Attempted to send message with a size larger than ${this.#options.maxSendBytes}`))
      return promise
    }
    let answer: Buffer | undefined
    let progress: 'waits' | 'sent' | 'over' = 'waits'
    const call = new Call({
      message: (bytes) => {
        answer = bytes
      },
      end: (error) => {
        progress = 'over'
        clearTimeout(timer)
        if (error !== undefined) reject(error)
        else if (answer === undefined) reject(new GrpcError(UNAVAILABLE, 'the call ended without an answer'))
        else resolve(answer)
      },
    })
    let cancel = (): void => undefined
    const timer = setTimeout(() => {
      cancel()
      call.abandon(new GrpcError(DEADLINE_EXCEEDED, progress === 'sent' ? 'Deadline exceeded' : 'No connection established'))
    }, timeoutMs)
    const send = (line: Line): void => {
      if (progress === 'over') return
      progress = 'sent'
      const stream = line.connection.open(blockOf(line, path, timeoutMs), call)
      line.connection.write(stream, message, true)
      cancel = () => {
        line.connection.cancel(stream)
        this.#doubt(line)
      }
    }
    if (this.#line !== undefined) send(this.#line)
    else this.#connected().then(send, (error: GrpcError) => call.abandon(error))
    return promise
  }

  /** Throws `GrpcError` where there is no connection. */
  async stream(path: string, events: CallEvents): Promise<Streaming> {
    const line = this.#line ?? (await this.#connected())
    const call = new Call(events)
    const stream = line.connection.open(blockOf(line, path), call)
    return {
      write: (message) => line.connection.write(stream, message, false),
      cancel: () => line.connection.cancel(stream),
    }
  }

  /** Goes on with another endpoint, where there is one: the one in use cannot do its work. */
  leaveEndpoint(): void {
    if (this.#line !== undefined) this.#doubt(this.#line)
  }

  close(): void {
    this.#isClosed = true
    this.#line?.connection.destroy('Channel closed')
  }

  #doubt(line: Line): void {
    if (this.#options.endpoints.length > 1 && line === this.#line) line.connection.retire('another endpoint is tried')
  }

  #connected(): Promise<Line> {
    this.#dialing ??= this.#dialAll().finally(() => {
      this.#dialing = undefined
    })
    return this.#dialing
  }

  async #dialAll(): Promise<Line> {
    if (this.#isClosed) throw new GrpcError(CANCELLED, 'Channel closed before call started')
    if (this.#refused !== undefined && performance.now() < this.#refused.until) throw this.#refused.error
    const { endpoints } = this.#options
    let last = ''
    for (let tried = 0; tried < endpoints.length; tried++) {
      try {
        const line = await this.#dial(new URL(endpoints[this.#at] ?? ''))
        this.#delayMs = FIRST_DELAY_MS
        this.#refused = undefined
        return line
      } catch (error) {
        last = error instanceof Error ? error.message : String(error)
        this.#at = (this.#at + 1) % endpoints.length
      }
    }
    const error = new GrpcError(UNAVAILABLE, `No connection established. Last error: ${last}`)
    this.#refused = { until: performance.now() + this.#delayMs, error }
    this.#delayMs = Math.min(this.#delayMs * 2, MAX_DELAY_MS)
    throw error
  }

  #dial(url: URL): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const socket = socketTo(url, this.#options.tls)
    const timer = setTimeout(() => connection.destroy('connecting took too long'), DIAL_MS)
    const connection = new Connection(socket, {
      keepaliveMs: KEEPALIVE_MS,
      onReady: () => {
        clearTimeout(timer)
        if (this.#isClosed) connection.destroy('Channel closed before call started')
        else this.#line = line
        resolve(line)
      },
      onUnusable: (reason) => {
        clearTimeout(timer)
        reject(new Error(reason))
        this.#lost(line)
      },
    })
    const line: Line = { connection, scheme: url.protocol === 'https:' ? 'https' : 'http', authority: url.host, blocks: new Map() }
    return promise
  }

  #lost(line: Line): void {
    if (line !== this.#line) return
    this.#line = undefined
    this.#at = (this.#at + 1) % this.#options.endpoints.length
  }
}

function socketTo(url: URL, tls: GrpcClientOptions['tls']): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'http:') return connectPlain({ host, port: Number(url.port || 80) })
  return connectTls({ host, port: Number(url.port || 443), ALPNProtocols: ['h2'], ...tls })
}

function blockOf({ scheme, authority, blocks }: Line, path: string, timeoutMs?: number): string {
  const name = `${path} ${timeoutMs}`
  const known = blocks.get(name)
  if (known !== undefined) return known
  const headers = {
    ':method': 'POST',
    ':scheme': scheme,
    ':path': path,
    ':authority': authority,
    te: 'trailers',
    'content-type': 'application/grpc',
    ...(timeoutMs === undefined ? {} : { 'grpc-timeout': `${timeoutMs}m` }),
  }
  const block = Object.entries(headers)
    .map(([key, value]) => field(key, value))
    .join('')
  blocks.set(name, block)
  return block
}
