/** The pod security standards beside upstream's: the same pods into namespaces of every level; refusals and warnings must agree word for word. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { podsToJudge } from './pod-security-corpus.ts'
import { type Reply, send, type Target, upstream } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const prefix = 'pod-security.kubernetes.io/'

const policies: readonly Record<string, string>[] = [
  { enforce: 'baseline' },
  { enforce: 'restricted' },
  { enforce: 'restricted', 'enforce-version': 'v1.24' },
  { enforce: 'baseline', 'enforce-version': 'v1.0', warn: 'restricted' },
  { enforce: 'baseline', 'enforce-version': 'v1.18' },
  { warn: 'restricted', 'warn-version': 'v1.30' },
]

let server: TestApiServer | undefined
let ours: Target
const both = async (method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<[Reply, Reply]> => {
  const sent = { method, path, text: body === undefined ? undefined : JSON.stringify(body), contentType }
  return await Promise.all([send(sent, ours), send(sent, upstream)])
}
const nameOf = (i: number): string => `pod-security-${process.pid}-${i}`
const told = ({ code, body, warnings }: Reply): unknown => ({
  code,
  warnings,
  ...(code >= 400 ? { message: body['message'], details: body['details'] } : {}),
})

before(async () => {
  if (skip) return
  server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('kubernetes-admin', 'system:masters')
  ours = { origin: server.url, cert, key }
  for (const [i, policy] of policies.entries()) {
    const labels = Object.fromEntries(Object.entries(policy).map(([mode, value]) => [prefix + mode, value]))
    await both('POST', '/api/v1/namespaces', { metadata: { name: nameOf(i), labels } })
    await both('POST', `/api/v1/namespaces/${nameOf(i)}/serviceaccounts`, { metadata: { name: 'default' } })
  }
})

after(async () => {
  if (server === undefined) return
  for (const i of policies.keys()) await send({ method: 'DELETE', path: `/api/v1/namespaces/${nameOf(i)}` })
  await server[Symbol.asyncDispose]()
})

for (const [i, policy] of policies.entries()) {
  test(`pods and deployments under ${JSON.stringify(policy)}`, { skip }, async () => {
    for (const { title, annotations, spec } of podsToJudge) {
      const metadata = { name: 'judged', ...(annotations === undefined ? {} : { annotations }) }
      const pods = await both('POST', `/api/v1/namespaces/${nameOf(i)}/pods?dryRun=All`, { metadata, spec })
      assert.deepEqual(told(pods[0]), told(pods[1]), `pod: ${title}`)
      const labels = { app: 'judged' }
      const template = { metadata: { ...metadata, name: undefined, labels }, spec }
      const deployment = { metadata: { name: 'judged' }, spec: { selector: { matchLabels: labels }, template } }
      const path = `/apis/apps/v1/namespaces/${nameOf(i)}/deployments?dryRun=All`
      const deployments = await both('POST', path, deployment)
      assert.deepEqual(told(deployments[0]), told(deployments[1]), `deployment: ${title}`)
    }
  })
}

test('labels that are not understood, and a level that is raised over existing pods', { skip }, async () => {
  const bad = { metadata: { name: 'judged-labels', labels: { [`${prefix}enforce`]: 'strict', [`${prefix}warn-version`]: 'v2.1' } } }
  const refused = await both('POST', '/api/v1/namespaces?dryRun=All', bad)
  assert.deepEqual(told(refused[0]), told(refused[1]))
  const namespace = nameOf(policies.length - 1)
  for (const [n, name] of ['b', 'a', 'c'].entries()) {
    const spec = { hostNetwork: n < 2, containers: [{ name: 'c', image: 'i' }] }
    await both('POST', `/api/v1/namespaces/${namespace}/pods`, { metadata: { name }, spec })
  }
  for (const level of ['baseline', 'restricted', 'privileged']) {
    const patch = { metadata: { labels: { [`${prefix}enforce`]: level } } }
    const raised = await both('PATCH', `/api/v1/namespaces/${namespace}`, patch, 'application/merge-patch+json')
    assert.deepEqual(told(raised[0]), told(raised[1]), level)
  }
})
