/** Frames of HTTP/2 (RFC 9113, 4 and 6) as bytes (pure). */
import { ConnectionFault, FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './errors.ts'

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
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
export const PADDED = 0x8
export const HAS_PRIORITY = 0x20

export const HEADER_TABLE_SIZE = 1
export const ENABLE_PUSH = 2
export const MAX_CONCURRENT_STREAMS = 3
export const INITIAL_WINDOW_SIZE = 4
export const MAX_FRAME_SIZE = 5
export const MAX_HEADER_LIST_SIZE = 6

export const HEADER_BYTES = 9
/** What either side may send in one frame unless the other allows more. */
export const DEFAULT_FRAME_BYTES = 16_384
export const DEFAULT_WINDOW_BYTES = 65_535
export const MAX_WINDOW_BYTES = 0x7fffffff
export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

export function writeFrameHeader(target: Buffer, at: number, length: number, { type, flags, stream }: Omit<Frame, 'payload'>): void {
  target[at] = length >>> 16
  target[at + 1] = length >>> 8
  target[at + 2] = length
  target[at + 3] = type
  target[at + 4] = flags
  target[at + 5] = stream >>> 24
  target[at + 6] = stream >>> 16
  target[at + 7] = stream >>> 8
  target[at + 8] = stream
}

/** Four bytes each. */
export const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}

/** The payload of a SETTINGS frame. */
export function settingsOf(pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6)
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, i * 6)
    payload.writeUInt32BE(value, i * 6 + 2)
  }
  return payload
}

/** Throws `ConnectionFault`. */
export function settingsIn(payload: Buffer): [id: number, value: number][] {
  if (payload.length % 6 !== 0) throw new ConnectionFault(FRAME_SIZE_ERROR, 'settings are not whole')
  const settings: [number, number][] = []
  for (let at = 0; at < payload.length; at += 6) settings.push([payload.readUInt16BE(at), payload.readUInt32BE(at + 2)])
  return settings
}

/** The payload of a DATA or HEADERS frame without padding and priority. Throws `ConnectionFault`. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const priority = type === HEADERS ? HAS_PRIORITY : 0
  if ((flags & (PADDED | priority)) === 0) return payload
  let start = 0
  let end = payload.length
  if ((flags & PADDED) !== 0) {
    end -= payload[0] ?? 0
    start = 1
  }
  if ((flags & priority) !== 0) start += 5
  if (start > end) throw new ConnectionFault(PROTOCOL_ERROR, 'padding longer than its frame')
  return payload.subarray(start, end)
}

/** Which stream a HEADERS or PRIORITY frame makes its own depend on; undefined where it says nothing. */
export function dependencyOf({ type, flags, payload }: Frame): number | undefined {
  const at = (flags & PADDED) !== 0 && type === HEADERS ? 1 : 0
  if (type === HEADERS && (flags & HAS_PRIORITY) === 0) return undefined
  return payload.length < at + 5 ? undefined : payload.readUInt32BE(at) & 0x7fffffff
}

/** Cuts what comes from the socket into frames. */
export class FrameReader {
  #parts: Buffer[] = []
  #size = 0
  /** So many bytes are needed before it is worth looking again. */
  #needed = HEADER_BYTES

  /** Throws `ConnectionFault`, and what `onFrame` throws. Payloads are parts of the chunk. */
  take(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    const bytes = this.#joined(chunk)
    if (bytes === undefined) return
    let at = 0
    this.#needed = HEADER_BYTES
    while (bytes.length - at >= HEADER_BYTES) {
      const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
      if (length > DEFAULT_FRAME_BYTES) throw new ConnectionFault(FRAME_SIZE_ERROR, `a frame of ${length} bytes`)
      const start = at + HEADER_BYTES
      if (bytes.length < start + length) {
        this.#needed = HEADER_BYTES + length
        break
      }
      const payload = bytes.subarray(start, start + length)
      onFrame({ type: bytes[at + 3] as number, flags: bytes[at + 4] as number, stream: bytes.readUInt32BE(at + 5) & 0x7fffffff, payload })
      at = start + length
    }
    this.#size = bytes.length - at
    this.#parts = this.#size === 0 ? [] : [bytes.subarray(at)]
  }

  #joined(chunk: Buffer): Buffer | undefined {
    if (this.#size === 0 && chunk.length >= this.#needed) return chunk
    this.#size += chunk.length
    this.#parts.push(chunk)
    return this.#size < this.#needed ? undefined : Buffer.concat(this.#parts, this.#size)
  }
}
