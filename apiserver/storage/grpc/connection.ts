/** One HTTP/2 connection as a client of gRPC uses it: many streams, flow control both ways, all that one turn of the event loop sends in one write. */
import type { Socket } from 'node:net'
import { RenewedMap } from '#component/renewed-map.ts'
import { CANCEL, ConnectionFault, PROTOCOL_ERROR, REFUSED_STREAM } from '#http2/errors.ts'
import * as frames from '#http2/frames.ts'
import { type HeaderBlock, HeaderBlocks } from '#http2/header-blocks.ts'
import { HeaderReader } from '#http2/header-reader.ts'
import { Output } from '#http2/output.ts'
import { Outgoing, Sender } from '#http2/sender.ts'
import { messagePrefix } from '#streams/grpc-messages.ts'

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
const LAST_STREAM = 0x7fffffff
const NOT_PROCESSED = 'Call not processed by the server'
const PING_BYTES = Buffer.from('keepaliv')

const ignore = (): void => undefined

export class Stream extends Outgoing {
  readonly events: StreamEvents
  readonly block: string
  /** Received and not yet given back to the peer's window. */
  taken = 0

  constructor(block: string, events: StreamEvents) {
    super()
    this.block = block
    this.events = events
  }
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
  readonly #output: Output
  readonly #sender: Sender<Stream>
  readonly #frames = new frames.FrameReader()
  readonly #blocks = new HeaderBlocks()
  /** The peer is told to keep no table. */
  readonly #headers = new HeaderReader(0)
  readonly #streams = new RenewedMap<number, Stream>()
  /** Wait until the peer takes more streams. */
  readonly #waiting: Stream[] = []
  readonly #keepalive: NodeJS.Timeout
  #nextId = 1
  #maxStreams = Number.POSITIVE_INFINITY
  #taken = 0
  #heardAt = performance.now()
  #pingedAt: number | undefined
  #isUsable = true
  #isReady = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#output = new Output(socket, () => this.#sender.resume())
    this.#sender = new Sender(this.#output, { sent: ignore, emptied: ignore, dribbled: ignore })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.destroy(error.message))
    socket.on('close', () => this.destroy('the connection was closed'))
    this.#keepalive = setInterval(() => this.#checkPeer(), options.keepaliveMs / 4)
    this.#keepalive.unref()
    this.#greet()
  }

  open(block: string, events: StreamEvents): Stream {
    const stream = new Stream(block, events)
    if (!this.#isUsable) queueMicrotask(() => events.end({ message: NOT_PROCESSED, isUntouched: true }))
    else if (this.#streams.size < this.#maxStreams) this.#start(stream)
    else this.#waiting.push(stream)
    return stream
  }

  /** A gRPC message; with `isLast` nothing follows. */
  write(stream: Stream, message: Buffer, isLast: boolean): void {
    this.#sender.write(stream, messagePrefix(message.length))
    if (isLast) this.#sender.end(stream, message)
    else this.#sender.write(stream, message)
  }

  /** Nothing is heard of the stream afterwards. */
  cancel(stream: Stream): void {
    const place = this.#waiting.indexOf(stream)
    if (place >= 0) this.#waiting.splice(place, 1)
    if (this.#streams.get(stream.id) !== stream) return
    this.#reset(stream)
    this.#forget(stream)
  }

  /** Takes no more streams and ends those whose requests are open for ever; the others come to their end. */
  retire(reason: string): void {
    this.#becomeUnusable(reason)
    for (const stream of [...this.#streams.values()]) {
      if (stream.isSent) continue
      this.#reset(stream)
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
    const id = this.#nextId
    this.#nextId += 2
    this.#streams.set(id, stream)
    this.#output.send(frames.HEADERS, frames.END_HEADERS, id, stream.block)
    this.#sender.open(stream, id)
    if (this.#nextId > LAST_STREAM) this.#becomeUnusable('no stream numbers are left')
  }

  /** No table for headers, no pushes, and how many bytes may be under way, on each stream and on all together. */
  #greet(): void {
    this.#socket.write(frames.PREFACE)
    const settings = frames.settingsOf([
      [frames.HEADER_TABLE_SIZE, 0],
      [frames.ENABLE_PUSH, 0],
      [frames.INITIAL_WINDOW_SIZE, WINDOW_BYTES],
    ])
    this.#output.send(frames.SETTINGS, 0, 0, settings)
    this.#widenOwn(0, WINDOW_BYTES - frames.DEFAULT_WINDOW_BYTES)
  }

  #widenOwn(stream: number, bytes: number): void {
    this.#output.send(frames.WINDOW_UPDATE, 0, stream, frames.words(bytes))
  }

  #reset(stream: Stream): void {
    this.#output.send(frames.RST_STREAM, 0, stream.id, frames.words(CANCEL))
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
    if (!this.#isReady && frame.type !== frames.SETTINGS) throw new ConnectionFault(PROTOCOL_ERROR, 'the peer does not speak HTTP/2')
    this.#blocks.check(frame)
    const isAck = (frame.flags & frames.ACK) !== 0
    if (frame.type === frames.DATA) this.#takeData(frame)
    else if (frame.type === frames.HEADERS || frame.type === frames.CONTINUATION) this.#takeHeaders(this.#blocks.take(frame))
    else if (frame.type === frames.WINDOW_UPDATE) this.#widen(frame)
    else if (frame.type === frames.PING && !isAck) this.#output.send(frames.PING, frames.ACK, 0, frame.payload)
    else if (frame.type === frames.SETTINGS && !isAck) this.#settle(frame.payload)
    else if (frame.type === frames.RST_STREAM) this.#takeReset(frame)
    else if (frame.type === frames.GOAWAY) this.#takeGoaway(frame.payload)
    else if (frame.type === frames.PUSH_PROMISE) throw new ConnectionFault(PROTOCOL_ERROR, 'a push, which was not allowed')
  }

  #takeData(frame: frames.Frame): void {
    const { length } = frame.payload
    this.#taken += length
    if (this.#taken > WINDOW_BYTES / 8) {
      this.#widenOwn(0, this.#taken)
      this.#taken = 0
    }
    const stream = this.#streams.get(frame.stream)
    if (stream === undefined) return
    const isEnd = (frame.flags & frames.END_STREAM) !== 0
    stream.taken += length
    if (!isEnd && stream.taken > WINDOW_BYTES / 8) {
      this.#widenOwn(stream.id, stream.taken)
      stream.taken = 0
    }
    stream.events.data(frames.contentOf(frame))
    if (isEnd) this.#finish(stream, undefined)
  }

  #takeHeaders(block: HeaderBlock | undefined): void {
    if (block === undefined) return
    const fields = this.#headers.read(block.bytes)
    const stream = this.#streams.get(block.stream)
    if (stream === undefined) return
    stream.events.headers(new Map(fields.map(({ name, value }) => [name, value])))
    if (block.isEnd) this.#finish(stream, undefined)
  }

  #widen({ stream: id, payload }: frames.Frame): void {
    const bytes = payload.readUInt32BE(0) & frames.MAX_WINDOW_BYTES
    const stream = this.#streams.get(id)
    if (id === 0) this.#sender.widenAll(bytes)
    else if (stream !== undefined) this.#sender.widen(stream, bytes)
  }

  #settle(payload: Buffer): void {
    this.#output.send(frames.SETTINGS, frames.ACK, 0, '')
    for (const [id, value] of frames.settingsIn(payload)) {
      if (id === frames.MAX_CONCURRENT_STREAMS) this.#maxStreams = value
      if (id === frames.MAX_FRAME_SIZE) this.#sender.limitFrames(value)
      if (id === frames.INITIAL_WINDOW_SIZE) this.#sender.setFirstWindow(value, this.#streams.values())
    }
    if (!this.#isReady) {
      this.#isReady = true
      this.#options.onReady()
    }
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
    if (!stream.isSent && failure === undefined) this.#reset(stream)
    this.#forget(stream)
    stream.events.end(failure)
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.id)
    this.#sender.forget(stream)
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
      this.#output.send(frames.PING, 0, 0, PING_BYTES)
    }
  }
}
