/** Custom resources of which the store holds several versions, after the storage version changed: each is read from the one it was stored in. */
import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { callServer, type Reply } from '#test/harness/call.ts'
import { eventually } from '#test/harness/cluster.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
type Body = any

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const items = (plural: string, version: string): string => `/apis/example.com/${version}/namespaces/default/${plural}`

let server: TestApiServer
let as: { cert: string; key: string }
before(async () => {
  server = await startTestApiServer()
  const { certificate, key } = await server.identity('admin', 'system:masters')
  as = { cert: certificate, key }
})
after(async () => {
  await server[Symbol.asyncDispose]()
})

const call = (method: string, path: string, body?: object): Promise<Reply> =>
  callServer(server, { method, path, as, ...(body ? { body } : {}) })

const kindOf = (plural: string): string => `Kind${plural}`

function definition(plural: string, stored: string, conversion: object): object {
  const version = (name: string, field: string) => ({
    name,
    served: true,
    storage: name === stored,
    schema: { openAPIV3Schema: { type: 'object', properties: { [field]: { type: 'string' }, both: { type: 'string' } } } },
  })
  return {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind: kindOf(plural) },
      versions: [version('v1', 'a'), version('v2', 'b')],
      conversion,
    },
  }
}

const post = (plural: string, version: string, name: string, fields: object): Promise<Reply> =>
  call('POST', items(plural, version), { apiVersion: `example.com/${version}`, kind: kindOf(plural), metadata: { name }, ...fields })

/** Tells storage versions apart. */
async function storageHash(plural: string): Promise<string> {
  const { resources } = (await call('GET', '/apis/example.com/v2')).body
  return resources.find(({ name }: Body) => name === plural).storageVersionHash
}

/** Serves the definition under v1, makes one object, and lets v2 be stored from then on. */
async function moveStorage(plural: string, conversion: object): Promise<void> {
  assert.equal((await call('POST', definitions, definition(plural, 'v1', conversion))).code, 201)
  await eventually('the kind', 60_000, async () => (await call('GET', items(plural, 'v1'))).code === 200)
  assert.equal((await post(plural, 'v1', 'old', { a: 'x', both: 'c' })).code, 201)
  const hash = await storageHash(plural)
  const path = `${definitions}/${plural}.example.com`
  const { resourceVersion } = (await call('GET', path)).body.metadata
  const next = definition(plural, 'v2', conversion) as { metadata: object }
  const changed = await call('PUT', path, { ...next, metadata: { ...next.metadata, resourceVersion } })
  assert.deepEqual([changed.code, changed.body.status?.storedVersions], [200, ['v1', 'v2']])
  await eventually('the other storage version', 60_000, async () => (await storageHash(plural)) !== hash)
}

const seen = ({ items: found }: Body): object[] =>
  found.map(({ apiVersion, metadata: { name }, a, b, both }: Body) => ({
    apiVersion,
    name,
    ...(a && { a }),
    ...(b && { b }),
    ...(both && { both }),
  }))

test('a webhook converts from the version in which an object is stored', async (t) => {
  const { certificate, key } = await server.ca.issue({
    commonName: 'webhook',
    usages: ['server'],
    names: [{ type: 'ip', value: '127.0.0.1' }],
    days: 1,
  })
  const hook = createServer({ cert: certificate, key }, async (incoming, response) => {
    const { apiVersion, kind, request } = JSON.parse(Buffer.concat((await incoming.toArray()) as Buffer[]).toString())
    const convertedObjects = request.objects.map(({ a, b, ...rest }: Body) => ({
      ...rest,
      apiVersion: request.desiredAPIVersion,
      ...(a === undefined ? { a: b } : { b: a }),
    }))
    response.end(JSON.stringify({ apiVersion, kind, response: { uid: request.uid, result: { status: 'Success' }, convertedObjects } }))
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    hook.close()
    hook.closeAllConnections()
  })
  const url = `https://127.0.0.1:${(hook.address() as AddressInfo).port}/convert`
  const clientConfig = { url, caBundle: Buffer.from(server.caPem).toString('base64') }
  const plural = 'hooks'
  await moveStorage(plural, { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } })
  assert.equal((await post(plural, 'v2', 'young', { b: 'y' })).code, 201)
  assert.deepEqual(seen((await call('GET', items(plural, 'v1'))).body), [
    { apiVersion: 'example.com/v1', name: 'old', a: 'x', both: 'c' },
    { apiVersion: 'example.com/v1', name: 'young', a: 'y' },
  ])
  assert.deepEqual(seen((await call('GET', items(plural, 'v2'))).body), [
    { apiVersion: 'example.com/v2', name: 'old', b: 'x', both: 'c' },
    { apiVersion: 'example.com/v2', name: 'young', b: 'y' },
  ])
  // what is written is stored in today's version, with all that it had
  const { body } = await call('PATCH', `${items(plural, 'v2')}/old`, { both: 'd' })
  assert.deepEqual([body.b, body.both], ['x', 'd'])
  const held = await call('PATCH', `${items(plural, 'v1')}/young`, { metadata: { finalizers: ['example.com/held'] } })
  assert.deepEqual([held.code, held.body.a], [200, 'y'])
  await call('DELETE', `${definitions}/${plural}.example.com`)
  await eventually('the end of what is not held', 60_000, async () => (await call('GET', `${items(plural, 'v2')}/old`)).code === 404)
  const last = (await call('GET', `${items(plural, 'v1')}/young`)).body
  assert.deepEqual([last.a, typeof last.metadata.deletionTimestamp], ['y', 'string'])
})

test('without a webhook each version shows what it knows of what was stored', async () => {
  const plural = 'plains'
  await moveStorage(plural, { strategy: 'None' })
  const [v1, v2] = await Promise.all(['v1', 'v2'].map(async (version) => seen((await call('GET', items(plural, version))).body)))
  assert.deepEqual(v1, [{ apiVersion: 'example.com/v1', name: 'old', a: 'x', both: 'c' }])
  assert.deepEqual(v2, [{ apiVersion: 'example.com/v2', name: 'old', both: 'c' }])
})
