/** Talks to upstream's own apiserver where one runs (TYPERNETES_ORACLE names its binaries; address and token are its fixed ones). */
import { request } from 'node:https'

const origin = process.env['TYPERNETES_ORACLE_URL'] ?? 'https://127.0.0.1:16443'
const token = 'admintoken'

export interface Reply {
  code: number
  body: Record<string, unknown>
}

export function call(method: string, path: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = request(`${origin}${path}`, { method, headers, rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ code: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : { message: text } })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
