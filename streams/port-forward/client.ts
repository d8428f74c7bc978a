/** The client's end of port-forward: SPDY tunnelled through a WebSocket, one pair of streams for each local connection. */
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createWebSocketStream } from 'ws'
import { SpdySession } from '#streams/spdy/session.ts'
import { type ConnectOptions, connectWebSocket } from '#streams/websocket-client.ts'
import { tunnelProtocol } from './server.ts'
import { splice } from './splice.ts'

export class PortForwardClient {
  readonly #session: SpdySession
  #requests = 0
  /** Settles when the connection to the server has ended. */
  readonly closed: Promise<void>

  private constructor(session: SpdySession) {
    this.#session = session
    this.closed = session.closed
  }

  /** `url` is wss://…/portforward. */
  static async connect(url: string, options: ConnectOptions): Promise<PortForwardClient> {
    const { socket } = await connectWebSocket(url, [tunnelProtocol], options)
    const connection = createWebSocketStream(socket)
    connection.on('error', () => connection.destroy())
    return new PortForwardClient(new SpdySession(connection, { server: false }))
  }

  /** Carries one local connection to the port. Resolves when it is over; rejects with the server's words when the port cannot be reached. */
  async forward(local: Duplex, port: number): Promise<void> {
    const requestid = String(this.#requests)
    this.#requests += 1
    const error = await this.#session.open({ streamtype: 'error', port: String(port), requestid })
    error.end()
    const failure = text(error).catch(() => '')
    const data = await this.#session.open({ streamtype: 'data', port: String(port), requestid })
    await splice(local, data)
    const message = await failure
    if (message !== '') throw new Error(message)
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}
