/** HTTP/2 as client-go programs use it: bodies, many requests and watches on one connection, streams that are given up or left unread. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'

const path = '/api/v1/namespaces/default/configmaps'

interface Reply {
  code: number
  headers: IncomingHttpHeaders
  text: string
}

async function replyOf(stream: ClientHttp2Stream): Promise<Reply> {
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]
  if (!stream.readableEnded) await once(stream, 'end')
  return { code: headers[':status'], headers, text: Buffer.concat(parts).toString() }
}

async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, what)
    await delay(5)
  }
}

describe('over HTTP/2', () => {
  let server: TestApiServer
  let identity: { cert: string; key: string }
  const sessions: ClientHttp2Session[] = []

  before(async () => {
    server = await startTestApiServer()
    const { certificate: cert, key } = await server.identity('kubernetes-admin', 'system:masters')
    identity = { cert, key }
  })
  after(async () => {
    for (const session of sessions) session.destroy()
    await server[Symbol.asyncDispose]()
  })

  const open = (settings: object = {}): ClientHttp2Session => {
    const session = connect(server.url, { ca: server.caPem, ...identity, settings })
    sessions.push(session)
    return session
  }
  const ask = (session: ClientHttp2Session, method: string, at: string, body?: object | Buffer): Promise<Reply> => {
    const stream = session.request({ ':method': method, ':path': at })
    stream.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body))
    return replyOf(stream)
  }
  const watches = (): number => server.parts.cache.stats().watches

  test('a body needs neither length nor type', async () => {
    const session = open()
    const request = session.request({ ':method': 'POST', ':path': path })
    request.write('{"metadata":{')
    request.end('"name":"unnamed"}}')
    assert.equal((await replyOf(request)).code, 201)
    assert.equal((await replyOf(session.request({ ':method': 'DELETE', ':path': `${path}/unnamed` }))).code, 200)
  })

  test('a body that is too large is refused, whether it says so or not, and the connection goes on', async () => {
    const session = open()
    const large = Buffer.alloc(4_000_000, ' ')
    const told = session.request({ ':method': 'POST', ':path': path, 'content-length': large.length })
    told.on('error', () => undefined)
    told.write(large.subarray(0, 1000))
    assert.equal((await replyOf(told)).code, 413)
    const untold = session.request({ ':method': 'POST', ':path': path })
    untold.on('error', () => undefined)
    untold.end(large)
    assert.equal((await replyOf(untold)).code, 413)
    assert.equal((await ask(session, 'GET', '/version')).code, 200)
  })

  test('a long list comes whole through windows of any size, beside other requests', async () => {
    const session = open({ initialWindowSize: 10_000 })
    const text = 'x'.repeat(100_000)
    const names = Array.from({ length: 40 }, (_, i) => `long-${i}`)
    for (const { code } of await Promise.all(names.map((name) => ask(session, 'POST', path, { metadata: { name }, data: { text } }))))
      assert.equal(code, 201)
    const unread = session.request({ ':path': path })
    await once(unread, 'response')
    unread.pause()
    const lists = await Promise.all(names.slice(0, 4).map(() => ask(session, 'GET', path)))
    for (const { text: list, headers } of lists) {
      assert.equal(Buffer.byteLength(list), Number(headers['content-length']))
      assert.equal(JSON.parse(list).items.filter((item: { data?: object }) => item.data).length, 40)
    }
    // No window lets it all out: it is still there, and comes when it is read.
    let bytes = 0
    unread.on('data', (part: Buffer) => {
      bytes += part.length
    })
    await once(unread.resume(), 'end')
    assert.equal(bytes, Buffer.byteLength(lists[0]?.text ?? ''))
  })

  test('hundreds of watches share a connection, and each ends when it is given up', async () => {
    const session = open()
    let events = 0
    const streams = Array.from({ length: 300 }, () => {
      const stream = session.request({ ':path': `${path}?watch=1&fieldSelector=metadata.name=seen` })
      stream.on('error', () => undefined)
      return stream.on('data', () => events++)
    })
    await Promise.all(streams.map((stream) => once(stream, 'response')))
    assert.equal(watches(), 300)
    assert.equal((await ask(session, 'POST', path, { metadata: { name: 'seen' } })).code, 201)
    await eventually('an event for each', () => events >= 300)
    streams[0]?.close(constants.NGHTTP2_CANCEL)
    await eventually('the end of one watch', () => watches() === 299)
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL)
    await eventually('the end of all watches', () => watches() === 0)
    assert.equal((await ask(session, 'GET', '/version')).code, 200)
  })

  test('a watch ends with its connection', async () => {
    const session = open()
    const watch = session.request({ ':path': `${path}?watch=1` })
    watch.on('error', () => undefined)
    await once(watch, 'response')
    assert.equal(watches(), 1)
    session.destroy()
    await eventually('the end of the watch', () => watches() === 0)
  })

  test('what no request may have is refused stream by stream', async () => {
    const session = open()
    const faulty = session.request({ ':path': '/version', te: 'trailers' })
    assert.equal((await replyOf(faulty)).code, 200)
    const short = session.request({ ':method': 'POST', ':path': path, 'content-length': 10 })
    const failed = once(short, 'error').catch((error: unknown) => [error])
    short.end('{}')
    assert.match(String((await failed)[0]), /PROTOCOL_ERROR/)
    assert.equal((await ask(session, 'GET', '/version')).code, 200)
  })
})

test('the end of the server: requests under way are answered, idle connections end before', { timeout: 60_000 }, async () => {
  const server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('kubernetes-admin', 'system:masters')
  const open = (): ClientHttp2Session => connect(server.url, { ca: server.caPem, cert, key })
  const [idle, busy] = [open(), open()]
  assert.equal((await replyOf(idle.request({ ':path': '/version' }))).code, 200)
  const watch = busy.request({ ':path': `${path}?watch=1` })
  await once(watch, 'response')
  const watchEnded = once(watch.resume(), 'end')
  const order: string[] = []
  const noted = <T>(what: string, happens: Promise<T>): Promise<T> => happens.finally(() => order.push(what))
  // Waits three seconds for a revision that does not come.
  const slow = noted('answered', replyOf(busy.request({ ':path': `${path}?resourceVersion=999999` })))
  const idleClosed = noted('idle closed', once(idle, 'close'))
  // Answered behind it on the same connection: the server has it.
  assert.equal((await replyOf(busy.request({ ':path': '/version' }))).code, 200)
  const [answer] = await Promise.all([slow, idleClosed, watchEnded, server[Symbol.asyncDispose]()])
  assert.equal(answer.code, 504)
  assert.deepEqual(order, ['idle closed', 'answered'])
})
