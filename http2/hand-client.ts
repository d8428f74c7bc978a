/** For tests: a client of which every frame is its caller's, so that it can say what no other client would, and a server for such clients. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import * as frames from './frames.ts'
import { field } from './header-writer.ts'

export class HandClient {
  readonly socket: Socket
  readonly got: frames.Frame[] = []
  isClosed = false
  lastId = -1
  readonly #reader = new frames.FrameReader()

  constructor(port: number, settings: readonly (readonly [number, number])[] = []) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk: Buffer) =>
      this.#reader.take(chunk, (frame) => this.got.push({ ...frame, payload: Buffer.from(frame.payload) })),
    )
    this.socket.on('error', () => undefined)
    this.socket.once('close', () => {
      this.isClosed = true
    })
    this.socket.write(frames.PREFACE)
    this.send(frames.SETTINGS, 0, 0, frames.settingsOf(settings))
  }

  send(type: number, flags: number, stream: number, payload: Buffer | string = ''): void {
    const bytes = Buffer.from(payload as string, 'latin1')
    const header = Buffer.alloc(frames.HEADER_BYTES)
    frames.writeFrameHeader(header, 0, bytes.length, { type, flags, stream })
    this.socket.write(Buffer.concat([header, bytes]))
  }

  ask(stream: number, { method = 'GET', isEnd = true, more = '' } = {}): void {
    this.lastId = stream
    const block = field(':method', method) + field(':scheme', 'https') + field(':path', '/') + field(':authority', 'h') + more
    this.send(frames.HEADERS, frames.END_HEADERS | (isEnd ? frames.END_STREAM : 0), stream, block)
  }

  /** The next frame of a type, which is taken out. */
  async next(type: number, stream?: number): Promise<frames.Frame> {
    const isIt = (frame: frames.Frame): boolean => frame.type === type && (stream === undefined || frame.stream === stream)
    await eventually(`a frame of type ${type} on ${stream}`, () => this.got.some(isIt))
    return this.got.splice(this.got.findIndex(isIt), 1)[0] as frames.Frame
  }

  async reset(stream: number): Promise<number> {
    return (await this.next(frames.RST_STREAM, stream)).payload.readUInt32BE(0)
  }

  /** The code of the server's last words, when it has closed the connection. */
  async goodbye(): Promise<number> {
    const code = (await this.next(frames.GOAWAY)).payload.readUInt32BE(4)
    await eventually('the end of the connection', () => this.isClosed)
    return code
  }

  /** All that was sent before has been read when this resolves. */
  async sync(): Promise<void> {
    this.send(frames.PING, 0, 0, 'ABCDEFGH')
    await this.next(frames.PING)
  }
}

/** Listens on a port of its own; what it does with a connection is its caller's. */
export class HandServer {
  readonly port: number
  readonly #server: Server
  readonly #clients: HandClient[] = []

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(accept: (socket: Socket) => void): Promise<HandServer> {
    const server = createServer(accept).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HandServer(server)
  }

  client(settings?: readonly (readonly [number, number])[]): HandClient {
    const made = new HandClient(this.port, settings)
    this.#clients.push(made)
    return made
  }

  /** The next connection, as the server has it. */
  async accepted(): Promise<Socket> {
    const [socket] = (await once(this.#server, 'connection')) as [Socket]
    return socket
  }

  async close(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, `${what} did not come`)
    await delay(2)
  }
}
