/**
 * gRPC over a unix socket, both ends, on Node's HTTP/2: single answers, and streams of answers. Messages are bytes here. HTTP/2 is loaded with the first
 * connection: most nodes have no devices.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { ClientHttp2Session, ClientHttp2Stream, Http2Server, ServerHttp2Stream } from 'node:http2'
import { connect as connectSocket, createServer } from 'node:net'
import { dirname } from 'node:path'
import { framedMessage, MalformedMessage, MessageReader } from '#streams/grpc-messages.ts'

/** gRPC's status codes that are used here. */
export const status = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

/** The message is what the other side says. */
export class GrpcError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.code = code
  }
}

const maxMessageBytes = 16 * 2 ** 20

function grpcError(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error
  return new GrpcError(error instanceof MalformedMessage ? status.internal : status.unknown, (error as Error).message)
}

/** One connection to the server behind a socket. */
export class GrpcClient {
  readonly #session: ClientHttp2Session

  private constructor(session: ClientHttp2Session) {
    this.#session = session
  }

  /** `closed` is called once, when the connection is lost or closed. */
  static async connect(socketPath: string, closed: () => void): Promise<GrpcClient> {
    const { connect } = await import('node:http2')
    const session = connect('http://localhost', { createConnection: () => connectSocket(socketPath) })
    session.on('error', () => session.destroy())
    session.on('close', closed)
    return new GrpcClient(session)
  }

  async unary(path: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    let answer: Buffer | undefined
    await this.stream(path, message, (each) => (answer = each), AbortSignal.timeout(timeoutMs))
    return answer ?? Buffer.alloc(0)
  }

  /** Resolves when the other side ends the stream well. Throws GrpcError. */
  stream(path: string, message: Buffer, each: (message: Buffer) => void, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }
    if (this.#session.closed || this.#session.destroyed)
      return Promise.reject(new GrpcError(status.unavailable, 'the connection is closed'))
    const stream: ClientHttp2Stream = this.#session.request(headers)
    const messages = new MessageReader(maxMessageBytes)
    let ended: GrpcError | undefined = new GrpcError(status.unavailable, 'the connection was lost')
    const read = (seen: Record<string, unknown>): void => {
      if (seen['grpc-status'] === undefined) return
      const code = Number(seen['grpc-status'])
      ended = code === status.ok ? undefined : new GrpcError(code, decodeURIComponent(String(seen['grpc-message'] ?? '')))
    }
    const late = (): void => {
      ended = new GrpcError(status.deadlineExceeded, 'context deadline exceeded')
      stream.destroy()
    }
    signal.addEventListener('abort', late, { once: true })
    stream.on('response', read)
    stream.on('trailers', read)
    stream.on('data', (chunk: Buffer) => {
      try {
        messages.take(chunk, each)
      } catch (error) {
        ended = grpcError(error)
        stream.destroy()
      }
    })
    stream.on('error', (error) => (ended ??= new GrpcError(status.unavailable, error.message)))
    stream.on('close', () => {
      signal.removeEventListener('abort', late)
      if (ended) reject(ended)
      else resolve()
    })
    stream.end(framedMessage(message))
    return promise
  }

  close(): void {
    this.#session.destroy()
  }
}

/** Answers one request with one message. Throws GrpcError for a refusal. */
export type GrpcHandler = (message: Buffer) => Promise<Buffer> | Buffer

/** Serves methods by path on a socket, which it makes anew. Resolves when it listens. */
export async function serveGrpc(socketPath: string, methods: Readonly<Record<string, GrpcHandler>>): Promise<{ close(): void }> {
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o750 })
  rmSync(socketPath, { force: true })
  let http2: Promise<Http2Server> | undefined
  const sockets = new Set<{ destroy(): void }>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    http2 ??= http2Server(methods)
    void http2.then((server) => server.emit('connection', socket))
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(socketPath, resolve)
  })
  chmodSync(socketPath, 0o600)
  return {
    close: () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function http2Server(methods: Readonly<Record<string, GrpcHandler>>): Promise<Http2Server> {
  const { createServer: create } = await import('node:http2')
  const server = create()
  server.on('session', (session) => session.on('error', () => session.destroy()))
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path'])
    void answer(stream, Object.hasOwn(methods, path) ? methods[path] : undefined, path)
  })
  return server
}

async function answer(stream: ServerHttp2Stream, handler: GrpcHandler | undefined, path: string): Promise<void> {
  const messages = new MessageReader(maxMessageBytes)
  const end = (code: number, message: string, body?: Buffer): void => {
    if (stream.destroyed) return
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': String(code), ...(message === '' ? {} : { 'grpc-message': encodeURIComponent(message) }) }),
    )
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.end(body === undefined ? undefined : framedMessage(body))
  }
  stream.on('error', () => stream.destroy())
  try {
    let request: Buffer | undefined
    for await (const chunk of stream) messages.take(chunk as Buffer, (message) => (request ??= message))
    if (!handler) throw new GrpcError(status.unimplemented, `unknown method ${path}`)
    end(status.ok, '', await handler(request ?? Buffer.alloc(0)))
  } catch (error) {
    const { code, message } = grpcError(error)
    end(code, message)
  }
}
