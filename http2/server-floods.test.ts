// What one client can make a server spend: each test fails where its limit is taken away.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { answerBlock } from './answer-head.ts'
import * as errors from './errors.ts'
import * as frames from './frames.ts'
import { eventually, type HandClient, HandServer } from './hand-client.ts'
import { field } from './header-writer.ts'
import { ServerConnection } from './server-connection.ts'
import type { ServerStream } from './server-stream.ts'

type Serve = (stream: ServerStream) => void

const noAnswer: Serve = () => undefined
const empty: Serve = (stream) => stream.respond(answerBlock(204, {}), true)
const answerOf =
  (bytes: number): Serve =>
  (stream) => {
    stream.respond(answerBlock(200, {}))
    stream.end(Buffer.alloc(bytes))
  }

describe('a client that asks for too much', () => {
  let server: HandServer
  let serve: Serve
  let connection: ServerConnection
  let streams: ServerStream[]

  beforeEach(async () => {
    serve = empty
    streams = []
    const onStream: Serve = (stream) => {
      streams.push(stream)
      serve(stream)
    }
    server = await HandServer.start((socket) => {
      connection = new ServerConnection(socket, { onStream, onClose: () => undefined })
    })
  })
  afterEach(() => server.close())

  const client: HandServer['client'] = (settings) => server.client(settings)
  const tick = (times: number): void => {
    for (let n = 0; n < times; n++) connection.tick()
  }

  it('and gives up what it asked for (CVE-2023-44487)', async () => {
    serve = noAnswer
    const peer = client()
    const giveUp = (count: number): void => {
      const first = peer.lastId + 2
      for (let id = first; id < first + count * 2; id += 2) {
        peer.ask(id)
        peer.send(frames.RST_STREAM, 0, id, frames.words(errors.CANCEL))
      }
    }
    giveUp(1000)
    await peer.sync()
    // A while later there is room for some more.
    tick(1)
    giveUp(500)
    await peer.sync()
    giveUp(1)
    assert.equal(await peer.goodbye(), errors.ENHANCE_YOUR_CALM)
  })

  it('and makes us give it up (CVE-2025-8671)', async () => {
    serve = noAnswer
    const peer = client()
    for (let id = 1; id < 2005; id += 2) {
      peer.ask(id)
      peer.send(frames.WINDOW_UPDATE, 0, id, frames.words(0))
    }
    assert.equal(await peer.goodbye(), errors.ENHANCE_YOUR_CALM)
    assert.ok(streams.length <= 1001)
  })

  const idle: Record<string, (peer: HandClient) => void> = {
    pings: (peer) => peer.send(frames.PING, 0, 0, 'abcdefgh'),
    settings: (peer) => peer.send(frames.SETTINGS, 0, 0, frames.settingsOf([[frames.INITIAL_WINDOW_SIZE, 1]])),
    'acknowledgements of settings': (peer) => peer.send(frames.SETTINGS, frames.ACK, 0),
    'empty data': (peer) => peer.send(frames.DATA, 0, 1),
    'data that is all padding': (peer) => peer.send(frames.DATA, frames.PADDED, 1, '\x03...'),
    priorities: (peer) => peer.send(frames.PRIORITY, 0, 1, frames.words(0, 0).subarray(0, 5)),
    'frames that nobody knows': (peer) => peer.send(99, 0, 1),
  }
  for (const [what, send] of Object.entries(idle))
    it(`and sends nothing but ${what}`, async () => {
      serve = noAnswer
      const peer = client()
      peer.ask(1, { isEnd: false, method: 'POST' })
      for (let n = 0; n < 1990; n++) send(peer)
      await peer.sync()
      for (let n = 0; n < 20; n++) send(peer)
      assert.equal(await peer.goodbye(), errors.ENHANCE_YOUR_CALM)
    })

  it('and takes its answers byte by byte (CVE-2019-9511)', async () => {
    serve = answerOf(100_000)
    const peer = client([[frames.INITIAL_WINDOW_SIZE, 0]])
    peer.ask(1)
    for (let n = 0; n < 2010; n++) peer.send(frames.WINDOW_UPDATE, 0, 1, frames.words(1))
    assert.equal(await peer.goodbye(), errors.ENHANCE_YOUR_CALM)
  })

  it('and begins headers without end (CVE-2024-27316)', async () => {
    for (const part of ['', 'x'.repeat(16_384)]) {
      const peer = client()
      peer.send(frames.HEADERS, frames.END_STREAM, 1, '\x82')
      for (let n = 0; n < 70; n++) peer.send(frames.CONTINUATION, 0, 1, part)
      assert.equal(await peer.goodbye(), errors.ENHANCE_YOUR_CALM)
    }
    assert.equal(streams.length, 0)
  })

  it('and names one long header a thousand times (CVE-2016-6581): the answer says so, and the connection goes on', async () => {
    const peer = client()
    peer.ask(1, { more: `\x40\x01a\x7f\xa1\x1e${'x'.repeat(4000)}${'\xbe'.repeat(1000)}` })
    const { payload } = await peer.next(frames.HEADERS, 1)
    assert.equal(payload.toString('latin1'), field(':status', '431'))
    assert.equal(streams.length, 0)
    peer.ask(3, { isEnd: false, more: field('x', 'y'.repeat(16_000)) })
    await peer.next(frames.HEADERS, 3)
    assert.equal(streams.length, 1)
  })

  it('at once', async () => {
    serve = noAnswer
    const peer = client()
    for (let id = 1; id <= 2001; id += 2) peer.ask(id)
    assert.equal(await peer.reset(2001), errors.REFUSED_STREAM)
    assert.equal(streams.length, 1000)
    streams[0]?.respond(answerBlock(204, {}), true)
    peer.ask(2003)
    await peer.sync()
    assert.equal(streams.length, 1001)
  })

  it('and takes none of its long answers', async () => {
    serve = answerOf(30_000_000)
    const peer = client([[frames.INITIAL_WINDOW_SIZE, 0]])
    for (const id of [1, 3, 5, 7, 9]) peer.ask(id)
    assert.equal(await peer.reset(9), errors.REFUSED_STREAM)
    assert.equal(streams.length, 4)
    // After five minutes nobody waits for them any longer; a watch may be silent for ever.
    serve = (stream) => {
      stream.respond(answerBlock(200, {}))
      stream.write(Buffer.alloc(10))
    }
    tick(61)
    for (const id of [1, 3, 5, 7]) assert.equal(await peer.reset(id), errors.CANCEL)
    peer.ask(11)
    await peer.next(frames.HEADERS, 11)
    tick(61)
    await peer.sync()
    assert.equal(streams.at(-1)?.isClosed, false)
  })

  const doesNotRead = async (requests: number): Promise<HandClient> => {
    const block = answerBlock(204, { 'x-long': 'x'.repeat(1000) })
    serve = (stream) => stream.respond(block, true)
    const peer = client()
    await peer.sync()
    peer.socket.pause()
    peer.socket.cork()
    for (let id = 1; id < requests * 2; id += 2) peer.ask(id)
    peer.socket.uncork()
    // Until no more requests are read.
    let read = 0
    for (let still = 0; still < 20; still = streams.length === read && read > 0 ? still + 1 : 0) {
      read = streams.length
      await delay(5)
    }
    return peer
  }

  it('and does not read: it is not read from either, and nothing is lost', async () => {
    const peer = await doesNotRead(30_000)
    const unsent = streams[0]?.socket.writableLength ?? 0
    assert.ok(unsent > 5e5 && unsent < 5e6, `${unsent} bytes wait`)
    assert.ok(streams.length < 30_000, 'all requests were read')
    peer.socket.resume()
    await eventually('all answers', () => peer.got.length >= 30_000)
  })

  it('and never reads again', async () => {
    await doesNotRead(30_000)
    tick(1 + 60)
    assert.equal(streams[0]?.socket.destroyed, false)
    tick(1)
    assert.equal(streams[0]?.socket.destroyed, true)
  })

  it('and sends more of a body than was allowed', async () => {
    serve = noAnswer
    const peer = client()
    peer.ask(1, { isEnd: false, method: 'POST' })
    for (let n = 0; n < 17; n++) peer.send(frames.DATA, 0, 1, Buffer.alloc(16_384))
    assert.equal(await peer.reset(1), errors.FLOW_CONTROL_ERROR)
    // What was sent there in vain is given back to the connection.
    for (let id = 3; id < 203; id += 2) {
      peer.ask(id, { isEnd: false, method: 'POST' })
      for (let n = 0; n < 15; n++) peer.send(frames.DATA, 0, id, Buffer.alloc(16_384))
      peer.send(frames.RST_STREAM, 0, id, frames.words(errors.CANCEL))
      await peer.sync()
    }
    const first = 203
    for (let id = first; id < first + 140; id += 2) {
      peer.ask(id, { isEnd: false, method: 'POST' })
      for (let n = 0; n < 16; n++) peer.send(frames.DATA, 0, id, Buffer.alloc(16_384))
    }
    assert.equal(await peer.goodbye(), errors.FLOW_CONTROL_ERROR)
  })

  it('and sends a body in crumbs: they are kept together, not one by one', async () => {
    serve = noAnswer
    const peer = client()
    peer.ask(1, { isEnd: false, method: 'POST' })
    peer.socket.cork()
    for (let n = 0; n < 10_000; n++) peer.send(frames.DATA, 0, 1, String(n % 10))
    peer.socket.uncork()
    await peer.sync()
    const parts: Buffer[] = []
    streams[0]?.readBody({ data: (bytes) => parts.push(bytes), end: assert.fail, broken: () => undefined })
    assert.ok(parts.length < 100, `${parts.length} parts`)
    assert.equal(Buffer.concat(parts).toString(), '0123456789'.repeat(1000))
  })

  it('and does not send the body that somebody waits for', async () => {
    serve = (stream) => {
      stream.bodyTicks = 0
    }
    const peer = client()
    peer.ask(1, { isEnd: false, method: 'POST' })
    await peer.sync()
    tick(60)
    await peer.sync()
    assert.equal(streams[0]?.isClosed, false)
    tick(1)
    assert.equal(await peer.reset(1), errors.CANCEL)
  })

  it('by holding a connection on which it asks nothing', async () => {
    serve = noAnswer
    const peer = client()
    peer.ask(1)
    await peer.sync()
    tick(40)
    streams[0]?.respond(answerBlock(204, {}), true)
    tick(18)
    await peer.sync()
    tick(1)
    assert.equal(await peer.goodbye(), errors.NO_ERROR)
  })

  it('by saying nothing at all', async () => {
    for (const first of ['', 'PRI * HTTP/2.0\r\n', frames.PREFACE.toString('latin1')]) {
      const peer = connect({ port: server.port, host: '127.0.0.1' })
      const [socket] = await Promise.all([server.accepted(), once(peer, 'connect')])
      assert.ok(socket)
      peer.write(first)
      tick(3)
      peer.resume()
      await once(peer, 'close')
    }
  })
})
