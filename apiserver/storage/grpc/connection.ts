/** One HTTP/2 connection as a client of gRPC uses it: many streams, flow control both ways, all that one turn of the event loop sends in one write. */
import type { Socket } from 'node:net'
import * as frames from './frames.ts'
import { headersOf } from './hpack.ts'

/** What a stream tells the one who opened it. */
export interface StreamEvents {
  headers(headers: ReadonlyMap<string, string>): void
  data(bytes: Buffer): void
  /** Comes once and last, unless the stream was cancelled. A `failure` says why the stream did not end by itself. */
  end(failure: StreamFailure | undefined): void
}

export interface StreamFailure {
  message: string
  /** The peer certainly did nothing. */
  isUntouched: boolean
}

/** 64 KiB, the protocol's own, hold 20 events: etcd then takes a watch for a slow one. */
const WINDOW_BYTES = 8 * 1024 * 1024
const FIRST_WINDOW_BYTES = 65_535
const MAX_HEADER_BYTES = 64 * 1024
const LAST_STREAM = 0x7fffffff
const CANCEL = 8
const REFUSED_STREAM = 7
const NOT_PROCESSED = 'Call not processed by the server'
const PING_BYTES = Buffer.from('keepaliv')

export class Stream {
  readonly events: StreamEvents
  readonly block: Buffer
  /** 0 until it was its turn. */
  id = 0
  /** Bytes that may be sent. */
  window = 0
  /** Received and not yet given back to the peer's window. */
  taken = 0
  readonly pending: Buffer[] = []
  /** Nothing comes behind `pending`. */
  isWhole = false
  isSent = false

  constructor(block: Buffer, events: StreamEvents) {
    this.block = block
    this.events = events
  }
}

/** A header block of which parts have come. */
interface OpenHeaders {
  id: number
  flags: number
  parts: Buffer[]
  bytes: number
}

export interface ConnectionOptions {
  /** Quiet for so long with streams open, the peer is asked whether it is there; given half of it to answer. */
  keepaliveMs: number
  /** The peer has introduced itself. */
  onReady(): void
  /** No more streams can be opened; those that are may go on. Comes once. */
  onUnusable(reason: string): void
}

