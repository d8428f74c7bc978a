import assert from 'node:assert/strict'
import { createServer as createHttpServer, request, type Server } from 'node:http'
import { type AddressInfo, connect, createServer, type Server as TcpServer } from 'node:net'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { SpdySession } from '#streams/spdy/session.ts'
import { refuse } from '#streams/upgrade.ts'
import { PortForwardClient } from './client.ts'
import { servePortForward } from './server.ts'

let http: Server
let echo: TcpServer
/** Says all that it has to say at once, and waits for the other side. */
let brief: TcpServer
let port = 0

before(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('>')
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  brief = createServer({ allowHalfOpen: true }, (socket) => socket.resume().end('all'))
  await new Promise<void>((resolve) => brief.listen(0, '127.0.0.1', resolve))
  const ports = new Map([
    [80, (echo.address() as AddressInfo).port],
    [82, (brief.address() as AddressInfo).port],
  ])
  http = createHttpServer()
  http.on('upgrade', (request, socket, head) => {
    const dial = async (wanted: number) => {
      const target = ports.get(wanted)
      if (target === undefined) throw new Error('connection refused')
      return connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    }
    servePortForward({ request, socket, head }, { dial, subject: 'pod default/web' }).catch((error) =>
      refuse(socket, error.code, error.message),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  port = (http.address() as AddressInfo).port
})
after(() => {
  http.close()
  echo.close()
  brief.close()
})

test('through the WebSocket tunnel: several connections, and the reason when a port is closed', async () => {
  const client = await PortForwardClient.connect(`ws://127.0.0.1:${port}/portforward`, {})
  const talk = async (words: string) => {
    const [local, ours] = duplexPair()
    const forwarded = client.forward(ours, 80)
    local.end(words)
    assert.equal(await text(local), `>${words}`)
    await forwarded
  }
  await Promise.all([talk('one'), talk('two'), talk('z'.repeat(1_000_000))])
  const [, ours] = duplexPair()
  await assert.rejects(client.forward(ours, 81), { message: 'error forwarding port 81 to pod default/web: connection refused' })
  await client.close()
  await client.closed
})

async function overSpdy(): Promise<{ session: SpdySession; protocol: unknown }> {
  return await new Promise((resolve) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'portforward.k8s.io' }
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/portforward', headers })
    sent.on('upgrade', (response, socket) =>
      resolve({ session: new SpdySession(socket, { server: false }), protocol: response.headers['x-stream-protocol-version'] }),
    )
    sent.end()
  })
}

test('over plain SPDY, as kubectl before 1.31', async () => {
  const { session, protocol } = await overSpdy()
  assert.equal(protocol, 'portforward.k8s.io')
  const error = await session.open({ streamType: 'error', port: '80', requestID: '0' })
  error.end()
  const data = await session.open({ streamType: 'data', port: '80', requestID: '0' })
  data.end('abc')
  assert.equal(await text(data), '>abc')
  assert.equal(await text(error), '')
  await session.close()
  await session.closed
})

test('a server that is done is the end for those clients, though they have not ended themselves', async () => {
  const { session } = await overSpdy()
  const error = await session.open({ streamType: 'error', port: '82', requestID: '0' })
  const data = await session.open({ streamType: 'data', port: '82', requestID: '0' })
  assert.equal(await text(data), 'all')
  assert.equal(await text(error), '')
  await session.close()
  await session.closed
})

test('over numbered channels: each begins with its port', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/portforward?ports=80`, ['v4.channel.k8s.io'])
  const messages: string[] = []
  socket.on('message', (data: Buffer) => {
    messages.push(data.toString('hex'))
    if (messages.length === 2) socket.send(Buffer.concat([Buffer.from([0]), Buffer.from('q')]))
    if (messages.join('').includes(Buffer.from('q').toString('hex'))) socket.close()
  })
  await new Promise((resolve) => socket.on('close', resolve))
  assert.deepEqual(messages.slice(0, 2), ['005000', '015000'])
  // However the kernel cuts it.
  const said = messages.slice(2).map((message) => [message.slice(0, 2), message.slice(2)] as const)
  assert.deepEqual(new Set(said.map(([channel]) => channel)), new Set(['00']))
  assert.equal(Buffer.from(said.map(([, data]) => data).join(''), 'hex').toString(), '>q')
})

test('a port that is no number is refused before the upgrade', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/portforward?ports=x`, ['v4.channel.k8s.io'])
  assert.equal(await new Promise((resolve) => socket.on('unexpected-response', (_, response) => resolve(response.statusCode))), 400)
})
