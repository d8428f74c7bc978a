/** One request to a test API server, on a connection of its own, as whoever the test says. */
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import type { TestApiServer } from './apiserver.ts'

export interface Reply {
  code: number
  headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds are looked into
  body: any
  text: string
}

export interface Call {
  method: string
  path: string
  /** Objects are sent as JSON, all else as it is. */
  body?: object | string | Buffer
  as?: { cert?: string; key?: string; token?: string } | undefined
  headers?: Readonly<Record<string, string | string[]>>
}

/** The body as a value where it is a JSON object, else as text. */
export function callServer(server: TestApiServer, { method, path, body, as = {}, headers = {} }: Call): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const { token, ...tls } = as
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const isObject = typeof body === 'object' && !Buffer.isBuffer(body)
  const all = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(isObject ? { 'content-type': type } : {}),
    ...headers,
  }
  const to = { host: '127.0.0.1', port: server.port, ca: server.caPem, path, method, headers: all, agent: false as const, ...tls }
  const sent = request(to, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text, text })
    })
  })
  sent.on('error', reject)
  // Bytes: a text would go out in one piece with the headers, and make them UTF-8.
  sent.end(isObject ? Buffer.from(JSON.stringify(body)) : body)
  return promise
}
