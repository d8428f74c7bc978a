/** One raw request to either server: code, telling headers and body, as far as two servers can agree on them. */
import { request } from 'node:https'
import type { TestApiServer } from '#test/harness/apiserver.ts'
import type { Target } from './upstream.ts'

export interface RawRequest {
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  /** Text as it is, other values as JSON. */
  body?: unknown
}

export interface RawReply {
  code: number
  headers: Readonly<Record<string, string>>
  body: unknown
}

const telling = ['allow', 'content-type', 'location', 'retry-after', 'warning', 'cache-control']

/** Several JSON values, one a line: the events of a watch. */
function bodyOf(text: string): unknown {
  const lines = text.split('\n').filter((line) => line !== '')
  if (!text.startsWith('{')) return text
  try {
    return JSON.parse(text)
  } catch {
    return lines.map((line) => JSON.parse(line) as unknown)
  }
}

export function sendRaw({ method, path, headers = {}, body }: RawRequest, { origin, token, ...identity }: Target): Promise<RawReply> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const all = {
    accept: 'application/json',
    'user-agent': 'raw/1',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}`, { method, headers: all, rejectUnauthorized: false, ...identity }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const found = telling.flatMap((name) => (response.headers[name] === undefined ? [] : [[name, String(response.headers[name])]]))
        const isText = !String(response.headers['content-type']).includes('protobuf')
        const answer = Buffer.concat(chunks)
        resolve({
          code: response.statusCode ?? 0,
          headers: Object.fromEntries(found) as Record<string, string>,
          body: isText ? bodyOf(answer.toString()) : `${answer.subarray(0, 4).toString('hex')}…`,
        })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

/** The administrator of a server of ours. */
export async function administrator(server: TestApiServer): Promise<Target> {
  const { certificate: cert, key } = await server.identity('admin', 'system:masters')
  return { origin: server.url, cert, key }
}

const volatile: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'lastTransitionTime',
  'time',
  'continue',
])

/** What two servers can agree on: no identities, times and versions; the words of columns and of our own documentation are ours. */
export function agreed(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => agreed(item, key))
  if (typeof value === 'string') return agreedText(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => {
    if (name === 'description' && 'priority' in value) return [name, '']
    return [name, volatile.has(name) && typeof item === 'string' ? (item === '' ? '' : '…') : agreed(item, name)]
  })
  return Object.fromEntries(entries.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)))
}

const agreedText = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-…')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/10\.(0|96)\.\d+\.\d+(\/\d+)?/g, '<address>')
    .replaceAll('kubernetes-admin', 'admin')
    // a patched document is shown in an order that is Go's own
    .replace(/(patch: |^)Invalid value: "\{.*\}": /s, '$1Invalid value: {…}: ')
