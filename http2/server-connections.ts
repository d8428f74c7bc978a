/** All connections of one server, looked at from time to time, and ended in order when it ends. */
import type { Socket } from 'node:net'
import { TICK_MS } from './flood-guard.ts'
import { ServerConnection } from './server-connection.ts'
import type { ServerStream } from './server-stream.ts'

export class ServerConnections {
  readonly #open = new Set<ServerConnection>()
  readonly #onStream: (stream: ServerStream) => void
  #timer: NodeJS.Timeout | undefined

  constructor(onStream: (stream: ServerStream) => void) {
    this.#onStream = onStream
  }

  /** A socket whose client speaks HTTP/2 from its first byte on. */
  accept(socket: Socket): void {
    const connection = new ServerConnection(socket, { onStream: this.#onStream, onClose: () => this.#forget(connection) })
    this.#open.add(connection)
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** They take no more requests, and end after those under way. */
  leave(): void {
    for (const connection of this.#open) connection.leave()
  }

  #tick(): void {
    for (const connection of this.#open) connection.tick()
  }

  #forget(connection: ServerConnection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
