/** SPDY/3.1 frames as bytes and as values. Pure but for the parser's buffer. Specification: draft-mbelshe-httpbis-spdy-00, section 2. */

export const frameType = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const
export const flagFin = 0x01
/** Status codes of RST_STREAM. */
export const resetCode = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5, internalError: 6, flowControlError: 7 } as const

export type Frame =
  | { kind: 'data'; streamId: number; fin: boolean; data: Buffer }
  | { kind: 'synStream'; streamId: number; fin: boolean; headerBlock: Buffer }
  | { kind: 'synReply' | 'headers'; streamId: number; fin: boolean; headerBlock: Buffer }
  | { kind: 'rstStream'; streamId: number; status: number }
  | { kind: 'ping'; id: number }
  | { kind: 'goAway'; lastStreamId: number; status: number }
  | { kind: 'windowUpdate'; streamId: number; delta: number }
  | { kind: 'other'; type: number }

/** Larger frames are refused: no peer of ours sends them, and their buffers would be the peer's choice. */
export const maxFrameBytes = 1 << 20

const streamMask = 0x7fffffff

function control(type: number, flags: number, ...payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8)
  const length = payload.reduce((sum, part) => sum + part.length, 0)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt32BE(((flags << 24) | length) >>> 0, 4)
  return Buffer.concat([head, ...payload])
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, at * 4)
  return bytes
}

export function dataFrame(streamId: number, data: Buffer, fin: boolean): Buffer {
  return Buffer.concat([words(streamId, (((fin ? flagFin : 0) << 24) | data.length) >>> 0), data])
}

export const synStreamFrame = (streamId: number, headerBlock: Buffer, fin: boolean): Buffer =>
  control(frameType.synStream, fin ? flagFin : 0, words(streamId, 0), Buffer.alloc(2), headerBlock)
export const synReplyFrame = (streamId: number, headerBlock: Buffer, fin: boolean): Buffer =>
  control(frameType.synReply, fin ? flagFin : 0, words(streamId), headerBlock)
export const rstStreamFrame = (streamId: number, status: number): Buffer => control(frameType.rstStream, 0, words(streamId, status))
export const pingFrame = (id: number): Buffer => control(frameType.ping, 0, words(id))
export const goAwayFrame = (lastStreamId: number, status: number): Buffer => control(frameType.goAway, 0, words(lastStreamId, status))
export const windowUpdateFrame = (streamId: number, delta: number): Buffer => control(frameType.windowUpdate, 0, words(streamId, delta))

export class FrameError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FrameError'
  }
}

/** Cuts a byte stream into frames. */
export class FrameParser {
  #buffer: Buffer = Buffer.alloc(0)

  /** Frames that the chunk completes. Throws FrameError on what cannot be SPDY/3. */
  feed(chunk: Buffer): Frame[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    const frames: Frame[] = []
    while (this.#buffer.length >= 8) {
      const length = this.#buffer.readUIntBE(5, 3)
      if (length > maxFrameBytes) throw new FrameError(`frame of ${length} bytes`)
      if (this.#buffer.length < 8 + length) break
      frames.push(parseFrame(this.#buffer.subarray(0, 8 + length)))
      this.#buffer = this.#buffer.subarray(8 + length)
    }
    return frames
  }
}

const smallest: Readonly<Record<number, number>> = {
  [frameType.synStream]: 10,
  [frameType.synReply]: 4,
  [frameType.rstStream]: 8,
  [frameType.ping]: 4,
  [frameType.goAway]: 8,
  [frameType.headers]: 4,
  [frameType.windowUpdate]: 8,
}

function parseFrame(frame: Buffer): Frame {
  const first = frame.readUInt32BE(0)
  const fin = (frame.readUInt8(4) & flagFin) !== 0
  const payload = frame.subarray(8)
  if (first >>> 31 === 0) return { kind: 'data', streamId: first, fin, data: payload }
  if (((first >>> 16) & 0x7fff) !== 3) throw new FrameError(`SPDY version ${(first >>> 16) & 0x7fff}`)
  const type = first & 0xffff
  if (payload.length < (smallest[type] ?? 0)) throw new FrameError(`control frame ${type} of ${payload.length} bytes`)
  const word = (at: number) => payload.readUInt32BE(at)
  switch (type) {
    case frameType.synStream:
      return { kind: 'synStream', streamId: word(0) & streamMask, fin, headerBlock: payload.subarray(10) }
    case frameType.synReply:
      return { kind: 'synReply', streamId: word(0) & streamMask, fin, headerBlock: payload.subarray(4) }
    case frameType.headers:
      return { kind: 'headers', streamId: word(0) & streamMask, fin, headerBlock: payload.subarray(4) }
    case frameType.rstStream:
      return { kind: 'rstStream', streamId: word(0) & streamMask, status: word(4) }
    case frameType.ping:
      return { kind: 'ping', id: word(0) }
    case frameType.goAway:
      return { kind: 'goAway', lastStreamId: word(0) & streamMask, status: word(4) }
    case frameType.windowUpdate:
      return { kind: 'windowUpdate', streamId: word(0) & streamMask, delta: word(4) & streamMask }
    default:
      return { kind: 'other', type }
  }
}
