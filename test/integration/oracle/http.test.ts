/** Differential test of HTTP behaviours: the same requests to our apiserver and to upstream's; codes, bodies and telling headers must agree. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Step, setUp, story, tearDown } from './http-corpus.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const upstreamUrl = process.env['TYPERNETES_ORACLE_URL'] ?? 'https://127.0.0.1:16443'

/** A new one for each run: upstream takes its time to empty the last. */
const storyNamespace = `http-story-${process.pid}`

interface Server {
  url: string
  headers: Readonly<Record<string, string>>
  cert?: string
  key?: string
}

interface Reply {
  code: number
  contentType: string
  warning: string
  location: string
  body: unknown
}

function send(server: Server, step: Step): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const given = step.text ?? (step.body === undefined ? undefined : JSON.stringify(step.body))
    const body = given?.replaceAll('http-story', storyNamespace)
    const path = step.path.replaceAll('http-story', storyNamespace)
    const identity = step.anonymous ? {} : { cert: server.cert, key: server.key }
    const headers = {
      ...(step.anonymous ? {} : server.headers),
      ...step.headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    }
    const sent = request(
      `${server.url}${path}`,
      { method: step.method, headers, rejectUnauthorized: false, agent: false, ...identity },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const header = (name: string): string => String(response.headers[name] ?? '')
          resolve({
            code: response.statusCode ?? 0,
            contentType: header('content-type').replace('; charset=utf-8', ''),
            warning: header('warning'),
            location: header('location'),
            body: text.startsWith('{') ? JSON.parse(text) : text,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'lastTransitionTime',
  'lastProbeTime',
  'selfLink',
])

/** Without what differs from run to run, and what upstream has that stands in later work (managed fields, server's own version). */
function comparable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, key))
  if (typeof value === 'string') return normalised(value, key)
  if (typeof value !== 'object' || value === null) return value
  // Descriptions of table columns are our own words.
  const entries = Object.entries(value).filter(([name]) => !volatile.has(name) && !(name === 'description' && 'priority' in value))
  return Object.fromEntries(entries.map(([name, member]) => [name, comparable(member, name)]))
}

function normalised(text: string, key: string): string {
  if ((key === 'clusterIP' || key === 'clusterIPs') && text !== 'None') return '<address>'
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/kube-api-access-\w{5}/g, 'kube-api-access-<suffix>')
    .replace(/10\.(0|96)\.\d+\.\d+(\/\d+)?/g, '<address>')
    .replace(/, application\/vnd.kubernetes.protobuf(;stream=watch)?|, application\/json;stream=watch/g, '')
    .replaceAll(storyNamespace, 'http-story')
    .replaceAll('admin', '<user>')
    .replaceAll('kubernetes-<user>', '<user>')
}

describe('HTTP behaviours beside upstream', { skip }, () => {
  let ours: TestApiServer
  let us: Server
  const them: Server = { url: upstreamUrl, headers: { authorization: 'Bearer admintoken' } }

  before(async () => {
    ours = await startTestApiServer()
    const { certificate, key } = await ours.identity('admin', 'system:masters')
    us = { url: ours.url, headers: {}, cert: certificate, key }
    for (const step of setUp) await Promise.all([send(us, step), send(them, step)])
  })
  after(async () => {
    for (const step of tearDown) await send(them, step)
    await ours[Symbol.asyncDispose]()
  })

  for (const step of story) {
    test(`${step.name}: ${step.method} ${step.path}`, async () => {
      const [mine, theirs] = await Promise.all([send(us, step), send(them, step)])
      if (step.path.startsWith('/version')) assert.equal(mine.code, theirs.code)
      else assert.deepEqual(comparable(mine), comparable(theirs))
    })
  }
})
