/** One request and its answer on a connection: what the connection knows of it, and what those may do who answer it. */
import type { Socket } from 'node:net'
import type { RequestHead } from './request-head.ts'
import { Outgoing } from './sender.ts'

/** The connection, as its streams use it. */
interface Owner {
  readonly socket: Socket
  sendHead(stream: ServerStream, block: string, isEnd: boolean): void
  write(stream: ServerStream, bytes: Buffer): void
  end(stream: ServerStream, bytes?: Buffer): void
  reset(stream: ServerStream, code: number): void
  /** Bytes of a body have been used up: as many more may come. */
  consumed(stream: ServerStream, bytes: number): void
  whenFlushed(listener: () => void): void
}

export interface BodyReader {
  data(bytes: Buffer): void
  end(): void
  /** The client left in the middle. */
  broken(): void
}

/** Pieces of a body that nobody reads yet. */
const MOST_UNREAD = 64
/** So much waits before a writer is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024

export class ServerStream extends Outgoing {
  readonly head: RequestHead
  /** That may come and did not. */
  receiveWindow: number
  /** Bytes of the body that came. */
  received = 0
  /** Of them, those that nobody has used up. */
  held = 0
  /** That came when the answer was sent. */
  late = 0
  /** Used up and not yet given back to the client's window. */
  owed = 0
  /** The whole request is here. */
  isReceived: boolean
  isClosed = false
  /** Looks at it since somebody began to wait for the whole body; undefined where nobody does. */
  bodyTicks: number | undefined
  readonly #owner: Owner
  #isAnswered = false
  #reader: BodyReader | undefined
  #unread: Buffer[] = []
  /** A writer was asked to wait. */
  #isAwaited = false
  readonly #drained: (() => void)[] = []
  #sent: (() => void) | undefined
  #closing: ((isWhole: boolean) => void)[] = []

  constructor(owner: Owner, head: RequestHead, isReceived: boolean, window: number) {
    super()
    this.#owner = owner
    this.head = head
    this.isReceived = isReceived
    this.receiveWindow = window
  }

  get socket(): Socket {
    return this.#owner.socket
  }

  /** Its header block is sent. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /** `block`: of a final answer. */
  respond(block: string, isEnd = false): void {
    if (this.isClosed) return
    this.#isAnswered = true
    this.#owner.sendHead(this, block, isEnd)
  }

  /** False once the caller should wait for `onDrain`. */
  write(bytes: Buffer): boolean {
    if (!this.isClosed && !this.isWhole) this.#owner.write(this, bytes)
    this.#isAwaited ||= this.pendingBytes >= HIGH_WATER_BYTES
    return !this.#isAwaited
  }

  end(bytes?: Buffer): void {
    if (!this.isClosed && !this.isWhole) this.#owner.end(this, bytes)
  }

  reset(code: number): void {
    if (!this.isClosed) this.#owner.reset(this, code)
  }

  /** Once, when all that was written is on its way: its buffers may be used again. One listener at a time. */
  whenSent(listener: () => void): void {
    if (this.pendingBytes === 0) this.#owner.whenFlushed(listener)
    else this.#sent = listener
  }

  /** Each time when nothing waits any more after a `write` that returned false. */
  onDrain(listener: () => void): void {
    this.#drained.push(listener)
  }

  /** Once: the answer was sent whole, or the stream ended before it was. */
  onClose(listener: (isWhole: boolean) => void): void {
    this.#closing.push(listener)
  }

  /** What has come of the body, and then what comes. */
  readBody(reader: BodyReader): void {
    this.#expected()
    for (const bytes of this.#unread.splice(0)) reader.data(bytes)
    if (this.isClosed) reader.broken()
    else if (this.isReceived) reader.end()
    else this.#reader = reader
  }

  consumed(bytes: number): void {
    if (!this.isClosed) this.#owner.consumed(this, bytes)
  }

  /** Nobody waits for the rest of the body, or not now. */
  leaveBody(): void {
    this.#reader = undefined
    this.bodyTicks = undefined
  }

  /** For the connection. */
  take(bytes: Buffer): void {
    this.received += bytes.length
    this.held += bytes.length
    if (this.#reader) this.#reader.data(bytes)
    // Crumbs would keep alive all that came with them.
    else if (this.#unread.push(bytes) > MOST_UNREAD) this.#unread = [Buffer.concat(this.#unread)]
  }

  /** For the connection. */
  takeEnd(): void {
    this.isReceived = true
    const reader = this.#reader
    this.leaveBody()
    reader?.end()
  }

  /** For the connection. */
  drained(): void {
    this.#tellSent()
    if (!this.#isAwaited) return
    this.#isAwaited = false
    for (const listener of this.#drained) listener()
  }

  #tellSent(): void {
    const listener = this.#sent
    this.#sent = undefined
    if (listener) this.#owner.whenFlushed(listener)
  }

  /** For the connection. */
  close(isWhole: boolean): void {
    this.isClosed = true
    this.#unread = []
    const reader = this.#reader
    this.leaveBody()
    if (!this.isReceived) reader?.broken()
    this.#tellSent()
    for (const listener of this.#closing.splice(0)) listener(isWhole)
  }

  /** A client that waits for a word before it sends its body gets it. */
  #expected(): void {
    if (this.isReceived || this.isClosed || this.#isAnswered || this.received > 0) return
    if (this.head.headers.expect?.toLowerCase() === '100-continue') this.#owner.sendHead(this, CONTINUE, false)
  }
}

/** `:status: 100`, at the place of `:status` with another value. */
const CONTINUE = '\x08\x03100'
