/** What goes out on a socket: frames of one turn of the event loop leave in one write, those of all connections after all that was read. */
import type { Socket } from 'node:net'
import { HEADER_BYTES, writeFrameHeader } from './frames.ts'

/** Text has one character for each byte. */
type Payload = Buffer | string

interface OutgoingFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Payload
}

/** Above this a socket is full: bodies wait. */
const FULL_BYTES = 256 * 1024

/**
 * What is written is put together in one of these, where it is much: a new one for each write would have the heap collected again and again. A socket
 * has one at most, so that many that are stuck hold little more than what waits for them.
 */
const SPARE_BYTES = FULL_BYTES + 64 * 1024
const MUCH_BYTES = 64 * 1024
const MOST_SPARES = 8
const spares: Buffer[] = []

const waiting: Output[] = []

function flushAll(): void {
  for (const output of waiting.splice(0)) output.flush()
}

export class Output {
  readonly #socket: Socket
  readonly #onRoom: () => void
  /** Somebody was told that it is full. */
  #isAwaited = false
  #frames: OutgoingFrame[] = []
  #bytes = 0
  #flushed: (() => void)[] = []
  readonly #countWrite = (): void => {
    this.writes++
  }
  #isClosed = false
  /** That the system has taken. */
  writes = 0

  /** `onRoom`: it was full, and is not any more. */
  constructor(socket: Socket, onRoom: () => void) {
    this.#socket = socket
    this.#onRoom = onRoom
    socket.on('drain', () => this.#tellRoom())
  }

  /** Written here and not taken by the system. */
  get unsentBytes(): number {
    return this.#bytes + this.#socket.writableLength
  }

  get isFull(): boolean {
    const isFull = this.unsentBytes >= FULL_BYTES
    this.#isAwaited ||= isFull
    return isFull
  }

  /** The payload must not change until it is flushed. */
  send(type: number, flags: number, stream: number, payload: Payload): void {
    if (this.#isClosed) return
    if (this.#frames.length === 0 && this.#flushed.length === 0) this.#plan()
    this.#frames.push({ type, flags, stream, payload })
    this.#bytes += HEADER_BYTES + payload.length
  }

  /** `listener` comes when the payloads of all frames so far have been copied. */
  whenFlushed(listener: () => void): void {
    if (this.#frames.length === 0 && this.#flushed.length === 0) this.#plan()
    this.#flushed.push(listener)
  }

  flush(): void {
    const frames = this.#frames
    if (frames.length > 0 && !this.#socket.destroyed) this.#write(frames)
    this.#frames = []
    this.#bytes = 0
    for (const listener of this.#flushed.splice(0)) listener()
    // What the system took at once is followed by no `drain`, however much it was.
    if (!this.#socket.writableNeedDrain) this.#tellRoom()
  }

  #write(frames: readonly OutgoingFrame[]): void {
    const bytes = this.#bytes
    if (bytes < MUCH_BYTES || bytes > SPARE_BYTES || this.#socket.writableLength > 0) {
      this.#socket.write(joined(frames, Buffer.allocUnsafe(bytes)), this.#countWrite)
      return
    }
    const spare = spares.pop() ?? Buffer.allocUnsafeSlow(SPARE_BYTES)
    this.#socket.write(joined(frames, spare.subarray(0, bytes)), (error) => {
      this.writes++
      // Of a write that failed nobody knows who still reads it.
      if (!error && spares.length < MOST_SPARES) spares.push(spare)
    })
  }

  #tellRoom(): void {
    if (!this.#isAwaited) return
    this.#isAwaited = false
    this.#onRoom()
  }

  /** Nothing is sent behind what there is. */
  close(): void {
    this.flush()
    this.#isClosed = true
    this.#socket.end()
  }

  #plan(): void {
    if (waiting.length === 0) setImmediate(flushAll)
    waiting.push(this)
  }
}

function joined(frames: readonly OutgoingFrame[], all: Buffer): Buffer {
  let at = 0
  for (const frame of frames) {
    const { payload } = frame
    writeFrameHeader(all, at, payload.length, frame)
    at += HEADER_BYTES
    if (typeof payload === 'string') all.write(payload, at, 'latin1')
    else all.set(payload, at)
    at += payload.length
  }
  return all
}
