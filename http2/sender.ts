/** Sends the bodies of many streams within the windows of the peer and as fast as the socket takes them, in turns of one frame (RFC 9113, 5.2). */
import { ConnectionFault, FLOW_CONTROL_ERROR } from './errors.ts'
import { DATA, DEFAULT_FRAME_BYTES, DEFAULT_WINDOW_BYTES, END_STREAM, MAX_WINDOW_BYTES } from './frames.ts'
import type { Output } from './output.ts'

/** One stream as its sender sees it. */
export class Outgoing {
  /** 0 until it is open. */
  id = 0
  /** Bytes that may be sent; less than none where the peer took some back. */
  window = 0
  readonly pending: Buffer[] = []
  pendingBytes = 0
  /** Nothing comes behind `pending`. */
  isWhole = false
  /** The peer knows that nothing more comes. */
  isSent = false
  /** Looks at it since it sent something. */
  idleTicks = 0
}

interface Events<S extends Outgoing> {
  /** Whole. */
  sent(stream: S): void
  /** `pending` is empty again. */
  emptied(stream: S): void
  /** The peer's window was too small for more than a few bytes. */
  dribbled(): void
}

/** Frames below this that end in no end of a text are dribble. */
const FEW_BYTES = 256

export class Sender<S extends Outgoing> {
  readonly #output: Output
  readonly #events: Events<S>
  /** They have something to send and a window of their own: they wait for the connection. */
  readonly #ready = new Set<S>()
  #window = DEFAULT_WINDOW_BYTES
  #firstWindow = DEFAULT_WINDOW_BYTES
  #frameBytes = DEFAULT_FRAME_BYTES
  /** Of all streams. */
  pendingBytes = 0

  constructor(output: Output, events: Events<S>) {
    this.#output = output
    this.#events = events
  }

  open(stream: S, id: number): void {
    stream.id = id
    stream.window = this.#firstWindow
    if (stream.pending.length > 0 || stream.isWhole) this.#send(stream)
  }

  write(stream: S, bytes: Buffer): void {
    if (bytes.length === 0) return
    stream.pending.push(bytes)
    stream.pendingBytes += bytes.length
    this.pendingBytes += bytes.length
    if (stream.id !== 0) this.#send(stream)
  }

  end(stream: S, bytes: Buffer | undefined): void {
    stream.isWhole = true
    if (bytes !== undefined && bytes.length > 0) this.write(stream, bytes)
    else if (stream.id !== 0) this.#send(stream)
  }

  /** Its bytes are not sent any more. */
  forget(stream: S): void {
    this.#ready.delete(stream)
    this.pendingBytes -= stream.pendingBytes
    stream.pendingBytes = 0
    stream.pending.length = 0
  }

  /** The socket or the window of the connection has room again. */
  resume(): void {
    for (const stream of this.#ready) {
      if (this.#window <= 0 || this.#output.isFull) return
      this.#ready.delete(stream)
      if (stream.window > 0) this.#sendFrame(stream)
      if (stream.pending.length > 0 && stream.window > 0) this.#ready.add(stream)
    }
  }

  /** Throws `ConnectionFault` where the window gets too large. */
  widenAll(bytes: number): void {
    this.#window += bytes
    if (this.#window > MAX_WINDOW_BYTES) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'the window is too large')
    this.resume()
  }

  /** False where the window gets too large. */
  widen(stream: S, bytes: number): boolean {
    stream.window += bytes
    if (stream.window > MAX_WINDOW_BYTES) return false
    this.#send(stream)
    return true
  }

  /** What new streams begin with; those that are open get the difference. Throws `ConnectionFault`. */
  setFirstWindow(bytes: number, open: Iterable<S>): void {
    if (bytes > MAX_WINDOW_BYTES) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'the window is too large')
    const more = bytes - this.#firstWindow
    this.#firstWindow = bytes
    for (const stream of open) {
      if (!this.widen(stream, more)) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'the window of a stream is too large')
    }
  }

  /** Larger frames than usual would hold up the other streams. */
  limitFrames(bytes: number): void {
    this.#frameBytes = Math.min(bytes, DEFAULT_FRAME_BYTES)
  }

  #send(stream: S): void {
    while (stream.pending.length > 0) {
      if (stream.window <= 0) return
      if (this.#window <= 0 || this.#output.isFull) {
        this.#ready.add(stream)
        return
      }
      this.#sendFrame(stream)
    }
    if (stream.isWhole && !stream.isSent) {
      this.#output.send(DATA, END_STREAM, stream.id, '')
      this.#finish(stream)
    }
  }

  #sendFrame(stream: S): void {
    const part = stream.pending[0] as Buffer
    const bytes = Math.min(part.length, stream.window, this.#window, this.#frameBytes)
    if (bytes === part.length) stream.pending.shift()
    else stream.pending[0] = part.subarray(bytes)
    stream.window -= bytes
    this.#window -= bytes
    stream.pendingBytes -= bytes
    this.pendingBytes -= bytes
    stream.idleTicks = 0
    const isEnd = stream.isWhole && stream.pending.length === 0
    this.#output.send(DATA, isEnd ? END_STREAM : 0, stream.id, bytes === part.length ? part : part.subarray(0, bytes))
    if (isEnd) this.#finish(stream)
    else if (stream.pending.length === 0) this.#events.emptied(stream)
    else if (bytes < FEW_BYTES) this.#events.dribbled()
  }

  #finish(stream: S): void {
    stream.isSent = true
    this.#ready.delete(stream)
    this.#events.sent(stream)
  }
}
