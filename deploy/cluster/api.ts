/** The few requests that starting a cluster sends to its API server, as the cluster's admin. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { Layout } from './layout.ts'

export interface ApiReply {
  status: number
  text: string
}

export interface ApiCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  contentType?: string
  accept?: string
  timeoutMs?: number
}

export class ClusterApi {
  readonly #agent: Agent
  readonly #port: number

  constructor(layout: Layout) {
    const pki = (file: string) => readFileSync(join(layout.pki, file))
    this.#agent = new Agent({ ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key'), keepAlive: true })
    this.#port = layout.ports.apiserver
  }

  /** Resolves with any status; rejects when the server cannot be reached. */
  send(call: ApiCall): Promise<ApiReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiReply>()
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: this.#port,
        agent: this.#agent,
        method: call.method ?? 'GET',
        path: call.path,
        timeout: call.timeoutMs ?? 10_000,
        headers: {
          accept: call.accept ?? 'application/json',
          ...(body === undefined
            ? {}
            : { 'content-type': call.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (incoming) => {
        let text = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk: string) => {
          text += chunk
        })
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }))
        incoming.on('error', reject)
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from the API server to ${call.path}`)))
    outgoing.on('error', reject)
    outgoing.end(body)
    return promise
  }

  /** Parsed body of a GET, undefined for anything but success. */
  async get<T>(path: string): Promise<T | undefined> {
    const reply = await this.send({ path }).catch(() => undefined)
    return reply?.status === 200 ? (JSON.parse(reply.text) as T) : undefined
  }

  async isReady(): Promise<boolean> {
    const reply = await this.send({ path: '/readyz', timeoutMs: 2000 }).catch(() => undefined)
    return reply?.status === 200
  }

  close(): void {
    this.#agent.destroy()
  }
}