export class Connection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #frames = new frames.FrameReader()
  readonly #streams = new Map<number, Stream>()
  /** Wait until the peer takes more streams. */
  readonly #waiting: Stream[] = []
  /** Wait for the peer's window. */
  readonly #blocked = new Set<Stream>()
  readonly #keepalive: NodeJS.Timeout
  #out: Buffer[] = []
  #isFlushPlanned = false
  #nextId = 1
  #window = FIRST_WINDOW_BYTES
  #streamWindow = FIRST_WINDOW_BYTES
  #maxFrame = 16_384
  #maxStreams = Number.POSITIVE_INFINITY
  #taken = 0
  #headerParts: OpenHeaders | undefined
  #heardAt = performance.now()
  #pingedAt: number | undefined
  #isUsable = true
  #isReady = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.destroy(error.message))
    socket.on('close', () => this.destroy('the connection was closed'))
    socket.on('drain', () => this.#pump())
    this.#keepalive = setInterval(() => this.#checkPeer(), options.keepaliveMs / 4)
    this.#keepalive.unref()
    this.#send(frames.greeting(WINDOW_BYTES))
  }

  open(block: Buffer, events: StreamEvents): Stream {
    const stream = new Stream(block, events)
    if (!this.#isUsable) queueMicrotask(() => events.end({ message: NOT_PROCESSED, isUntouched: true }))
    else if (this.#streams.size < this.#maxStreams) this.#start(stream)
    else this.#waiting.push(stream)
    return stream
  }

  /** A gRPC message; with `isLast` nothing follows. */
  write(stream: Stream, message: Buffer, isLast: boolean): void {
    stream.pending.push(frames.messagePrefix(message.length), message)
    stream.isWhole = isLast
    if (stream.id !== 0) this.#sendPending(stream)
  }

  /** Nothing is heard of the stream afterwards. */
  cancel(stream: Stream): void {
    const place = this.#waiting.indexOf(stream)
    if (place >= 0) this.#waiting.splice(place, 1)
    if (this.#streams.get(stream.id) !== stream) return
    this.#send(frames.reset(stream.id, CANCEL))
    this.#forget(stream)
  }

  /** Takes no more streams and ends those whose requests are open for ever; the others come to their end. */
  retire(reason: string): void {
    this.#becomeUnusable(reason)
    for (const stream of [...this.#streams.values()]) {
      if (stream.isSent) continue
      this.#send(frames.reset(stream.id, CANCEL))
      this.#finish(stream, { message: reason, isUntouched: false })
    }
    this.#closeIfIdle()
  }

  destroy(reason: string): void {
    clearInterval(this.#keepalive)
    this.#becomeUnusable(reason)
    this.#socket.destroy()
    for (const stream of [...this.#streams.values()]) this.#finish(stream, { message: reason, isUntouched: false })
  }

  #becomeUnusable(reason: string): void {
    if (!this.#isUsable) return
    this.#isUsable = false
    for (const stream of this.#waiting.splice(0)) stream.events.end({ message: NOT_PROCESSED, isUntouched: true })
    this.#options.onUnusable(reason)
  }

  #start(stream: Stream): void {
    stream.id = this.#nextId
    stream.window = this.#streamWindow
    this.#nextId += 2
    this.#streams.set(stream.id, stream)
    this.#send(frames.frameHeader(stream.block.length, frames.HEADERS, frames.END_HEADERS, stream.id), stream.block)
    if (stream.pending.length > 0) this.#sendPending(stream)
    if (this.#nextId > LAST_STREAM) this.#becomeUnusable('no stream numbers are left')
  }

  #sendPending(stream: Stream): void {
    for (;;) {
      const [part] = stream.pending
      if (part === undefined) break
      const bytes = Math.min(part.length, stream.window, this.#window, this.#maxFrame)
      if (bytes <= 0 || this.#socket.writableNeedDrain) {
        this.#blocked.add(stream)
        return
      }
      if (bytes === part.length) stream.pending.shift()
      else stream.pending[0] = part.subarray(bytes)
      stream.isSent = stream.isWhole && stream.pending.length === 0
      stream.window -= bytes
      this.#window -= bytes
      const payload = bytes === part.length ? part : part.subarray(0, bytes)
      this.#send(frames.frameHeader(bytes, frames.DATA, stream.isSent ? frames.END_STREAM : 0, stream.id), payload)
    }
    this.#blocked.delete(stream)
  }

  #pump(): void {
    for (const stream of [...this.#blocked]) this.#sendPending(stream)
  }

  #send(...parts: readonly Buffer[]): void {
    this.#out.push(...parts)
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setImmediate(() => {
      this.#isFlushPlanned = false
      const out = this.#out
      this.#out = []
      if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(out))
    })
  }

  #take(chunk: Buffer): void {
    this.#heardAt = performance.now()
    this.#pingedAt = undefined
    try {
      this.#frames.take(chunk, (frame) => this.#handle(frame))
    } catch (error) {
      this.destroy(error instanceof Error ? error.message : String(error))
    }
  }

  #handle(frame: frames.Frame): void {
    if (!this.#isReady && frame.type !== frames.SETTINGS) throw new frames.ProtocolFault('the peer does not speak HTTP/2')
    if (this.#headerParts !== undefined && frame.type !== frames.CONTINUATION) throw new frames.ProtocolFault('headers were interrupted')
    const isAck = (frame.flags & frames.ACK) !== 0
    if (frame.type === frames.DATA) this.#takeData(frame)
    else if (frame.type === frames.HEADERS) this.#takeHeaders({ id: frame.stream, flags: frame.flags, parts: [], bytes: 0 }, frame)
    else if (frame.type === frames.CONTINUATION) this.#takeHeaders(this.#headerParts, frame)
    else if (frame.type === frames.WINDOW_UPDATE) this.#widen(frame)
    else if (frame.type === frames.PING && !isAck) this.#send(frames.ping(frame.payload, frames.ACK))
    else if (frame.type === frames.SETTINGS && !isAck) this.#settle(frame.payload)
    else if (frame.type === frames.RST_STREAM) this.#takeReset(frame)
    else if (frame.type === frames.GOAWAY) this.#takeGoaway(frame.payload)
    else if (frame.type === frames.PUSH_PROMISE) throw new frames.ProtocolFault('a push, which was not allowed')
  }

  #takeData(frame: frames.Frame): void {
    const { length } = frame.payload
    this.#taken += length
    if (this.#taken > WINDOW_BYTES / 8) {
      this.#send(frames.windowUpdate(0, this.#taken))
      this.#taken = 0
    }
    const stream = this.#streams.get(frame.stream)
    if (stream === undefined) return
    const isEnd = (frame.flags & frames.END_STREAM) !== 0
    stream.taken += length
    if (!isEnd && stream.taken > WINDOW_BYTES / 8) {
      this.#send(frames.windowUpdate(stream.id, stream.taken))
      stream.taken = 0
    }
    stream.events.data(frames.contentOf(frame))
    if (isEnd) this.#finish(stream, undefined)
  }

  #takeHeaders(open: OpenHeaders | undefined, frame: frames.Frame): void {
    if (open === undefined || open.id !== frame.stream) throw new frames.ProtocolFault('headers continue that did not begin')
    const part = frame.type === frames.HEADERS ? frames.contentOf(frame) : frame.payload
    open.parts.push(part)
    open.bytes += part.length
    if (open.bytes > MAX_HEADER_BYTES) throw new frames.ProtocolFault('headers without end')
    this.#headerParts = (frame.flags & frames.END_HEADERS) === 0 ? open : undefined
    if (this.#headerParts !== undefined) return
    const headers = headersOf(open.parts.length === 1 ? part : Buffer.concat(open.parts))
    const stream = this.#streams.get(open.id)
    if (stream === undefined) return
    stream.events.headers(headers)
    if ((open.flags & frames.END_STREAM) !== 0) this.#finish(stream, undefined)
  }

  #widen({ stream: id, payload }: frames.Frame): void {
    const bytes = payload.readUInt32BE(0) & 0x7fffffff
    const stream = this.#streams.get(id)
    if (id === 0) this.#window += bytes
    else if (stream !== undefined) stream.window += bytes
    this.#pump()
  }

  #settle(payload: Buffer): void {
    for (const [id, value] of frames.settingsIn(payload)) {
      if (id === 3) this.#maxStreams = value
      if (id === 5) this.#maxFrame = value
      if (id !== 4) continue
      for (const stream of this.#streams.values()) stream.window += value - this.#streamWindow
      this.#streamWindow = value
    }
    this.#send(frames.settingsAck())
    if (!this.#isReady) {
      this.#isReady = true
      this.#options.onReady()
    }
    this.#pump()
    this.#startWaiting()
  }

  #takeReset({ stream: id, payload }: frames.Frame): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    const code = payload.readUInt32BE(0)
    stream.isSent = true
    const isUntouched = code === REFUSED_STREAM
    this.#finish(stream, { message: isUntouched ? NOT_PROCESSED : `Received RST_STREAM with code ${code}`, isUntouched })
  }

  #takeGoaway(payload: Buffer): void {
    const last = payload.readUInt32BE(0) & 0x7fffffff
    this.#becomeUnusable(`the server closes the connection (code ${payload.readUInt32BE(4)}) ${payload.toString('latin1', 8)}`)
    for (const stream of [...this.#streams.values()]) {
      if (stream.id > last) this.#finish(stream, { message: NOT_PROCESSED, isUntouched: true })
    }
    this.#closeIfIdle()
  }

  #finish(stream: Stream, failure: StreamFailure | undefined): void {
    if (this.#streams.get(stream.id) !== stream) return
    if (!stream.isSent && failure === undefined) this.#send(frames.reset(stream.id, CANCEL))
    this.#forget(stream)
    stream.events.end(failure)
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.id)
    this.#blocked.delete(stream)
    this.#startWaiting()
    this.#closeIfIdle()
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#streams.size < this.#maxStreams) {
      const next = this.#waiting.shift()
      if (next !== undefined) this.#start(next)
    }
  }

  #closeIfIdle(): void {
    if (!this.#isUsable && this.#streams.size === 0) setImmediate(() => this.destroy('the connection is not used any more'))
  }

  #checkPeer(): void {
    if (this.#streams.size === 0) return
    const now = performance.now()
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt > this.#options.keepaliveMs / 2) this.destroy('the server does not answer pings')
    } else if (now - this.#heardAt > this.#options.keepaliveMs) {
      this.#pingedAt = now
      this.#send(frames.ping(PING_BYTES, 0))
    }
  }
}
