/** Frames of HTTP/2 (RFC 9113) as bytes, and gRPC messages in what they carry (pure). */

export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const END_STREAM = 0x1
export const ACK = 0x1
export const END_HEADERS = 0x4
const PADDED = 0x8
const PRIORITY = 0x20

const HEADER_BYTES = 9
/** What a peer may send in one frame unless it is told more, which we do not. */
const MAX_FRAME_BYTES = 16_384
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** The peer does not keep to the protocol: the connection cannot be used any more. */
export class ProtocolFault extends Error {}

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

export function frameHeader(length: number, type: number, flags: number, stream: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUIntBE(length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(stream, 5)
  return header
}

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}

export const windowUpdate = (stream: number, bytes: number): Buffer =>
  Buffer.concat([frameHeader(4, WINDOW_UPDATE, 0, stream), words(bytes)])

export const reset = (stream: number, code: number): Buffer => Buffer.concat([frameHeader(4, RST_STREAM, 0, stream), words(code)])

export const settingsAck = (): Buffer => frameHeader(0, SETTINGS, ACK, 0)

export const ping = (payload: Buffer, flags: number): Buffer => Buffer.concat([frameHeader(8, PING, flags, 0), payload])

/** What a client says first: no table for headers, no pushes, and how many bytes may be under way to it, on each stream and on all together. */
export function greeting(windowBytes: number): Buffer {
  const settings = Buffer.alloc(18)
  for (const [i, [id, value]] of [[1, 0] as const, [2, 0] as const, [4, windowBytes] as const].entries()) {
    settings.writeUInt16BE(id, i * 6)
    settings.writeUInt32BE(value, i * 6 + 2)
  }
  return Buffer.concat([PREFACE, frameHeader(settings.length, SETTINGS, 0, 0), settings, windowUpdate(0, windowBytes - 65_535)])
}

/** Pairs of the settings that a SETTINGS frame carries. */
export function settingsIn(payload: Buffer): [id: number, value: number][] {
  const settings: [number, number][] = []
  for (let at = 0; at + 6 <= payload.length; at += 6) settings.push([payload.readUInt16BE(at), payload.readUInt32BE(at + 2)])
  return settings
}

/** The payload of a DATA or HEADERS frame without padding and priority. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  let start = 0
  let end = payload.length
  if ((flags & PADDED) !== 0) {
    end -= payload[0] ?? 0
    start = 1
  }
  if (type === HEADERS && (flags & PRIORITY) !== 0) start += 5
  if (start > end) throw new ProtocolFault('padding longer than its frame')
  return start === 0 && end === payload.length ? payload : payload.subarray(start, end)
}

/** Cuts what comes from the socket into frames. */
export class FrameReader {
  #rest: Buffer | undefined

  /** Throws `ProtocolFault`, and what `onFrame` throws. */
  take(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUIntBE(at, 3)
      if (length > MAX_FRAME_BYTES) throw new ProtocolFault(`a frame of ${length} bytes`)
      const start = at + HEADER_BYTES
      if (bytes.length < start + length) break
      const payload = bytes.subarray(start, start + length)
      onFrame({ type: bytes[at + 3] as number, flags: bytes[at + 4] as number, stream: bytes.readUInt32BE(at + 5) & 0x7fffffff, payload })
      at = start + length
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }
}

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

  /** Throws `ProtocolFault`, and what `onMessage` throws. */
  take(data: Buffer, onMessage: (message: Buffer) => void): void {
    this.#size += data.length
    if (this.#size < this.#needed || this.#parts.length > 0) this.#parts.push(data)
    if (this.#size < this.#needed) return
    const bytes = this.#parts.length === 0 ? data : Buffer.concat(this.#parts)
    let at = 0
    this.#needed = PREFIX_BYTES
    while (bytes.length - at >= PREFIX_BYTES) {
      if (bytes[at] !== 0) throw new ProtocolFault('a compressed message, which nobody asked for')
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
