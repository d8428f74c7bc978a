/** Differential test of evictions: what disruption budgets hold back, what is said, and what they note. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
type Fields = Record<string, unknown>

interface Server {
  url: string
  headers?: Readonly<Record<string, string>>
  cert?: string
  key?: string
}

interface Reply {
  code: number
  retryAfter: string
  body: Fields
}

const them: Server = {
  url: process.env['TYPERNETES_ORACLE_URL'] ?? 'https://127.0.0.1:16443',
  headers: { authorization: 'Bearer admintoken' },
}

function send(server: Server, method: string, path: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { url, headers, ...identity } = server
    const options = {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      rejectUnauthorized: false,
      agent: false,
      ...identity,
    }
    const sent = request(`${url}${path}`, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const retryAfter = String(response.headers['retry-after'] ?? '')
        resolve({ code: response.statusCode ?? 0, retryAfter, body: text.startsWith('{') ? JSON.parse(text) : { text } })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const namespace = `/api/v1/namespaces/default`
const podPath = `${namespace}/pods/evicted`
const budgetsPath = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
const names = ['guard', 'second']

interface Scenario {
  name: string
  /** Phase and readiness of the pod. */
  phase?: string
  ready?: boolean
  spec?: Fields
  status?: Fields
  /** A second budget for the same pod. */
  both?: true
  query?: string
  options?: Fields
}

const healthy = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 }
const condition = {
  type: 'DisruptionAllowed',
  status: 'False',
  reason: 'SyncFailed',
  message: 'why',
  lastTransitionTime: '2024-01-01T00:00:00Z',
}
const scenarios: readonly Scenario[] = [
  { name: 'allowed, the last one', status: healthy },
  { name: 'allowed, one of several', status: { ...healthy, disruptionsAllowed: 2, disruptedPods: { other: '2024-01-01T00:00:00Z' } } },
  {
    name: 'allowed, with a condition',
    status: { ...healthy, conditions: [{ ...condition, status: 'True', reason: 'SufficientPods', message: '' }] },
  },
  { name: 'dry run', status: healthy, query: '?dryRun=All' },
  { name: 'not seen by the controller yet', status: {} },
  { name: 'none allowed', status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 2 } },
  { name: 'none allowed, dry run', status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 2 }, query: '?dryRun=All' },
  { name: 'none allowed though healthy', status: { ...healthy, disruptionsAllowed: 0 } },
  { name: 'sync failed', status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 2, conditions: [condition] } },
  { name: 'other condition', status: { ...healthy, disruptionsAllowed: 0, conditions: [{ ...condition, reason: 'InsufficientPods' }] } },
  { name: 'two budgets', status: healthy, both: true },
  { name: 'selects all', spec: { selector: {} }, status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 1 } },
  { name: 'selects others', spec: { selector: { matchLabels: { app: 'b' } } }, status: {} },
  { name: 'no selector', spec: { selector: null }, status: {} },
  { name: 'pending pod', phase: 'Pending', status: {} },
  { name: 'ended pod', phase: 'Succeeded', status: {} },
  { name: 'unready, budget whole', ready: false, status: { ...healthy, disruptionsAllowed: 0 } },
  { name: 'unready, budget short', ready: false, status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 1 } },
  {
    name: 'unready, always allowed',
    ready: false,
    spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    status: { ...healthy, disruptionsAllowed: 0, currentHealthy: 1 },
  },
  { name: 'another pod of that name', status: healthy, options: { preconditions: { uid: 'x' } } },
  { name: 'another version', phase: 'Pending', status: healthy, options: { preconditions: { resourceVersion: '1' } } },
]

const volatile = ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'lastTransitionTime', 'deletionTimestamp']

function comparable(value: unknown, key = ''): unknown {
  if (key === 'disruptedPods') return Object.keys(value as Fields)
  if (Array.isArray(value)) return value.map((item) => comparable(item))
  if (typeof value === 'string')
    return value.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uid>').replaceAll(/record \(\d+\)/g, 'record (<version>)')
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !volatile.includes(name))
  return Object.fromEntries(entries.map(([name, member]) => [name, comparable(member, name)]))
}

async function tidy(server: Server): Promise<void> {
  await send(server, 'DELETE', `${podPath}?gracePeriodSeconds=0`)
  for (const name of names) await send(server, 'DELETE', `${budgetsPath}/${name}`)
}

async function putStatus(server: Server, path: string, object: Fields, status: Fields): Promise<void> {
  const { code, body } = await send(server, 'PUT', `${path}/status`, { ...object, status })
  assert.equal(code, 200, JSON.stringify(body))
}

async function play(
  server: Server,
  { phase = 'Running', ready = true, spec, status = {}, both, query = '', options }: Scenario,
): Promise<unknown> {
  await tidy(server)
  const budget = { minAvailable: 2, selector: { matchLabels: { app: 'a' } }, ...spec }
  for (const name of both ? names : names.slice(0, 1)) {
    const made = await send(server, 'POST', budgetsPath, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name },
      spec: budget,
    })
    assert.equal(made.code, 201, JSON.stringify(made.body))
    const none = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
    await putStatus(server, `${budgetsPath}/${name}`, made.body, { ...none, ...status })
  }
  const pod = await send(server, 'POST', `${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'evicted', labels: { app: 'a' } },
    spec: { nodeName: 'nowhere', automountServiceAccountToken: false, containers: [{ name: 'main', image: 'x' }] },
  })
  assert.equal(pod.code, 201, JSON.stringify(pod.body))
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }]
  await putStatus(server, podPath, pod.body, { ...(pod.body['status'] as Fields), phase, conditions })
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'evicted' },
    ...(options ? { deleteOptions: options } : {}),
  }
  const answer = await send(server, 'POST', `${podPath}/eviction${query}`, eviction)
  const [left, guard] = [await send(server, 'GET', podPath), await send(server, 'GET', `${budgetsPath}/guard`)]
  const going = (left.body['metadata'] as Fields)['deletionTimestamp'] !== undefined
  await tidy(server)
  return comparable({ answer, pod: [left.code, going, (left.body['status'] as Fields)['conditions']], budget: guard.body['status'] })
}

describe('evictions beside upstream', { skip }, () => {
  let ours: TestApiServer
  let us: Server
  before(async () => {
    ours = await startTestApiServer()
    const { certificate, key } = await ours.identity('admin', 'system:masters')
    us = { url: ours.url, cert: certificate, key }
  })
  after(async () => {
    await tidy(them)
    await ours[Symbol.asyncDispose]()
  })
  for (const scenario of scenarios) {
    test(scenario.name, async () => {
      assert.deepEqual(await play(us, scenario), await play(them, scenario))
    })
  }
})
