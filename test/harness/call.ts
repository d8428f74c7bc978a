/** One request to a test API server, on a connection of its own, as whoever the test says. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
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

/** Resolves at the head of the answer: a watch goes on after it. */
export function openCall(server: TestApiServer, { method, path, body, as = {}, headers = {} }: Call): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { token, ...tls } = as
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const isObject = typeof body === 'object' && !Buffer.isBuffer(body)
  const all = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(isObject ? { 'content-type': type } : {}),
    ...headers,
  }
  const to = { host: '127.0.0.1', port: server.port, ca: server.caPem, path, method, headers: all, agent: false as const, ...tls }
  const sent = request(to, resolve)
  sent.on('error', reject)
  // Bytes: a text would go out in one piece with the headers, and make them UTF-8.
  sent.end(isObject ? Buffer.from(JSON.stringify(body)) : body)
  return promise
}

/** The body as a value where it is a JSON object, else as text. */
export async function callServer(server: TestApiServer, call: Call): Promise<Reply> {
  return replyOf(await openCall(server, call))
}

/** All of the answer. */
export async function replyOf(response: IncomingMessage): Promise<Reply> {
  const text = Buffer.concat((await response.toArray()) as Buffer[]).toString()
  const { statusCode: code = 0, headers } = response
  return { code, headers, body: text.startsWith('{') ? JSON.parse(text) : text, text }
}
