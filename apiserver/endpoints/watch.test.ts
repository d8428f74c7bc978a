import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import type { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ConfigMaps } from '#api/core/config-map.ts'
import type { KubeObject } from '#api/resource.ts'
import { eventually, type Fixture, made, memoryCache, put, RecordingSink, remove } from '#apiserver/cache/fixture.ts'
import { ServerConnections } from '#http2/server-connections.ts'
import { StreamResponse } from '#http2/stream-response.ts'
import type { RawResponse } from './exchange.ts'
import { parseListOptions } from './list-options.ts'
import { watchObjects } from './watch.ts'
import { httpSink } from './watch-sinks.ts'

const resources = [ConfigMaps]
const map = (name: string, labels?: Record<string, string>): KubeObject =>
  made(ConfigMaps, name, { namespace: 'ns', ...(labels === undefined ? {} : { labels }) })

function watch(
  fixture: Fixture,
  query: string,
  name?: string,
): { sink: RecordingSink; over: Promise<void>; isStarted: () => boolean; abort: () => void } {
  const sink = new RecordingSink()
  const abort = new AbortController()
  let isStarted = false
  const over = watchObjects(fixture.cache, {
    resource: ConfigMaps,
    answer: { form: 'object', version: 'v1' },
    query: new URLSearchParams(query),
    ...(name === undefined ? {} : { name }),
    signal: abort.signal,
    start: () => {
      isStarted = true
      return sink
    },
  })
  over.catch(() => undefined)
  return { sink, over, isStarted: () => isStarted, abort: () => abort.abort() }
}

describe('a watch begins', () => {
  it('without a revision: with the newest state', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, ConfigMaps, map('a'))
    const { sink, over, abort } = watch(fixture, '')
    await eventually('the state', () => sink.lines.length === 1)
    await put(fixture.storage, ConfigMaps, map('b'))
    await eventually('the event', () => sink.lines.length === 2)
    assert.deepEqual(sink.lines, ['ADDED a@2', 'ADDED b@3'])
    abort()
    await over
    assert.equal(sink.isEnded, true)
  })

  it('after a revision: with what came since', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, ConfigMaps, map('a'))
    const then = await put(fixture.storage, ConfigMaps, map('b'))
    await put(fixture.storage, ConfigMaps, map('c'))
    await fixture.cache.fresh()
    const { sink } = watch(fixture, `resourceVersion=${then}`)
    await eventually('the event', () => sink.lines.length === 1)
    assert.deepEqual(sink.lines, ['ADDED c@4'])
  })

  it('as a list that is streamed, which ends in a marked bookmark', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, ConfigMaps, map('a'))
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    for (const at of ['', '&resourceVersion=0', '&resourceVersion=1']) {
      const { sink } = watch(fixture, query + at)
      await eventually('the bookmark', () => sink.lines.length === 2)
      assert.deepEqual(sink.lines, ['ADDED a@2', 'BOOKMARK @2'])
      assert.equal(sink.events[1]?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true')
    }
  })

  it('without the state when it says so', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, ConfigMaps, map('a'))
    const { sink, isStarted } = watch(fixture, 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan')
    await eventually('the start', isStarted)
    await put(fixture.storage, ConfigMaps, map('b'))
    await eventually('the event', () => sink.lines.length === 1)
    assert.deepEqual(sink.lines, ['ADDED b@3'])
  })

  it('at a revision of the future: quietly, until it is passed', async () => {
    await using fixture = await memoryCache({ resources })
    const { sink, isStarted } = watch(fixture, 'resourceVersion=3')
    await eventually('the start', isStarted)
    for (const name of ['a', 'b', 'c']) await put(fixture.storage, ConfigMaps, map(name))
    await eventually('the event', () => sink.lines.length === 1)
    assert.deepEqual(sink.lines, ['ADDED c@4'])
  })

  it('of a single object', async () => {
    await using fixture = await memoryCache({ resources })
    const { sink, isStarted } = watch(fixture, 'resourceVersion=0', 'b')
    await eventually('the start', isStarted)
    for (const name of ['a', 'b']) await put(fixture.storage, ConfigMaps, map(name))
    await remove(fixture.storage, ConfigMaps, map('b'))
    await eventually('the events', () => sink.lines.length === 2)
    assert.deepEqual(sink.lines, ['ADDED b@3', 'DELETED b@4'])
  })
})

