/** gRPC messages in the DATA of one stream of HTTP/2 (pure). */

/** The peer sends what are no messages. */
export class MalformedMessage extends Error {}

const PREFIX_BYTES = 5

/** A message as DATA carries it. */
export const framedMessage = (message: Buffer): Buffer => Buffer.concat([messagePrefix(message.length), message])

/** What stands before a message of `length` bytes: that it is not compressed, and how long it is. */
export function messagePrefix(length: number): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  prefix[0] = 0
  prefix.writeUInt32BE(length, 1)
  return prefix
}

/** Puts the DATA of one stream together to messages. */
export class MessageReader {
  #parts: Buffer[] = []
  #size = 0
  /** So many bytes are needed before it is worth looking again. */
  #needed = PREFIX_BYTES
  readonly #maxBytes: number

  /** A message of more than `maxBytes` is not waited for. */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes
  }

  /** Throws `MalformedMessage`, and what `onMessage` throws. */
  take(data: Buffer, onMessage: (message: Buffer) => void): void {
    this.#size += data.length
    if (this.#size < this.#needed || this.#parts.length > 0) this.#parts.push(data)
    if (this.#size < this.#needed) return
    const bytes = this.#parts.length === 0 ? data : Buffer.concat(this.#parts)
    let at = 0
    this.#needed = PREFIX_BYTES
    while (bytes.length - at >= PREFIX_BYTES) {
      if (bytes[at] !== 0) throw new MalformedMessage('a compressed message, which nobody asked for')
      const length = bytes.readUInt32BE(at + 1)
      if (length > this.#maxBytes) throw new MalformedMessage(`a message of ${length} bytes, of which ${this.#maxBytes} are taken`)
      const end = at + PREFIX_BYTES + length
      if (end > bytes.length) {
        this.#needed = end - at
        break
      }
      onMessage(bytes.subarray(at + PREFIX_BYTES, end))
      at = end
    }
    this.#size = bytes.length - at
    this.#parts = this.#size === 0 ? [] : [bytes.subarray(at)]
  }
}
