// The peer is Node's own HTTP/2 server: another implementation of the same protocol.
import assert from 'node:assert/strict'
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { messagePrefix } from '#streams/grpc-messages.ts'
import { GrpcError } from './call.ts'
import { GrpcClient } from './client.ts'

type Answer = (stream: ServerHttp2Stream, message: Buffer, path: string) => void

interface Peer extends AsyncDisposable {
  endpoint: string
  sessions: ServerHttp2Session[]
  requests: string[]
}

async function peer(answer: Answer, settings: object = {}): Promise<Peer> {
  const server: Http2Server = createServer({ settings })
  const sessions: ServerHttp2Session[] = []
  const requests: string[] = []
  server.on('session', (session) => sessions.push(session.on('error', () => undefined)))
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path'])
    requests.push(path)
    const parts: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      const bytes = Buffer.concat(parts)
      if (bytes.length >= 5 && bytes.length === 5 + bytes.readUInt32BE(1)) answer(stream, bytes.subarray(5), path)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    requests,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const framed = (message: Buffer): Buffer => Buffer.concat([messagePrefix(message.length), message])

function succeed(stream: ServerHttp2Stream, ...messages: readonly Buffer[]): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }))
  stream.end(Buffer.concat(messages.map(framed)))
}

const echo: Answer = (stream, message) => succeed(stream, message)

function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code), 'grpc-message': message },
    { endStream: true },
  )
}

function clientOf(endpoints: readonly string[], timeoutMs = 5000): GrpcClient & AsyncDisposable {
  const client = new GrpcClient({ endpoints, timeoutMs, maxSendBytes: 2 * 1024 * 1024 })
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.close() })
}

const rejection = (call: Promise<unknown>): Promise<GrpcError> =>
  call.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => {
      assert.ok(error instanceof GrpcError, String(error))
      return error
    },
  )

const text = (value: string): Buffer => Buffer.from(value)

describe('a unary gRPC call', () => {
  it('sends a message and takes its answer, many at once over one connection', async () => {
    await using server = await peer(echo)
    await using client = clientOf([server.endpoint])
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.unary('/a/B', text(`m${i}`))))
    assert.deepEqual(
      answers.map(String),
      Array.from({ length: 200 }, (_, i) => `m${i}`),
    )
    assert.equal(server.sessions.length, 1)
  })

  it('keeps to the windows of both sides', async () => {
    await using server = await peer((stream, message) => succeed(stream, Buffer.concat(Array.from({ length: 12 }, () => message))), {
      initialWindowSize: 10_000,
    })
    await using client = clientOf([server.endpoint])
    const message = Buffer.alloc(700_000, 'abcdefg')
    const answers = await Promise.all([client.unary('/a/B', message), client.unary('/a/B', message)])
    for (const answer of answers) {
      assert.equal(answer.length, 8_400_000)
      assert.ok(answer.subarray(0, 700_000).equals(message) && answer.subarray(-700_000).equals(message))
    }
  })

  it('waits in line where the peer takes few streams at once', async () => {
    let open = 0
    let most = 0
    const slow: Answer = (stream, message) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        succeed(stream, message)
      })
    }
    await using server = await peer(slow, { maxConcurrentStreams: 2 })
    await using client = clientOf([server.endpoint])
    await Promise.all(Array.from({ length: 20 }, () => client.unary('/a/B', text('m'))))
    assert.ok(most <= 2, `${most} at once`)
  })

  it('tells the status and the words of a refusal', async () => {
    await using server = await peer((stream) => refuse(stream, 11, 'etcdserver: 100%25 gone%21'))
    await using client = clientOf([server.endpoint])
    const error = await rejection(client.unary('/a/B', text('m')))
    assert.deepEqual([error.code, error.message], [11, '11 OUT_OF_RANGE: etcdserver: 100% gone!'])
  })

  it('takes what does not speak gRPC for unavailable', async () => {
    await using server = await peer((stream) => {
      stream.respond({ ':status': 404 })
      stream.end('not found')
    })
    await using client = clientOf([server.endpoint])
    assert.equal((await rejection(client.unary('/a/B', text('m')))).message, '14 UNAVAILABLE: Received HTTP status code 404')
  })

  it('ends at its deadline, and the connection goes on', async () => {
    await using server = await peer((stream, message) => {
      if (String(message) !== 'silence') succeed(stream, message)
    })
    await using client = clientOf([server.endpoint])
    const error = await rejection(client.unary('/a/B', text('silence'), 30))
    assert.equal(error.message, '4 DEADLINE_EXCEEDED: Deadline exceeded')
    assert.equal(String(await client.unary('/a/B', text('m'))), 'm')
    assert.equal(server.sessions.length, 1)
  })

  it('refuses to send what is too long', async () => {
    await using client = clientOf(['http://127.0.0.1:1'])
    assert.match(
      (await rejection(client.unary('/a/B', Buffer.alloc(2 * 1024 * 1024 + 1)))).message,
      /^8 .*message with a size larger than 2097152$/,
    )
  })
})

