// The REST client over a real TLS-less server: paths, queries, errors, retries, watches, time-outs.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Nodes } from '#api/core/node.ts'
import { Pods } from '#api/core/pod.ts'
import { ApiError, tooManyRequests } from '#api/meta/status.ts'
import { Client } from './rest.ts'
import { ConnectionError } from './transport.ts'

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

async function serving(handler: Handler): Promise<{ client: Client; server: Server } & AsyncDisposable> {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => handler(Object.assign(request, { text }), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new Client({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't0k3n', timeoutMs: 1000 })
  return {
    client,
    server,
    async [Symbol.asyncDispose]() {
      client.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('verbs become upstream’s requests', async () => {
  const seen: string[] = []
  await using s = await serving((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${request.headers.authorization}`)
    response.end('{"metadata":{},"items":[{"metadata":{"name":"a"}}]}')
  })
  const ref = { namespace: 'ns', name: 'a' }
  await s.client.get(ConfigMaps, ref)
  const page = await s.client.list(ConfigMaps, { namespace: 'ns', labelSelector: 'a in (b,c)', limit: 5 })
  await s.client.list(Nodes)
  await s.client.create(ConfigMaps, { metadata: { namespace: 'ns', name: 'a' } }, { dryRun: true, fieldManager: 'me' })
  await s.client.update(
    Nodes,
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n/1' }, spec: {}, status: {} },
    { subresource: 'status' },
  )
  await s.client.patch(Pods, ref, { type: 'strategic', body: {} }, { subresource: 'status' })
  await s.client.delete(Pods, ref, { gracePeriodSeconds: 0, propagationPolicy: 'Orphan', preconditions: { uid: 'u' } })
  await s.client.deleteCollection(Pods, { namespace: 'ns', labelSelector: 'a=b' })
  await s.client.post(Pods, ref, 'eviction', {})
  const bearer = ' Bearer t0k3n'
  assert.deepEqual(seen, [
    `GET /api/v1/namespaces/ns/configmaps/a -${bearer}`,
    `GET /api/v1/namespaces/ns/configmaps?labelSelector=a+in+%28b%2Cc%29&limit=5 -${bearer}`,
    `GET /api/v1/nodes -${bearer}`,
    `POST /api/v1/namespaces/ns/configmaps?dryRun=All&fieldManager=me application/json${bearer}`,
    `PUT /api/v1/nodes/n%2F1/status application/json${bearer}`,
    `PATCH /api/v1/namespaces/ns/pods/a/status application/strategic-merge-patch+json${bearer}`,
    `DELETE /api/v1/namespaces/ns/pods/a application/json${bearer}`,
    `DELETE /api/v1/namespaces/ns/pods?labelSelector=a%3Db application/json${bearer}`,
    `POST /api/v1/namespaces/ns/pods/a/eviction application/json${bearer}`,
  ])
  assert.deepEqual(page.items[0], { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
})

test('failures are typed', async (t) => {
  await t.test('a Status becomes an ApiError', async () => {
    await using s = await serving((_, response) => {
      response.writeHead(409)
      response.end(JSON.stringify(new ApiError(409, 'Conflict', 'no', { name: 'a' }).toStatus()))
    })
    await assert.rejects(s.client.get(Nodes, { name: 'a' }), { name: 'ApiError', code: 409, reason: 'Conflict', message: 'no' })
  })
  await t.test('so does a page that is none', async () => {
    await using s = await serving((_, response) => response.writeHead(502).end('<html>bad gateway</html>'))
    await assert.rejects(s.client.get(Nodes, { name: 'a' }), { name: 'ApiError', code: 502, message: '<html>bad gateway</html>' })
  })
  await t.test('no server', async () => {
    const client = new Client({ server: 'http://127.0.0.1:1' })
    await assert.rejects(client.get(Nodes, { name: 'a' }), (e) => e instanceof ConnectionError && e.code === 'ECONNREFUSED')
  })
  await t.test('a server that does not answer', async () => {
    await using s = await serving(() => undefined)
    await assert.rejects(s.client.get(Nodes, { name: 'a' }, { timeoutMs: 50 }), { name: 'ConnectionError', code: 'ETIMEDOUT' })
  })
  await t.test('but there is time where more is given than a timer takes', async () => {
    await using s = await serving((_, response) => void setTimeout(() => response.end('{"metadata":{"name":"a"}}'), 50))
    assert.equal((await s.client.get(Nodes, { name: 'a' }, { timeoutMs: 2 ** 32 })).metadata.name, 'a')
  })
  await t.test('a server that breaks off', async () => {
    await using s = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{', () => response.destroy())
    })
    await assert.rejects(s.client.get(Nodes, { name: 'a' }), { name: 'ConnectionError' })
  })
  await t.test('an aborted call rejects with the reason of its signal', async () => {
    await using s = await serving(() => undefined)
    const reason = new Error('enough')
    const stop = new AbortController()
    const call = s.client.get(Nodes, { name: 'a' }, { signal: stop.signal })
    stop.abort(reason)
    await assert.rejects(call, reason)
  })
})

test('429 with Retry-After is tried again', async () => {
  let calls = 0
  await using s = await serving((_, response) => {
    if (++calls < 3) response.writeHead(429, { 'retry-after': '0' }).end(JSON.stringify(tooManyRequests('later', 0).toStatus()))
    else response.end('{"metadata":{"name":"a"}}')
  })
  const node = await s.client.get(Nodes, { name: 'a' })
  assert.equal(node.metadata.name, 'a')
  assert.equal(calls, 3)
})

test('an aborted call does not wait for its next try', async () => {
  const stop = new AbortController()
  await using s = await serving((_, response) => void response.writeHead(429, { 'retry-after': '30' }).end('{}'))
  const asked = s.client.get(Nodes, { name: 'a' }, { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await assert.rejects(asked, /enough/)
})

test('a watch yields events across chunks and throws error frames', async () => {
  const frames = ['{"type":"ADDED","object":{"metadata":{"name":"ä"}}}\n{"type":"MODI', 'FIED","object":{"metadata":{"name":"b"}}}\n']
  frames.push('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n')
  await using s = await serving((_, response) => {
    for (const frame of frames) response.write(frame)
    response.end()
  })
  const got: string[] = []
  const watching = async (): Promise<void> => {
    for await (const event of s.client.watch(Nodes)) got.push(`${event.type} ${event.object.metadata.name}`)
  }
  await assert.rejects(watching(), { name: 'ApiError', code: 410 })
  assert.deepEqual(got, ['ADDED ä', 'MODIFIED b'])
})

test('leaving a watch closes its connection', async () => {
  const closed = Promise.withResolvers<void>()
  await using s = await serving((_, response) => {
    response.on('close', () => closed.resolve())
    response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n')
  })
  for await (const event of s.client.watch(Nodes)) {
    assert.equal(event.object.metadata.name, 'a')
    break
  }
  await closed.promise
})

test('warnings are handed out unquoted', async () => {
  await using s = await serving((_, response) => {
    response.setHeader('warning', ['299 - "one, \\"two\\""', '299 - "three"'])
    response.end('{"metadata":{}}')
  })
  const texts: string[] = []
  await s.client.create(Nodes, { metadata: { name: 'a' }, spec: {} }, { onWarning: (text) => texts.push(text) })
  assert.deepEqual(texts, ['one, "two"', 'three'])
})
