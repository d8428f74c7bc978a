// The peers are Node's own HTTP/2 client, and one that writes frames by hand to say what no client would.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import { connect as dial, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { answerBlock } from './answer-head.ts'
import * as errors from './errors.ts'
import * as frames from './frames.ts'
import { eventually, type HandClient, HandServer } from './hand-client.ts'
import { field } from './header-writer.ts'
import { ServerConnection } from './server-connection.ts'
import type { ServerStream } from './server-stream.ts'
import { StreamRequest } from './stream-request.ts'
import { StreamResponse } from './stream-response.ts'

type Serve = (stream: ServerStream) => void

const ok: Serve = (stream) => {
  stream.respond(answerBlock(200, { 'content-type': 'text/plain' }))
  stream.end(Buffer.from('ok'))
}

describe('a connection of a client', () => {
  let server: HandServer
  let serve: Serve
  let connections: ServerConnection[]
  let cuts: readonly number[]
  const streams: ServerStream[] = []

  beforeEach(async () => {
    serve = ok
    connections = []
    cuts = [Number.POSITIVE_INFINITY]
    streams.length = 0
    const onStream: Serve = (stream) => {
      streams.push(stream)
      serve(stream)
    }
    server = await HandServer.start((socket) =>
      connections.push(new ServerConnection(cutReads(socket, cuts), { onStream, onClose: () => undefined })),
    )
  })
  afterEach(() => server.close())

  const client: HandServer['client'] = (settings) => server.client(settings)
  const tick = (times: number): void => {
    for (let n = 0; n < times; n++) for (const connection of connections) connection.tick()
  }

  describe('of Node', () => {
    const ask = async (stream: ClientHttp2Stream): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      if (!stream.readableEnded) await once(stream, 'end')
      return { headers, body: Buffer.concat(parts) }
    }
    const url = (): string => `http://127.0.0.1:${server.port}`

    it('gets headers and bodies back as they came, however the bytes are cut', { timeout: 30_000 }, async () => {
      serve = (stream) => {
        const { headers } = stream.head
        const back = Object.entries(headers).filter(([name]) => name.startsWith('x-'))
        new StreamRequest(stream).pipe(new EchoResponse(stream, Object.fromEntries(back) as Record<string, string>))
      }
      const name = fc.stringMatching(/^x-[a-z0-9]{1,8}$/)
      const value = fc.stringMatching(/^[!-~]([ -~]{0,100}[!-~])?$/)
      const request = fc.record({ headers: fc.dictionary(name, value, { maxKeys: 12 }), body: fc.uint8Array({ maxLength: 40_000 }) })
      await fc.assert(
        fc.asyncProperty(
          fc.array(request, { minLength: 1, maxLength: 6 }),
          fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
          async (requests, sizes) => {
            cuts = sizes
            const session = connect(url())
            const answers = await Promise.all(
              requests.map(({ headers, body }) => {
                const stream = session.request({ ...headers, ':method': 'POST', ':path': '/' })
                stream.end(Buffer.from(body))
                return ask(stream)
              }),
            )
            for (const [i, { headers, body }] of requests.entries()) {
              assert.deepEqual({ ...answers[i]?.headers, ...headers }, { ...answers[i]?.headers })
              assert.ok(answers[i]?.body.equals(Buffer.from(body)))
            }
            session.destroy()
          },
        ),
        { numRuns: 40 },
      )
    })

    it('takes many long answers at once through small windows, and long bodies are taken', { timeout: 30_000 }, async () => {
      const long = Buffer.alloc(3_000_000, 'abcdefghij')
      serve = (stream) => {
        if (stream.head.method === 'GET') {
          stream.respond(answerBlock(200, { 'content-length': long.length }))
          stream.end(long)
        } else new StreamRequest(stream).pipe(new StreamResponse(stream))
      }
      const session = connect(url(), { settings: { initialWindowSize: 1000 } })
      const getting = Array.from({ length: 5 }, () => ask(session.request({ ':path': '/' })))
      const posting = session.request({ ':path': '/', ':method': 'POST' })
      posting.end(long)
      for (const { body } of await Promise.all([...getting, ask(posting)])) assert.ok(body.equals(long))
      session.destroy()
    })

    it('reads other streams while it leaves one alone, which holds no more than its window', async () => {
      const piece = Buffer.alloc(60_000)
      serve = (stream) => {
        if (stream.head.url === '/ok') return ok(stream)
        stream.respond(answerBlock(200, {}))
        while (stream.write(piece)) assert.ok(stream.pendingBytes < 1e6)
      }
      const session = connect(url())
      const left = session.request({ ':path': '/left' })
      await once(left, 'response')
      left.pause()
      for (let n = 0; n < 20; n++) assert.equal((await ask(session.request({ ':path': '/ok' }))).body.toString(), 'ok')
      await eventually('a full window', () => (streams[0]?.window ?? 1) <= 0)
      session.destroy()
    })

    it('is slowed down by who takes its body slowly, and breaks off in the middle', async () => {
      let request: StreamRequest | undefined
      serve = (stream) => {
        request = new StreamRequest(stream)
      }
      const session = connect(url())
      const post = session.request({ ':path': '/', ':method': 'POST' })
      post.on('error', () => undefined)
      post.write(Buffer.alloc(2_000_000))
      await eventually('the request', () => request !== undefined)
      const first = new Promise((resolve) => request?.once('data', resolve))
      await first
      request?.pause()
      await eventually('a full window', () => (streams[0]?.receiveWindow ?? 1) <= 0)
      assert.ok((streams[0]?.received ?? 0) < 600_000)
      const broken = once(request as StreamRequest, 'error')
      request?.resume()
      await eventually('the rest', () => streams[0]?.received === 2_000_000)
      // (A stream that Node's client closes is ended first.)
      session.destroy()
      assert.match(String((await broken)[0]), /aborted/)
    })

    it('ends a stream: the answer hears of it at once', async () => {
      let end: boolean | undefined
      serve = (stream) => {
        stream.respond(answerBlock(200, {}))
        stream.write(Buffer.from('event'))
        stream.onClose((isWhole) => {
          end = isWhole
        })
      }
      const session = connect(url())
      const watch = session.request({ ':path': '/' })
      await once(watch, 'data')
      watch.close(errors.CANCEL)
      await eventually('the end', () => end === false)
      assert.equal(streams[0]?.isClosed, true)
      assert.equal(streams[0]?.write(Buffer.from('nobody reads this')), true)
      session.destroy()
    })

    it('is told to go on where it asks, and what answers say beside their bodies', async () => {
      serve = (stream) => {
        new StreamRequest(stream).resume().on('end', () => new StreamResponse(stream).end())
      }
      const session = connect(url())
      const post = session.request({ ':path': '/', ':method': 'POST', expect: '100-continue' })
      await once(post, 'continue')
      post.end('body')
      const { headers, body } = await ask(post)
      assert.equal(headers[':status'], 200)
      assert.ok(headers.date)
      assert.equal(body.length, 0)
      session.destroy()
    })

    it('gets no body for HEAD, and headers of any length', async () => {
      const long = 'x'.repeat(40_000)
      serve = (stream) => {
        const response = new StreamResponse(stream)
        response.setHeader('X-Long', long)
        response.setHeader('x-broken', 'a\nb')
        response.end('body')
      }
      const session = connect(url(), { maxSendHeaderBlockLength: 100_000, settings: { maxHeaderListSize: 100_000 } })
      const { headers, body } = await ask(session.request({ ':path': '/', ':method': 'HEAD' }))
      assert.equal(headers['x-long'], long)
      assert.equal(headers['x-broken'], undefined)
      assert.equal(body.length, 0)
      session.destroy()
    })

    it('ends its requests in peace when the server leaves', async () => {
      serve = () => undefined
      const session = connect(url())
      const slow = session.request({ ':path': '/' })
      const goaway = once(session, 'goaway')
      await eventually('the request', () => streams.length === 1)
      connections[0]?.leave()
      await goaway
      const answered = ask(slow)
      ok(streams[0] as ServerStream)
      assert.equal((await answered).body.toString(), 'ok')
      await once(session, 'close')
    })
  })

  describe('that keeps to no rule', () => {
    const faults: Record<string, [(peer: HandClient) => void, number]> = {
      'a frame in the middle of headers': [
        (peer) => {
          peer.send(frames.HEADERS, 0, 1, '\x82')
          peer.send(frames.DATA, 0, 1, 'x')
        },
        errors.PROTOCOL_ERROR,
      ],
      'headers that are no HPACK': [(peer) => peer.send(frames.HEADERS, frames.END_HEADERS, 1, '\xff\xff'), errors.COMPRESSION_ERROR],
      'a stream of the server': [(peer) => peer.ask(2), errors.PROTOCOL_ERROR],
      'a stream before the last one': [
        (peer) => {
          peer.ask(5)
          peer.ask(3)
        },
        errors.PROTOCOL_ERROR,
      ],
      'data where nothing began': [(peer) => peer.send(frames.DATA, 0, 1, 'x'), errors.PROTOCOL_ERROR],
      'settings that are not whole': [(peer) => peer.send(frames.SETTINGS, 0, 0, 'abc'), errors.FRAME_SIZE_ERROR],
      'an acknowledgement that says something': [(peer) => peer.send(frames.SETTINGS, frames.ACK, 0, 'abcdef'), errors.FRAME_SIZE_ERROR],
      'frames that are too small to be': [
        (peer) => peer.send(frames.SETTINGS, 0, 0, frames.settingsOf([[frames.MAX_FRAME_SIZE, 10]])),
        errors.PROTOCOL_ERROR,
      ],
      'a first window that is too large': [
        (peer) => peer.send(frames.SETTINGS, 0, 0, frames.settingsOf([[frames.INITIAL_WINDOW_SIZE, 2 ** 31]])),
        errors.FLOW_CONTROL_ERROR,
      ],
      'a window of the connection that gets too large': [
        (peer) => peer.send(frames.WINDOW_UPDATE, 0, 0, frames.words(0x7fffffff)),
        errors.FLOW_CONTROL_ERROR,
      ],
      'a window that grows by nothing': [(peer) => peer.send(frames.WINDOW_UPDATE, 0, 0, frames.words(0)), errors.PROTOCOL_ERROR],
      'a ping on a stream': [(peer) => peer.send(frames.PING, 0, 1, 'abcdefgh'), errors.PROTOCOL_ERROR],
      'a ping of three bytes': [(peer) => peer.send(frames.PING, 0, 0, 'abc'), errors.FRAME_SIZE_ERROR],
      'a push': [(peer) => peer.send(frames.PUSH_PROMISE, 0, 1, 'abcd'), errors.PROTOCOL_ERROR],
    }
    for (const [what, [misbehave, code]] of Object.entries(faults))
      it(`ends with it: ${what}`, async () => {
        const peer = client()
        misbehave(peer)
        assert.equal(await peer.goodbye(), code)
      })

    it('does not get past its first bytes with anything else', async () => {
      const peer = dial({ port: server.port, host: '127.0.0.1' })
      peer.on('error', () => undefined)
      peer.end('GET / HTTP/1.1\r\n\r\n')
      peer.resume()
      await once(peer, 'close')
    })

    it('loses the stream alone for a fault of the stream', async () => {
      const peer = client()
      serve = () => undefined
      peer.ask(1, { more: '\0\x05Upper\x01x' })
      assert.equal(await peer.reset(1), errors.PROTOCOL_ERROR)
      peer.ask(3, { isEnd: false, method: 'POST', more: field('content-length', '2') })
      peer.send(frames.DATA, 0, 3, 'abc')
      assert.equal(await peer.reset(3), errors.PROTOCOL_ERROR)
      peer.ask(5, { isEnd: false, method: 'POST', more: field('content-length', '2') })
      peer.send(frames.DATA, frames.END_STREAM, 5, 'a')
      assert.equal(await peer.reset(5), errors.PROTOCOL_ERROR)
      peer.ask(7)
      peer.send(frames.WINDOW_UPDATE, 0, 7, frames.words(0x7fffffff))
      assert.equal(await peer.reset(7), errors.FLOW_CONTROL_ERROR)
      peer.ask(9)
      peer.send(frames.DATA, 0, 9, 'a')
      assert.equal(await peer.reset(9), errors.STREAM_CLOSED)
      peer.ask(11, { isEnd: false, method: 'POST' })
      peer.send(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, 11, field(':path', '/'))
      assert.equal(await peer.reset(11), errors.PROTOCOL_ERROR)
      serve = ok
      peer.ask(13)
      await peer.next(frames.DATA, 13)
    })

    it('reads trailers and drops them', async () => {
      const peer = client()
      peer.ask(1, { isEnd: false, method: 'POST' })
      peer.send(frames.DATA, 0, 1, 'a')
      peer.send(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, 1, field('x-sum', '1'))
      await peer.sync()
      assert.equal(streams[0]?.isReceived, true)
    })

    it('is answered before its body has come, and told to stop only where it goes on', async () => {
      const peer = client()
      peer.ask(1, { isEnd: false, method: 'POST' })
      await peer.next(frames.DATA, 1)
      peer.send(frames.DATA, frames.END_STREAM, 1, 'late')
      peer.ask(3, { isEnd: false, method: 'POST' })
      for (let n = 0; n < 6; n++) peer.send(frames.DATA, 0, 3, Buffer.alloc(16_000))
      assert.equal(await peer.reset(3), errors.NO_ERROR)
      assert.equal(
        peer.got.some(({ type, stream }) => type === frames.RST_STREAM && stream === 1),
        false,
      )
      peer.ask(5, { isEnd: false, method: 'POST' })
      await peer.next(frames.DATA, 5)
      tick(1)
      assert.equal(await peer.reset(5), errors.NO_ERROR)
    })
  })
})

class EchoResponse extends StreamResponse {
  constructor(stream: ServerStream, headers: Readonly<Record<string, string>>) {
    super(stream)
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
  }
}

/** What comes is read in parts, as a slow network would bring it. */
function cutReads(socket: Socket, cuts: readonly number[]): Socket {
  const emit = socket.emit.bind(socket) as (event: string, ...more: unknown[]) => boolean
  let i = 0
  socket.emit = (event: string, ...more: unknown[]): boolean => {
    const [chunk] = more
    if (event !== 'data' || !Buffer.isBuffer(chunk)) return emit(event, ...more)
    for (let at = 0, end = 0; at < chunk.length; at = end) {
      end = at + (cuts[i++ % cuts.length] ?? 1)
      emit('data', chunk.subarray(at, end))
    }
    return true
  }
  return socket
}