describe('a gRPC connection that is lost', () => {
  it('says that nothing was done where nobody listens', async () => {
    await using client = clientOf(['http://127.0.0.1:1'])
    assert.match(
      (await rejection(client.unary('/a/B', text('m')))).message,
      /^14 UNAVAILABLE: No connection established. Last error: .*ECONNREFUSED/,
    )
  })

  it('leaves it open what became of the calls under way, and connects anew', async () => {
    await using server = await peer((stream, message) => {
      if (String(message) === 'die') stream.session?.destroy()
      else succeed(stream, message)
    })
    await using client = clientOf([server.endpoint])
    const error = await rejection(client.unary('/a/B', text('die')))
    assert.ok(error.code === 14 && !/No connection|not processed/.test(error.message), error.message)
    assert.equal(String(await client.unary('/a/B', text('m'))), 'm')
    assert.equal(server.sessions.length, 2)
  })

  it('knows that refused streams were not touched', async () => {
    await using server = await peer((stream) => stream.close(7))
    await using client = clientOf([server.endpoint])
    assert.match((await rejection(client.unary('/a/B', text('m')))).message, /Call not processed by the server/)
  })

  it('finishes its calls after GOAWAY, and sends the next ones over another one', async () => {
    let held: (() => void) | undefined
    await using server = await peer((stream, message) => {
      if (String(message) !== 'hold') return succeed(stream, message)
      held = () => succeed(stream, message)
      stream.session?.goaway(0, 2 ** 31 - 1)
    })
    await using client = clientOf([server.endpoint])
    const first = client.unary('/a/B', text('hold'))
    while (held === undefined) await client.unary('/a/B', text('m')).catch(() => undefined)
    while (server.sessions.length < 2) await client.unary('/a/B', text('m'))
    held()
    assert.equal(String(await first), 'hold')
  })

  it('goes on with the endpoint that is there, and leaves one that does not answer', async () => {
    await using silent = await peer(() => undefined)
    await using server = await peer(echo)
    await using client = clientOf(['http://127.0.0.1:1', silent.endpoint, server.endpoint], 50)
    assert.equal((await rejection(client.unary('/a/B', text('m')))).code, 4)
    assert.equal(String(await client.unary('/a/B', text('m'))), 'm')
  })

  it('opens nothing after its end', async () => {
    await using server = await peer(echo)
    await using client = clientOf([server.endpoint])
    await client.unary('/a/B', text('m'))
    client.close()
    assert.match((await rejection(client.unary('/a/B', text('m')))).message, /^1 CANCELLED: Channel closed before call started/)
  })
})

describe('a gRPC stream', () => {
  it('delivers messages in order however they are cut, and its end', async () => {
    const messages = Array.from({ length: 50 }, (_, i) => Buffer.alloc(i * 997, i))
    await using server = await peer((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '14', 'grpc-message': 'enough' }))
      const bytes = Buffer.concat(messages.map(framed))
      for (let at = 0; at < bytes.length; at += 777) stream.write(bytes.subarray(at, at + 777))
      stream.end()
    })
    await using client = clientOf([server.endpoint])
    const got: Buffer[] = []
    const { promise, resolve } = Promise.withResolvers<GrpcError | undefined>()
    const stream = await client.stream('/a/Watch', { message: (message) => got.push(Buffer.from(message)), end: resolve })
    stream.write(text('begin'))
    assert.equal((await promise)?.message, '14 UNAVAILABLE: enough')
    assert.deepEqual(got, messages)
  })

  it('is silent once it was cancelled', async () => {
    await using server = await peer((stream) => {
      stream.respond({ ':status': 200 })
      const ticker = setInterval(() => stream.write(framed(text('tick'))), 1)
      stream.on('close', () => clearInterval(ticker))
    })
    await using client = clientOf([server.endpoint])
    let count = 0
    const { promise: ticked, resolve } = Promise.withResolvers<void>()
    const stream = await client.stream('/a/Watch', {
      message: () => {
        if (++count === 3) resolve()
      },
      end: () => assert.fail('it ended'),
    })
    stream.write(text('begin'))
    await ticked
    stream.cancel()
    const before = count
    await new Promise((resolve) => setTimeout(resolve, 30))
    assert.equal(count, before)
  })
})
