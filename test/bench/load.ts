/** Sends requests over many kept-alive connections and counts, without reading the bodies into strings. */
import { type ClientHttp2Session, connect } from 'node:http2'
import { Agent, request } from 'node:https'

export interface Target {
  port: number
  ca: Buffer
  /** A client certificate, or a token. */
  cert?: Buffer
  key?: Buffer
  token?: string
}

export interface Asked {
  method: string
  path: string
  accept?: string
  contentType?: string
  body?: string
}

export interface LoadOptions {
  connections: number
  requests: number
  protocol?: 'h1' | 'h2'
  /** Called when all connections stand and have had an answer to a small request: from here on it counts. */
  began?: () => void
}

export interface LoadResult {
  requests: number
  bytes: number
  wallMs: number
  latenciesMs: readonly number[]
}

interface Connection {
  /** Bytes of the answer; rejects if it is no success. */
  send(asked: Asked): Promise<number>
  close(): void
}

function headersOf(target: Target, asked: Asked): Record<string, string> {
  return {
    accept: asked.accept ?? 'application/json',
    ...(target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }),
    ...(asked.contentType === undefined ? {} : { 'content-type': asked.contentType }),
    ...(asked.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(asked.body)) }),
  }
}

const isSuccess = (status: number | undefined): boolean => status === 200 || status === 201

function overHttp1(target: Target): Connection {
  const agent = new Agent({ ...target, host: '127.0.0.1', keepAlive: true, maxSockets: 1 })
  const send = (asked: Asked): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = headersOf(target, asked)
      const options = { agent, host: '127.0.0.1', port: target.port, method: asked.method, path: asked.path, headers }
      request(options, (response) => {
        let bytes = 0
        if (!isSuccess(response.statusCode)) reject(new Error(`${asked.method} ${asked.path}: ${response.statusCode}`))
        response.on('data', (chunk: Buffer) => (bytes += chunk.length))
        response.on('end', () => resolve(bytes))
        response.on('error', reject)
      })
        .on('error', reject)
        .end(asked.body)
    })
  return { send, close: () => agent.destroy() }
}

function overHttp2(target: Target): Connection {
  const session: ClientHttp2Session = connect(`https://127.0.0.1:${target.port}`, {
    ...target,
    settings: { initialWindowSize: 16 * 1024 * 1024 },
  })
  session.on('connect', () => session.setLocalWindowSize(64 * 1024 * 1024))
  const failed = new Promise<never>((_, reject) => session.on('error', reject))
  failed.catch(() => undefined)
  const send = (asked: Asked): Promise<number> =>
    Promise.race([
      failed,
      new Promise<number>((resolve, reject) => {
        let bytes = 0
        const stream = session.request({ ':method': asked.method, ':path': asked.path, ...headersOf(target, asked) })
        stream.on('response', (headers) => {
          if (!isSuccess(headers[':status'])) reject(new Error(`${asked.method} ${asked.path}: ${headers[':status']}`))
        })
        stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
        stream.on('end', () => resolve(bytes))
        stream.on('error', reject)
        stream.end(asked.body)
      }),
    ])
  return { send, close: () => session.close() }
}

/** Each connection has one request under way; `nth` says what the nth one asks. */
export async function drive(target: Target, options: LoadOptions, nth: (i: number) => Asked): Promise<LoadResult> {
  const { connections, requests, protocol = 'h1', began } = options
  const open = Array.from({ length: connections }, () => (protocol === 'h1' ? overHttp1(target) : overHttp2(target)))
  const latenciesMs: number[] = []
  let bytes = 0
  let next = 0
  const worker = async (connection: Connection): Promise<void> => {
    while (next < requests) {
      const asked = nth(next++)
      const started = performance.now()
      bytes += await connection.send(asked)
      latenciesMs.push(performance.now() - started)
    }
  }
  try {
    if (began) await Promise.all(open.map((connection) => connection.send({ method: 'GET', path: '/version' })))
    began?.()
    const started = performance.now()
    await Promise.all(open.map(worker))
    return { requests, bytes, wallMs: performance.now() - started, latenciesMs }
  } finally {
    for (const connection of open) connection.close()
  }
}

export const load = (target: Target, path: string, options: LoadOptions): Promise<LoadResult> =>
  drive(target, options, () => ({ method: 'GET', path }))
