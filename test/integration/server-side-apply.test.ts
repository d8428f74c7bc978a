/** Managed fields and server-side apply over HTTP: what upstream's own server says of it stands in oracle/apply.test.ts. */
import assert from 'node:assert/strict'
import { Agent, request } from 'node:https'
import { after, before, test } from 'node:test'
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'

interface Answer {
  code: number
  body: {
    message?: string
    data?: Record<string, string>
    spec?: { replicas?: number }
    metadata: { resourceVersion?: string; managedFields?: ManagedFieldsEntry[] }
    details?: { causes?: { field?: string; reason?: string }[] }
  }
}

let server: TestApiServer
const agents = new Map<string, Agent>()
before(async () => {
  server = await startTestApiServer()
  for (const [user, group] of [['admin', 'system:masters'], ['patcher']] as const) {
    const { certificate, key } = await server.identity(user, group)
    agents.set(user, new Agent({ ca: server.caPem, cert: certificate, key, keepAlive: true }))
  }
})
after(async () => {
  for (const agent of agents.values()) agent.destroy()
  await server[Symbol.asyncDispose]()
})

interface Call {
  body?: unknown
  type?: string
  user?: string
  userAgent?: string
}

const call = (method: string, path: string, { body, type = 'application/json', user = 'admin', userAgent }: Call = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': type, ...(userAgent && { 'user-agent': userAgent }) }
    const sent = request(`${server.url}${path}`, { method, headers, agent: agents.get(user) }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }))
    })
    sent.on('error', reject)
    sent.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const apply = (path: string, manager: string, body: unknown, more: Call & { query?: string } = {}): Promise<Answer> =>
  call('PATCH', `${path}?fieldManager=${manager}${more.query ?? ''}`, { ...more, body, type: 'application/apply-patch+yaml' })
const configMap = (name: string, data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const owners = ({ body }: Answer): string[] =>
  (body.metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join(' '),
  )

test('the manager is named by the parameter, or by the program', async () => {
  const made = await call('POST', configMaps, { body: configMap('named', { a: '1' }), userAgent: 'some\u00a0tool/v1.2 (linux)' })
  assert.deepEqual([made.code, owners(made)], [201, ['sometool Update']])
  const patched = await call('PATCH', `${configMaps}/named?fieldManager=other`, {
    body: { data: { b: '1' } },
    type: 'application/merge-patch+json',
  })
  assert.deepEqual(owners(patched).sort(), ['other Update', 'sometool Update'])
})

test('a write that changes nothing writes nothing', async () => {
  const first = await apply(`${configMaps}/still`, 'a', configMap('still', { a: '1' }))
  assert.equal(first.code, 201)
  const again = await apply(`${configMaps}/still`, 'a', configMap('still', { a: '1' }))
  assert.deepEqual([again.code, again.body], [200, first.body])
  const put = await call('PUT', `${configMaps}/still?fieldManager=a`, { body: configMap('still', { a: '1' }) })
  assert.equal(put.body.metadata.resourceVersion, first.body.metadata.resourceVersion)
})

test('YAML, dry runs, conflicts and force', async () => {
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n'
  const dry = await apply(`${configMaps}/yaml`, 'a', yaml, { query: '&dryRun=All' })
  assert.deepEqual([dry.code, owners(dry)], [201, ['a Apply']])
  assert.equal((await call('GET', `${configMaps}/yaml`)).code, 404)
  assert.equal((await apply(`${configMaps}/yaml`, 'a', yaml)).code, 201)
  const refused = await apply(`${configMaps}/yaml`, 'b', configMap('yaml', { a: '2' }))
  assert.equal(refused.code, 409)
  assert.equal(refused.body.message, 'Apply failed with 1 conflict: conflict with "a": .data.a')
  assert.deepEqual(
    refused.body.details?.causes?.map(({ field, reason }) => [field, reason]),
    [['.data.a', 'FieldManagerConflict']],
  )
  const forced = await apply(`${configMaps}/yaml`, 'b', configMap('yaml', { a: '2' }), { query: '&force=true' })
  assert.deepEqual([forced.body.data, owners(forced)], [{ a: '2' }, ['b Apply']])
})

test('many at once: nobody is lost', async () => {
  const managers = Array.from({ length: 24 }, (_, i) => `m${i}`)
  const answers = await Promise.all(managers.map((m) => apply(`${configMaps}/many`, m, configMap('many', { [m]: m }))))
  assert.ok(answers.every(({ code }) => code === 200 || code === 201))
  const { body } = await call('GET', `${configMaps}/many`)
  assert.deepEqual(Object.keys(body.data ?? {}).sort(), [...managers].sort())
  assert.equal(body.metadata.managedFields?.length, managers.length)
})

test('who may patch may not create by it', async () => {
  const role = { metadata: { name: 'patcher' }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }] }
  await call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { body: role })
  const binding = {
    metadata: { name: 'patcher' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'patcher' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'patcher' }],
  }
  assert.equal((await call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { body: binding })).code, 201)
  const by = { user: 'patcher' }
  const deadline = Date.now() + 60_000
  let answer = await apply(`${configMaps}/still`, 'p', configMap('still', { p: '1' }), by)
  while (answer.code === 403 && Date.now() < deadline) answer = await apply(`${configMaps}/still`, 'p', configMap('still', { p: '1' }), by)
  assert.equal(answer.code, 200)
  const refused = await apply(`${configMaps}/new`, 'p', configMap('new', {}), by)
  assert.equal(refused.code, 403)
  assert.match(refused.body.message ?? '', /cannot create resource "configmaps"/)
})

test('the scale and the status have managers of their own', async () => {
  const spec = {
    replicas: 2,
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  }
  const kind = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }
  assert.equal((await apply(`${deployments}/web`, 'a', { ...kind, spec })).code, 201)
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } }
  assert.equal(
    (await apply(`${deployments}/web/scale`, 's', scale)).body.message,
    'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
  )
  assert.equal((await apply(`${deployments}/web/scale`, 's', scale, { query: '&force=true' })).code, 200)
  assert.equal((await apply(`${deployments}/web/status`, 'c', { ...kind, status: { replicas: 1 } })).code, 200)
  const found = await call('GET', `${deployments}/web`)
  assert.deepEqual([found.body.spec?.replicas, owners(found).sort()], [5, ['a Apply', 'c Apply status', 's Apply scale']])
  assert.equal((await apply(`${deployments}/none/status`, 'c', { ...kind, metadata: { name: 'none' }, status: {} })).code, 404)
})

test('an object that would be too large is stored without managed fields', async () => {
  const data = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`${'k'.repeat(80)}${i}`, '']))
  const made = await call('POST', configMaps, { body: configMap('large', data) })
  assert.deepEqual([made.code, made.body.metadata.managedFields], [201, undefined])
  const patched = await call('PATCH', `${configMaps}/large`, { body: { data: { more: 'x' } }, type: 'application/merge-patch+json' })
  assert.deepEqual([patched.code, patched.body.metadata.managedFields], [200, undefined])
  const refused = await apply(`${configMaps}/large`, 'a', configMap('large', data))
  assert.equal(refused.code, 413, 'an apply that could not be tracked is no apply')
})
