/** The same request to a server of ours and to upstream's, and what of their answers is to be equal. */
import { Agent, request } from 'node:https'
import type { TestApiServer } from '#test/harness/apiserver.ts'
import { startTestApiServer } from '#test/harness/apiserver.ts'
import { send } from './upstream.ts'

export interface Step {
  method: string
  path: string
  /** Sent as it is; other values as JSON. */
  body?: unknown
  contentType?: string
  userAgent?: string
}

export interface Answered {
  code: number
  body: Record<string, unknown>
  warnings: readonly string[]
}

export interface Both extends AsyncDisposable {
  ours(step: Step): Promise<Answered>
  upstream(step: Step): Promise<Answered>
  server: TestApiServer
}

const textOf = (body: unknown): string | undefined =>
  body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)

/** Texts of the Warning headers: `299 - "text"`. */
const warningsOf = (raw: readonly string[]): string[] =>
  raw
    .filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'warning')
    .map((value) =>
      value
        .replace(/^299 - "/, '')
        .replace(/"$/, '')
        .replaceAll(/\\(.)/g, '$1'),
    )

export async function startBoth(): Promise<Both> {
  const server = await startTestApiServer()
  const { certificate, key } = await server.identity('admin', 'system:masters')
  const agent = new Agent({ ca: server.caPem, cert: certificate, key, keepAlive: true, servername: 'localhost' })
  const ours = ({ method, path, body, contentType = 'application/json', userAgent = 'both/1' }: Step): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const text = textOf(body)
      // without a length the body of a DELETE would stand behind it like a request of its own
      const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }
      const headers = { 'content-type': contentType, accept: 'application/json', 'user-agent': userAgent, ...length }
      const sent = request(`${server.url}${path}`, { method, headers, agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8')
          const parsed = answer.startsWith('{') ? (JSON.parse(answer) as Record<string, unknown>) : { message: answer }
          resolve({ code: response.statusCode ?? 0, body: parsed, warnings: warningsOf(response.rawHeaders) })
        })
      })
      sent.on('error', reject)
      sent.end(text)
    })
  const upstream = ({ body, userAgent = 'both/1', ...step }: Step): Promise<Answered> => send({ ...step, text: textOf(body), userAgent })
  return {
    ours,
    upstream,
    server,
    async [Symbol.asyncDispose]() {
      agent.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}
