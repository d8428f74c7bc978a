/** The request of a stream as a Readable with the names of node:http, for those who pass it on; made only where it is asked for. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { BodyReader, ServerStream } from './server-stream.ts'

export class StreamRequest extends Readable {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly socket: Socket
  readonly #stream: ServerStream
  readonly #reader: BodyReader = {
    data: (bytes) => {
      if (this.push(bytes)) this.#stream.consumed(bytes.length)
      else this.#pause(bytes.length)
    },
    end: () => void this.push(null),
    broken: () => void this.destroy(new Error('aborted')),
  }
  #isReading = false
  /** Taken over and not yet given back to the client's window. */
  #held = 0

  constructor(stream: ServerStream) {
    super()
    this.#stream = stream
    this.method = stream.head.method
    this.url = stream.head.url
    this.headers = stream.head.headers
    this.socket = stream.socket
  }

  override _read(): void {
    this.#stream.consumed(this.#held)
    this.#held = 0
    if (this.#isReading) return
    this.#isReading = true
    this.#stream.readBody(this.#reader)
  }

  #pause(bytes: number): void {
    this.#held += bytes
    this.#isReading = false
    this.#stream.leaveBody()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.leaveBody()
    // A body that breaks off when nobody reads it any more is nobody's failure.
    done(this.listenerCount('error') > 0 ? error : null)
  }
}