describe('a watch ends', () => {
  it('when its time is over, with a bookmark', async () => {
    await using fixture = await memoryCache({ resources })
    const { sink, over } = watch(fixture, 'timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=1')
    await over
    assert.deepEqual([sink.lines, sink.isEnded], [['BOOKMARK @1'], true])
  })

  it('when the server was told to stop before it could begin', async () => {
    await using fixture = await memoryCache({ resources })
    const { sink, over, abort } = watch(fixture, 'resourceVersion=1&timeoutSeconds=20')
    abort()
    const late = AbortSignal.timeout(5000)
    await Promise.race([over, once(late, 'abort')])
    assert.deepEqual([late.aborted, sink.isEnded], [false, true])
  })

  it('in an ERROR event when its revision is forgotten', async () => {
    await using fixture = await memoryCache({ resources, history: { changes: 5, bytes: 1e9 } })
    for (let n = 0; n < 20; n++)
      await put(fixture.storage, ConfigMaps, made(ConfigMaps, 'a', { namespace: 'ns', uid: 'u', labels: { n: `${n}` } }))
    await fixture.cache.fresh()
    const { sink, over } = watch(fixture, 'resourceVersion=3')
    await over
    const status = sink.events[0]?.object as unknown as { code: number; reason: string; message: string }
    assert.deepEqual([status.code, status.reason, status.message], [410, 'Expired', 'too old resource version: 3 (16)'])
  })

  it('before it starts, when it cannot be served', async () => {
    await using fixture = await memoryCache({ resources })
    const table: [string, number][] = [
      ['resourceVersion=abc', 500],
      ['timeoutSeconds=abc', 400],
      ['labelSelector=a b', 400],
      ['sendInitialEvents=true', 422],
      ['resourceVersionMatch=NotOlderThan', 422],
    ]
    for (const [query, code] of table) {
      const { over, isStarted } = watch(fixture, query)
      await assert.rejects(over, { code }, query)
      assert.equal(isStarted(), false)
    }
  })
})

it('options read booleans as Go does', () => {
  const read = (query: string): boolean => parseListOptions(ConfigMaps, new URLSearchParams(query), false).watch
  assert.deepEqual(['', 'watch', 'watch=', 'watch=1', 'watch=true', 'watch=0', 'watch=False'].map(read), [
    false,
    true,
    true,
    true,
    true,
    false,
    false,
  ])
})

/** A stream of watch events as a client reads it. */
interface Client {
  contentType: string
  body: Readable
  stop(): void
}

async function overHttp1(listener: (response: ServerResponse) => void): Promise<Client> {
  const server = createServer((_, response) => listener(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [body] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage]
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { contentType: body.headers['content-type'] ?? '', body, stop }
}

async function overHttp2(listener: (response: StreamResponse) => void): Promise<Client> {
  const connections = new ServerConnections((stream) => listener(new StreamResponse(stream)))
  const server = createTcpServer((socket) => connections.accept(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const body = session.request({ ':path': '/' })
  const [headers] = (await once(body, 'response')) as [Record<string, string>]
  const stop = (): void => {
    session.destroy()
    server.close()
  }
  return { contentType: headers['content-type'] ?? '', body, stop }
}

for (const [protocol, serve] of [
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
] as const) {
  it(`goes over ${protocol}: headers at once, bounded memory for a client that does not read, nothing lost`, {
    timeout: 20_000,
  }, async () => {
    await using fixture = await memoryCache({ resources })
    const query = new URLSearchParams('resourceVersion=1')
    const answer = { form: 'object', version: 'v1' } as const
    const { body, contentType, stop } = await serve((response: RawResponse) => {
      void watchObjects(fixture.cache, { resource: ConfigMaps, answer, query, start: () => httpSink(response) })
    })
    assert.equal(contentType, 'application/json')
    const before = process.memoryUsage().arrayBuffers
    const text = 'x'.repeat(20_000)
    const only = map('a')
    for (let n = 0; n < 1500; n++) {
      await put(fixture.storage, ConfigMaps, { ...only, data: { text: text + n } } as KubeObject)
      await turn()
    }
    await fixture.cache.fresh()
    const { historyBytes, laggingWatches } = fixture.cache.stats()
    assert.equal(laggingWatches, 1)
    assert.ok(historyBytes < 33e6)
    assert.ok(process.memoryUsage().arrayBuffers - before < 200e6)
    assert.deepEqual(
      await versionsOf(body, 1500),
      Array.from({ length: 1500 }, (_, i) => i + 2),
    )
    stop()
    await eventually('the end of the watch', () => fixture.cache.stats().watches === 0)
  })
}

async function versionsOf(body: Readable, count: number): Promise<number[]> {
  const versions: number[] = []
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) versions.push(Number((JSON.parse(line) as { object: KubeObject }).object.metadata.resourceVersion))
    if (versions.length >= count) break
  }
  return versions
}
