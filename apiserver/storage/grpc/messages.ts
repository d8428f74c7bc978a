/** gRPC messages in the DATA of one stream (pure). */

/** The peer sends what are no messages. */
export class MalformedMessage extends Error {}

const PREFIX_BYTES = 5

/** A gRPC message as DATA carries it: not compressed, its length before it. */
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
      const end = at + PREFIX_BYTES + bytes.readUInt32BE(at + 1)
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
