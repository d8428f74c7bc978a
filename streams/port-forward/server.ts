/** The server's end of port-forward: SPDY stream pairs, directly or tunnelled through a WebSocket, and numbered WebSocket channels. */
import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import { ChannelSocket } from '#streams/channel-socket.ts'
import { SpdySession, type SpdyStream } from '#streams/spdy/session.ts'
import { acceptSpdy, acceptWebSocket, UpgradeError, type UpgradeRequest, wantsSpdy, wantsWebSocket } from '#streams/upgrade.ts'
import { splice } from './splice.ts'

export const portForwardProtocol = 'portforward.k8s.io'
export const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`
const channelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']

export interface PortForwardOptions {
  /** A connection to the port in the pod; rejects with why there is none. */
  dial: (port: number) => Promise<Duplex>
  /** How messages name the pod: `pod default/web, uid 123`. */
  subject: string
}

const pairMs = 30_000

/** Serves until the client ends. Throws UpgradeError before anything was answered. */
export async function servePortForward(upgrade: UpgradeRequest, options: PortForwardOptions): Promise<void> {
  if (wantsWebSocket(upgrade.request)) {
    const offered = String(upgrade.request.headers['sec-websocket-protocol'] ?? '')
    if (!offered.includes(tunnelProtocol)) return await overChannels(upgrade, options)
    const { socket } = await acceptWebSocket(upgrade, [tunnelProtocol])
    return await overSpdy(createWebSocketStream(socket), options)
  }
  if (!wantsSpdy(upgrade.request)) throw new UpgradeError(400, 'unable to upgrade: missing upgrade headers in request')
  return await overSpdy(acceptSpdy(upgrade, [portForwardProtocol]).connection, options)
}

async function overSpdy(connection: Duplex, options: PortForwardOptions): Promise<void> {
  connection.on('error', () => connection.destroy())
  const session = new SpdySession(connection, { server: true })
  const pairs = new Map<string, { data?: SpdyStream; error?: SpdyStream; timer: NodeJS.Timeout }>()
  session.onStream = (stream) => {
    stream.on('error', () => stream.destroy())
    const { streamtype: type, requestid: id = '', port = '' } = stream.headers
    const number = Number(port)
    if ((type !== 'data' && type !== 'error') || !Number.isInteger(number) || number < 1 || number > 65535) {
      stream.destroy()
      return
    }
    // Old clients send no id: they open an error stream and next to it, two on, its data stream.
    const key = id === '' ? `port ${port} ${type === 'data' ? stream.id - 2 : stream.id}` : id
    const pair = pairs.get(key) ?? { timer: setTimeout(() => giveUp(key), pairMs) }
    pair[type] = stream
    pairs.set(key, pair)
    if (pair.data === undefined || pair.error === undefined) return
    clearTimeout(pair.timer)
    pairs.delete(key)
    forward(pair.data, pair.error, number, options)
  }
  const giveUp = (key: string) => {
    const pair = pairs.get(key)
    pairs.delete(key)
    pair?.error?.end(`(port ${pair.error.headers['port']}) timed out waiting for streams`)
    pair?.data?.destroy()
  }
  await session.closed
  for (const { timer } of pairs.values()) clearTimeout(timer)
}

function forward(data: SpdyStream, error: SpdyStream, port: number, { dial, subject }: PortForwardOptions): void {
  error.resume()
  const run = async () => {
    try {
      const target = await dial(port)
      // Clients before 1.31 hold their own end open until the error stream says that all is well: once the pod has said all that it had to say, it does.
      target.once('end', () => data.once('finish', () => error.end()))
      await splice(data, target)
      error.end()
    } catch (cause) {
      error.end(`error forwarding port ${port} to ${subject}: ${cause instanceof Error ? cause.message : String(cause)}`)
      data.destroy()
    }
  }
  run().catch(() => data.destroy())
}

/** Two channels a port, data and error; the first message of each is the port's number, little-endian. */
async function overChannels(upgrade: UpgradeRequest, options: PortForwardOptions): Promise<void> {
  const ports = requestedPorts(upgrade.request.url ?? '')
  const { socket, protocol } = await acceptWebSocket(upgrade, channelProtocols)
  const channels = new ChannelSocket(socket, protocol.includes('base64'))
  const forwards = ports.map(async (port, index) => {
    const [input, output, error] = [channels.input(2 * index), channels.output(2 * index), channels.output(2 * index + 1)]
    const number = Buffer.alloc(2)
    number.writeUInt16LE(port)
    for (const stream of [output, error]) {
      stream.on('error', () => stream.destroy())
      stream.write(number)
    }
    try {
      const connection = await options.dial(port)
      connection.on('error', () => connection.destroy())
      input.pipe(connection)
      connection.pipe(output)
      await new Promise((resolve) => connection.once('close', resolve))
    } catch (cause) {
      error.write(`error forwarding port ${port} to ${options.subject}: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  })
  const closed = new Promise((resolve) => channels.closed.addEventListener('abort', resolve, { once: true }))
  await Promise.race([Promise.all(forwards), closed])
  channels.close()
}

function requestedPorts(url: string): number[] {
  const texts = new URL(url, 'http://localhost').searchParams.getAll('port').flatMap((value) => value.split(','))
  const more = new URL(url, 'http://localhost').searchParams.getAll('ports').flatMap((value) => value.split(','))
  const ports = [...texts, ...more]
  if (ports.length === 0) throw new UpgradeError(400, 'query parameter "port" is required')
  for (const text of ports) {
    const port = Number(text)
    const problem = !/^\d+$/.test(text) ? 'invalid syntax' : port > 65535 ? 'value out of range' : undefined
    const quoted = JSON.stringify(text)
    if (problem !== undefined)
      throw new UpgradeError(400, `unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: ${problem}`)
    if (port < 1) throw new UpgradeError(400, `port ${quoted} must be > 0`)
  }
  return ports.map(Number)
}
