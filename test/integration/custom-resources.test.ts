/** Custom resources over HTTP: live at once, pruned, defaulted and watched, converted by a webhook, gone with their definition. */
import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Call, callServer, openCall, type Reply, replyOf } from '#test/harness/call.ts'
import { processorMs } from '#test/harness/processor-time.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
type Body = any
interface Identity {
  certificate: string
  key: string
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

let server: TestApiServer
let identity: Identity
before(async () => {
  server = await startTestApiServer({ more: { eventTtlSeconds: 1 } })
  identity = await server.identity('admin', 'system:masters')
})
after(async () => {
  await server[Symbol.asyncDispose]()
})

const admin = (): NonNullable<Call['as']> => ({ cert: identity.certificate, key: identity.key })
const call = (method: string, path: string, body?: object, type = 'application/json'): Promise<Reply> =>
  callServer(server, { method, path, as: admin(), headers: { 'content-type': type }, ...(body ? { body } : {}) })

/** The specs of the first events of a watch over a WebSocket. */
async function overSocket(path: string, count: number): Promise<unknown[]> {
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${path}`, {
    ca: server.caPem,
    cert: identity.certificate,
    key: identity.key,
  })
  const specs: unknown[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      specs.push(JSON.parse(data.toString()).object.spec)
      if (specs.length === count) resolve()
    })
  })
  socket.close()
  return specs
}

const version = (name: string, storage: boolean, properties: object, more: object = {}) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
  ...more,
})

function definition(plural: string, versions: readonly object[], more: object = {}) {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1, -1)
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural, kind }, versions, ...more },
  }
}

const itemsOf = (plural: string, name = 'v1'): string => `/apis/example.com/${name}/namespaces/default/${plural}`

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(`not within 60 s: ${what}`)
    await sleep(5)
  }
}

const served = (path: string): Promise<void> => until(`${path} is served`, async () => (await call('GET', path)).code === 200)

describe('a definition', () => {
  test('is live within a second of work, and its objects walk the road of all others', async () => {
    const spec = {
      a: { type: 'string', default: 'x' },
      n: { type: 'integer', maximum: 5 },
      keep: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    }
    assert.equal((await call('POST', definitions, definition('tabs', [version('v1', true, spec)]))).code, 201)
    assert.ok((await processorMs(() => served(itemsOf('tabs')))) < 1000)
    const { body } = await call('GET', `${definitions}/tabs.example.com`)
    assert.deepEqual(
      body.status.conditions.map(({ type, status }: Body) => `${type}=${status}`),
      ['NamesAccepted=True', 'Established=True'],
    )
    const big = '{"b":{"c":9007199254740993}}'
    const sent = { apiVersion: 'example.com/v1', kind: 'Tab', metadata: { name: 'one' }, spec: { n: 1, z: 1, keep: {} } }
    const created = await call('POST', itemsOf('tabs'), JSON.parse(JSON.stringify(sent)))
    assert.deepEqual(created.body.spec, { n: 1, keep: {}, a: 'x' })
    const { text: patched } = await callServer(server, {
      method: 'PATCH',
      path: `${itemsOf('tabs')}/one`,
      as: admin(),
      headers: { 'content-type': 'application/merge-patch+json' },
      body: `{"spec":{"keep":${big}}}`,
    })
    assert.ok(patched.includes(`"keep":${big}`), patched)
    const refused = await call('PATCH', `${itemsOf('tabs')}/one`, { spec: { n: 6 } }, 'application/merge-patch+json')
    assert.deepEqual(
      [refused.code, refused.body.details.causes],
      [
        422,
        [{ reason: 'FieldValueInvalid', message: 'Invalid value: 6: spec.n in body should be less than or equal to 5', field: 'spec.n' }],
      ],
    )
    assert.ok((await call('GET', '/apis/example.com/v1')).body.resources.some(({ name }: Body) => name === 'tabs'))
    assert.equal((await call('GET', '/openapi/v3/apis/example.com/v1')).code, 200)
  })

  test('whose schema changes shows new defaults in old objects, and never loses a watcher silently', async () => {
    const { body: before } = await call('GET', `${definitions}/tabs.example.com`)
    before.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.added = { type: 'string', default: 'new' }
    const watch = await openCall(server, { method: 'GET', path: `${itemsOf('tabs')}?watch=1`, as: admin() })
    const ended = replyOf(watch)
    assert.equal((await call('PUT', `${definitions}/tabs.example.com`, before)).code, 200)
    await until('the new default', async () => (await call('GET', `${itemsOf('tabs')}/one`)).body.spec.added === 'new')
    assert.equal((await ended).code, 200)
  })

  test('that are called as built-in ones are still like all others', async () => {
    const schema = [version('v1', true, {})]
    for (const plural of ['events', 'namespaces']) {
      assert.equal((await call('POST', definitions, definition(plural, schema))).code, 201)
      await served(itemsOf(plural))
    }
    const custom = { apiVersion: 'example.com/v1', metadata: { name: 'one' } }
    assert.equal((await call('POST', itemsOf('events'), { ...custom, kind: 'Event' })).code, 201)
    assert.equal((await call('POST', itemsOf('namespaces'), { ...custom, kind: 'Namespace' })).code, 201)
    assert.equal((await call('DELETE', itemsOf('namespaces'))).code, 200)
    const core = '/api/v1/namespaces/default/events'
    const told = {
      metadata: { name: 'one' },
      involvedObject: { namespace: 'default', kind: 'Pod', name: 'p' },
      reason: 'Said',
      type: 'Normal',
    }
    assert.equal((await call('POST', core, told)).code, 201)
    await until('the end of the event', async () => (await call('GET', `${core}/one`)).code === 404)
    assert.equal((await call('GET', `${itemsOf('events')}/one`)).code, 200)
  })

  test('whose name is taken is not served until it is free', async () => {
    const names = { plural: 'others', kind: 'Other', shortNames: ['tabs'] }
    await call('POST', definitions, definition('others', [version('v1', true, {})], { names }))
    const condition = async (): Promise<Body> =>
      (await call('GET', `${definitions}/others.example.com`)).body.status.conditions?.find(({ type }: Body) => type === 'NamesAccepted')
    await until('the conflict', async () => (await condition())?.status === 'False')
    assert.equal((await condition()).message, '"tabs" is already in use')
    assert.equal((await call('GET', itemsOf('others'))).code, 404)
    await call('DELETE', `${definitions}/tabs.example.com`)
    await served(itemsOf('others'))
    assert.equal((await call('GET', itemsOf('tabs'))).code, 404)
  })

  test('takes its objects with it, and waits for their finalizers', async () => {
    await call('POST', definitions, definition('ends', [version('v1', true, {})]))
    await served(itemsOf('ends'))
    const object = { apiVersion: 'example.com/v1', kind: 'End', metadata: { name: 'held', finalizers: ['example.com/hold'] } }
    assert.equal((await call('POST', itemsOf('ends'), object)).code, 201)
    await call('POST', itemsOf('ends'), { ...object, metadata: { name: 'free' } })
    await call('DELETE', `${definitions}/ends.example.com`)
    await until('the free object is gone', async () => (await call('GET', `${itemsOf('ends')}/free`)).code === 404)
    const late = await call('POST', itemsOf('ends'), { ...object, metadata: { name: 'late' } })
    assert.deepEqual(
      [late.code, late.body.message],
      [403, 'ends.example.com "late" is forbidden: create not allowed while custom resource definition is terminating'],
    )
    await call('PATCH', `${itemsOf('ends')}/held`, { metadata: { finalizers: null } }, 'application/merge-patch+json')
    await until('the definition is gone', async () => (await call('GET', `${definitions}/ends.example.com`)).code === 404)
    await until('the kind is gone', async () => (await call('GET', itemsOf('ends'))).code === 404)
  })

  test('of a thousand fields is live within a second of work', async () => {
    const field = (depth: number): object =>
      depth === 0
        ? { type: 'string', description: 'A field among many, with words enough to weigh something.', maxLength: 63 }
        : { type: 'object', properties: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`field${i}`, field(depth - 1)])) }
    const body = definition('giants', [version('v1', true, { big: field(3) }), version('v1beta1', false, { big: field(3) })])
    assert.ok(JSON.stringify(body).length > 200_000)
    assert.equal((await call('POST', definitions, body)).code, 201)
    assert.ok((await processorMs(() => served(itemsOf('giants')))) < 1000)
    const big = { field0: { field0: { field0: 'x'.repeat(64) } } }
    const refused = await call('POST', itemsOf('giants'), {
      apiVersion: 'example.com/v1',
      kind: 'Giant',
      metadata: { name: 'g' },
      spec: { big },
    })
    assert.equal(refused.body.details.causes[0].field, 'spec.big.field0.field0.field0')
  })
})

test('versions are converted by a webhook', async (t) => {
  const { certificate, key } = await server.ca.issue({
    commonName: 'webhook',
    usages: ['server'],
    names: [{ type: 'ip', value: '127.0.0.1' }],
    days: 1,
  })
  const asked: number[] = []
  const hook = createServer({ cert: certificate, key }, (incoming, response) => {
    let text = ''
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    incoming.on('end', () => {
      const { apiVersion, kind, request: review } = JSON.parse(text)
      asked.push(review.objects.length)
      const convertedObjects = review.objects.map(({ spec, ...rest }: Body) => ({
        ...rest,
        apiVersion: review.desiredAPIVersion,
        spec: review.desiredAPIVersion.endsWith('v2') ? { b: spec.a } : { a: spec.b },
      }))
      response.end(JSON.stringify({ apiVersion, kind, response: { uid: review.uid, result: { status: 'Success' }, convertedObjects } }))
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  t.after(() => hook.close())
  const { port } = hook.address() as AddressInfo
  const clientConfig = { url: `https://127.0.0.1:${port}/convert`, caBundle: Buffer.from(server.caPem).toString('base64') }
  const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } }
  const versions = [version('v1', true, { a: { type: 'string' } }), version('v2', false, { b: { type: 'string' } })]
  assert.equal((await call('POST', definitions, definition('hooks', versions, { conversion }))).code, 201)
  await served(itemsOf('hooks'))
  assert.equal((await call('GET', '/apis/example.com/v1/nothings')).body, '404 page not found\n')
  const object = (name: string, api: string, spec: object) => ({ apiVersion: `example.com/${api}`, kind: 'Hook', metadata: { name }, spec })
  await call('POST', itemsOf('hooks'), object('one', 'v1', { a: 'x' }))
  assert.deepEqual((await call('POST', itemsOf('hooks', 'v2'), object('two', 'v2', { b: 'y' }))).body.spec, { b: 'y' })
  assert.deepEqual((await call('GET', `${itemsOf('hooks')}/two`)).body.spec, { a: 'y' })
  asked.length = 0
  const { body: list } = await call('GET', itemsOf('hooks', 'v2'))
  assert.deepEqual(
    list.items.map(({ apiVersion, spec }: Body) => [apiVersion, spec]),
    [
      ['example.com/v2', { b: 'x' }],
      ['example.com/v2', { b: 'y' }],
    ],
  )
  assert.deepEqual(asked, [2])
  assert.deepEqual(await overSocket(`${itemsOf('hooks', 'v2')}?watch=1`, 2), [{ b: 'x' }, { b: 'y' }])
  const patched = await call('PATCH', `${itemsOf('hooks', 'v2')}/one`, { spec: { b: 'z' } }, 'application/merge-patch+json')
  assert.deepEqual([patched.code, patched.body.spec], [200, { b: 'z' }])
  await new Promise<void>((resolve) => hook.close(() => resolve()))
  hook.closeAllConnections()
  const failed = await call('GET', `${itemsOf('hooks', 'v2')}/one`)
  assert.equal(failed.code, 500)
  assert.match(failed.body.message, /^conversion webhook for example.com\/v1, Kind=Hook failed: Post "https:.*connection refused$/)
})
