/** Differential test of access: the same questions to our apiserver and to upstream's, and the roles that both begin with. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Asked, contentTypeOf, namespace, setUp, story, tearDown } from './authorization-corpus.ts'
import { nodeReads, nodeRestricted, nodeSetUp, nodeTearDown, tokensOfPod } from './node-corpus.ts'
import { type Target, upstream } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
/** A new one for each run: upstream takes its time to empty the last. */
const fresh = `${namespace}-${process.pid}`

interface Reply {
  code: number
  body: unknown
}

function ask(to: Target, asked: Asked): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { origin, token, ...identity } = to
    const text = asked.body === undefined ? undefined : JSON.stringify(asked.body).replaceAll(namespace, fresh)
    const { user, groups, uid, extra = {} } = asked.as ?? {}
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': contentTypeOf(asked), 'content-length': Buffer.byteLength(text) }),
      ...(user === undefined ? {} : { 'impersonate-user': user.replaceAll(namespace, fresh) }),
      ...(groups === undefined ? {} : { 'impersonate-group': [...groups] }),
      ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
      ...Object.fromEntries(Object.entries(extra).map(([key, value]) => [`impersonate-extra-${key}`, value])),
    }
    const path = asked.path.replaceAll(namespace, fresh)
    const sent = request(`${origin}${path}`, { method: asked.method, headers, rejectUnauthorized: false, ...identity }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString()
        resolve({ code: response.statusCode ?? 0, body: answer.startsWith('{') ? JSON.parse(answer) : answer })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'token',
  'expirationTimestamp',
  'lastTransitionTime',
])

/** Upstream lists them as they come out of a hash table. */
const unordered = new Set(['resourceRules', 'nonResourceRules'])

function comparable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item))
    return unordered.has(key) ? items.map((item) => JSON.stringify(item)).sort() : items
  }
  if (typeof value === 'string') return normalised(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (volatile.has(name) ? [] : [[name, comparable(member, name)]])),
  )
}

const normalised = (text: string): string =>
  text
    .replaceAll(fresh, namespace)
    .replaceAll('.svc.cluster.local', '.svc')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uid>')

describe('access beside upstream', { skip }, () => {
  let ours: TestApiServer
  let us: Target

  before(async () => {
    ours = await startTestApiServer()
    const { certificate, key } = await ours.identity('admin', 'system:masters')
    us = { origin: ours.url, cert: certificate, key }
    for (const step of [...setUp, ...nodeSetUp]) await Promise.all([ask(us, step), ask(upstream, step)])
  })
  after(async () => {
    for (const step of [...nodeTearDown, ...tearDown]) await ask(upstream, step)
    await ours[Symbol.asyncDispose]()
  })

  /** The plug-in is not among those that upstream has on by default. */
  let restricts = false
  before(async () => {
    const [probe] = nodeRestricted
    restricts = probe !== undefined && (await ask(upstream, probe)).code === 403
  })
  const why = 'upstream runs without --enable-admission-plugins=NodeRestriction'
  for (const step of nodeRestricted)
    test(`${step.name}: ${step.method} ${step.path}`, async (t) => {
      if (!restricts) return t.skip(why)
      const [mine, theirs] = await Promise.all([ask(us, step), ask(upstream, step)])
      assert.deepEqual(comparable(mine), comparable(theirs))
    })

  for (const step of [...story, ...nodeReads])
    test(`${step.name}: ${step.method} ${step.path}`, async () => {
      const [mine, theirs] = await Promise.all([ask(us, step), ask(upstream, step)])
      assert.deepEqual(comparable(mine), comparable(theirs))
    })

  const podUid = async (to: Target): Promise<string> => {
    const { body } = await ask(to, { name: '', method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/mine` })
    return (body as { metadata: { uid: string } }).metadata.uid
  }
  for (const [i, step] of tokensOfPod('').entries())
    test(`a kubelet asks for a ${step.name}`, async (t) => {
      if (!restricts) return t.skip(why)
      const [mine, theirs] = await Promise.all([us, upstream].map(async (to) => await ask(to, tokensOfPod(await podUid(to))[i] as Asked)))
      assert.deepEqual(comparable(mine), comparable(theirs))
    })

  /** A token of an account that is then deleted. */
  test('what is wrong with a token', async () => {
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
    const post = (to: Target, path: string, body: object): Promise<Reply> => ask(to, { name: '', method: 'POST', path, body })
    const outcomes = async (to: Target): Promise<unknown[]> => {
      await post(to, accounts, { metadata: { name: 'short' } })
      const made = await post(to, `${accounts}/short/token`, { spec: { audiences: ['a'] } })
      const { token } = (made.body as { status: { token: string } }).status
      const review = async (audiences: string[], text = token): Promise<unknown> => {
        const { body } = await post(to, '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: text, audiences } })
        return comparable((body as { status: unknown }).status)
      }
      const found = [await review(['a', 'b']), await review(['b']), await review([]), await review(['a'], `${token.slice(0, -8)}AAAAAAAA`)]
      await ask(to, { name: '', method: 'DELETE', path: `${accounts}/short` })
      const deadline = Date.now() + 5_000
      for (;;) {
        const last = await review(['a'])
        if ((last as { error?: string }).error !== undefined || Date.now() > deadline) return [...found, last]
      }
    }
    const [mine, theirs] = await Promise.all([us, upstream].map(outcomes))
    assert.deepEqual(mine, theirs)
  })

  test('the API services of a new cluster', async () => {
    const path = '/apis/apiregistration.k8s.io/v1/apiservices?labelSelector=kube-aggregator.kubernetes.io%2Fautomanaged%3Donstart'
    const [mine, theirs] = await Promise.all([us, upstream].map((to) => ask(to, { name: '', method: 'GET', path })))
    assert.deepEqual(comparable(mine), comparable(theirs))
  })

  for (const plural of ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'])
    test(`the ${plural} of a new cluster`, async () => {
      const asked = {
        name: '',
        method: 'GET',
        path: `/apis/rbac.authorization.k8s.io/v1/${plural}?labelSelector=kubernetes.io%2Fbootstrapping%3Drbac-defaults`,
      }
      const [mine, theirs] = await Promise.all([ask(us, asked), ask(upstream, asked)])
      assert.deepEqual(comparable(mine), comparable(theirs))
    })
})
