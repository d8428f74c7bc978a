/** Numbered channels over one WebSocket: the first byte (binary) or digit (base64 text) of a message is its channel. */
import { Readable, Writable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data))

export class ChannelSocket {
  readonly #socket: WebSocket
  readonly #base64: boolean
  readonly #inputs = new Map<number, Readable>()
  readonly #full = new Set<number>()
  /** Aborts when the peer is gone. */
  readonly closed: AbortSignal

  constructor(socket: WebSocket, base64: boolean) {
    this.#socket = socket
    this.#base64 = base64
    const gone = new AbortController()
    this.closed = gone.signal
    socket.on('message', (data: RawData, isBinary: boolean) => this.#receive(bytesOf(data), isBinary))
    // Of an error, what follows is the close.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const input of this.#inputs.values()) if (!input.readableEnded) input.push(null)
      gone.abort()
    })
  }

  /** What the peer sends on a channel. A channel that nobody asks for is dropped. */
  input(channel: number): Readable {
    const input = new Readable({
      highWaterMark: 256 * 1024,
      read: () => {
        this.#full.delete(channel)
        if (this.#full.size === 0 && this.#socket.isPaused) this.#socket.resume()
      },
    })
    // One that is given up must not hold the others up.
    input.on('close', () => {
      this.#inputs.delete(channel)
      this.#full.delete(channel)
      if (this.#full.size === 0 && this.#socket.isPaused) this.#socket.resume()
    })
    this.#inputs.set(channel, input)
    return input
  }

  output(channel: number): Writable {
    return new Writable({
      highWaterMark: 256 * 1024,
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk).then(() => done(), done),
    })
  }

  endInput(channel: number): void {
    const input = this.#inputs.get(channel)
    if (input !== undefined && !input.readableEnded) input.push(null)
    this.#inputs.delete(channel)
  }

  /** Called for messages of the channel that closes others (version 5). */
  onClose: ((channel: number) => void) | undefined

  /** Resolves when the message is with the kernel, rejects when the peer is gone. */
  send(channel: number, data: Buffer): Promise<void> {
    const message = this.#base64 ? `${channel}${data.toString('base64')}` : Buffer.concat([Buffer.from([channel]), data])
    return new Promise((resolve, reject) => {
      this.#socket.send(message, { binary: !this.#base64 }, (error) => (error === undefined || error === null ? resolve() : reject(error)))
    })
  }

  close(code = 1000): void {
    this.#socket.close(code)
  }

  #receive(message: Buffer, isBinary: boolean): void {
    if (message.length === 0) return
    const text = this.#base64 && !isBinary
    const channel = text ? Number(message.toString('latin1', 0, 1)) : (message[0] ?? 0)
    const data = text ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1)
    if (channel === 255 && this.onClose !== undefined) {
      const closing = data[0]
      if (closing !== undefined) this.onClose(closing)
      return
    }
    const input = this.#inputs.get(channel)
    if (input === undefined || input.readableEnded || data.length === 0) return
    if (!input.push(data)) {
      this.#full.add(channel)
      this.#socket.pause()
    }
  }
}
