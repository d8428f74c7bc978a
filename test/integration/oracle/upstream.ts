/** Talks to upstream's own apiserver where one runs (TYPERNETES_ORACLE names its binaries; address and token are its fixed ones). */
import { request } from 'node:https'

/** A server and an administrator's identity on it. */
export interface Target {
  origin: string
  token?: string
  cert?: string
  key?: string
}

export const upstream: Target = { origin: process.env['TYPERNETES_ORACLE_URL'] ?? 'https://127.0.0.1:16443', token: 'admintoken' }

export interface Reply {
  code: number
  body: Record<string, unknown>
  warnings: readonly string[]
}

/** Texts of the Warning headers: `299 - "text"`. */
function warningsOf(raw: readonly string[]): string[] {
  const values = raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'warning')
  return values.map((value) =>
    value
      .replace(/^299 - "/, '')
      .replace(/"$/, '')
      .replaceAll(/\\(.)/g, '$1'),
  )
}

export interface Sent {
  method: string
  path: string
  /** The body as it goes out. */
  text?: string | undefined
  contentType?: string
  accept?: string
  userAgent?: string
}

export function send(
  { method, path, text, contentType = 'application/json', accept = 'application/json', userAgent }: Sent,
  to = upstream,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { origin, token, ...identity } = to
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'content-type': contentType,
      accept,
      // without it the body of a DELETE would stand behind it like a request of its own
      ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
      ...(userAgent && { 'user-agent': userAgent }),
    }
    const sent = request(`${origin}${path}`, { method, headers, rejectUnauthorized: false, ...identity }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8')
        const body = answer.startsWith('{') ? JSON.parse(answer) : { message: answer }
        resolve({ code: response.statusCode ?? 0, body, warnings: warningsOf(response.rawHeaders) })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

export const call = (method: string, path: string, body?: unknown, accept?: string): Promise<Reply> =>
  send({ method, path, text: body === undefined ? undefined : JSON.stringify(body), ...(accept === undefined ? {} : { accept }) })
