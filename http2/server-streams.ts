/** The streams of one client's connection: how they begin, what comes on them, how they end (RFC 9113, 5 and 8.1). */
import type { Socket } from 'node:net'
import { RenewedMap } from '#component/renewed-map.ts'
import * as errors from './errors.ts'
import { FloodGuard, idleFrames, resets } from './flood-guard.ts'
import * as frames from './frames.ts'
import type { HeaderBlock } from './header-blocks.ts'
import { HeaderReader } from './header-reader.ts'
import { field } from './header-writer.ts'
import type { Output } from './output.ts'
import { areTrailers, type RequestHead, requestHeadOf, sizeOf } from './request-head.ts'
import { Sender } from './sender.ts'
import { ServerStream } from './server-stream.ts'

const { ConnectionFault } = errors

/** Many watches share one connection; the limits are upstream's where it has them. */
export const MAX_STREAMS = 1000
export const STREAM_WINDOW_BYTES = 256 * 1024
/** What the bodies of all streams may have waiting here. */
export const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024
export const HEADER_TABLE_BYTES = 4096
/** As SETTINGS_MAX_HEADER_LIST_SIZE counts. */
export const HEADER_LIST_BYTES = 64 * 1024
/** Answers that a client does not take: above this it can ask for no more. */
const MAX_PENDING_BYTES = 100 * 1024 * 1024
/** Of a body that comes behind its answer, before the client is told to stop. */
const LATE_BODY_BYTES = 64 * 1024
/** For a body to come in whole, and for an answer to be taken: five minutes. */
const SLOW_TICKS = 60

interface Events {
  onStream(stream: ServerStream): void
  /** The connection cannot go on. */
  failed(code: number, message: string): void
  /** The last stream ended. */
  emptied(): void
}

export class ServerStreams {
  readonly socket: Socket
  readonly #output: Output
  readonly #events: Events
  readonly #sender: Sender<ServerStream>
  readonly #headers = new HeaderReader(HEADER_TABLE_BYTES)
  readonly #streams = new RenewedMap<number, ServerStream>()
  readonly #resets = new FloodGuard(resets)
  readonly #idleFrames = new FloodGuard(idleFrames)
  #receiveWindow = CONNECTION_WINDOW_BYTES
  #owed = 0
  lastId = 0
  /** No more are taken. */
  isClosing = false

  constructor(socket: Socket, output: Output, events: Events) {
    this.socket = socket
    this.#output = output
    this.#events = events
    this.#sender = new Sender(output, {
      sent: (stream) => this.#sent(stream),
      emptied: (stream) => stream.drained(),
      dribbled: () => this.countIdleFrame(),
    })
  }

  get count(): number {
    return this.#streams.size
  }

  /** The socket has room again. */
  resume(): void {
    this.#sender.resume()
  }

  /** A frame that gives us work and brings nothing. */
  countIdleFrame(): void {
    if (!this.#idleFrames.take()) this.#events.failed(errors.ENHANCE_YOUR_CALM, 'too many frames that carry nothing')
  }

  tick(): void {
    this.#resets.refill()
    this.#idleFrames.refill()
    this.endAnswered()
    for (const stream of this.#streams.values()) {
      const isLate = stream.bodyTicks !== undefined && ++stream.bodyTicks > SLOW_TICKS
      const isStuck = stream.isWhole && ++stream.idleTicks > SLOW_TICKS
      if (isLate || isStuck) this.reset(stream, errors.CANCEL)
    }
  }

  /** The rest of the bodies whose requests are answered is not waited for. */
  endAnswered(): void {
    for (const stream of this.#streams.values()) if (stream.isSent) this.reset(stream, errors.NO_ERROR)
  }

  /** Nothing more is sent or comes. */
  closeAll(): void {
    for (const stream of [...this.#streams.values()]) this.#forget(stream, false)
  }

  // What comes from the client.

  takeHeaders({ stream: id, isEnd, bytes }: HeaderBlock, dependsOn: number | undefined): void {
    // Read in any case: the table has to stay that of the client.
    const fields = this.#headers.read(bytes)
    const stream = this.#streams.get(id)
    if (stream !== undefined) this.#takeTrailers(stream, isEnd && areTrailers(fields))
    else if (id % 2 === 0 || id < this.lastId) throw new ConnectionFault(errors.PROTOCOL_ERROR, `stream ${id} cannot begin`)
    else if (id === this.lastId) throw new ConnectionFault(errors.STREAM_CLOSED, `stream ${id} is over`)
    // The client knows from GOAWAY that nothing is done with it.
    else if (!this.isClosing) {
      this.lastId = id
      if (dependsOn === id) this.#refuse(id, errors.PROTOCOL_ERROR)
      else if (this.#isFull) this.#refuse(id, errors.REFUSED_STREAM)
      else if (sizeOf(fields) > HEADER_LIST_BYTES) this.#answerLarge(id, isEnd)
      else this.#open(id, requestHeadOf(fields), isEnd)
    }
  }

  get #isFull(): boolean {
    return this.#streams.size >= MAX_STREAMS || this.#sender.pendingBytes > MAX_PENDING_BYTES
  }

  #open(id: number, head: RequestHead | undefined, isEnd: boolean): void {
    if (head === undefined || (isEnd && (head.contentLength ?? 0) > 0)) {
      this.#refuse(id, errors.PROTOCOL_ERROR)
      return
    }
    const stream = new ServerStream(this, head, isEnd, STREAM_WINDOW_BYTES)
    this.#streams.set(id, stream)
    this.#sender.open(stream, id)
    this.#events.onStream(stream)
  }

  takeData(frame: frames.Frame): void {
    const { stream: id, payload } = frame
    const isEnd = (frame.flags & frames.END_STREAM) !== 0
    this.#receiveWindow -= payload.length
    if (this.#receiveWindow < 0) throw new ConnectionFault(errors.FLOW_CONTROL_ERROR, 'more than the window of the connection')
    const content = frames.contentOf(frame)
    if (content.length === 0 && !isEnd) this.countIdleFrame()
    const stream = this.#openFor(id)
    if (stream === undefined || stream.isReceived) {
      this.#giveBack(payload.length)
      if (id <= this.lastId) this.#refuse(id, errors.STREAM_CLOSED)
      return
    }
    stream.receiveWindow -= payload.length
    if (payload.length > content.length) this.#return(stream, payload.length - content.length)
    if (stream.receiveWindow < 0) this.#refuse(id, errors.FLOW_CONTROL_ERROR)
    else if (stream.isSent) this.#dropLate(stream, content.length)
    else if (content.length > 0) stream.take(content)
    if (this.#streams.has(id)) this.#checkLength(stream, isEnd)
  }

  takeReset({ stream: id, payload }: frames.Frame): void {
    demandLength(payload, 4)
    const stream = this.#openFor(id)
    if (!this.#resets.take()) throw new ConnectionFault(errors.ENHANCE_YOUR_CALM, 'too many streams were given up')
    if (stream !== undefined) this.#forget(stream, false)
  }

  takeWindowUpdate({ stream: id, payload }: frames.Frame): void {
    demandLength(payload, 4)
    const bytes = payload.readUInt32BE(0) & frames.MAX_WINDOW_BYTES
    if (id === 0) {
      if (bytes === 0) throw new ConnectionFault(errors.PROTOCOL_ERROR, 'a window that grows by nothing')
      this.#sender.widenAll(bytes)
      return
    }
    const stream = this.#openFor(id)
    if (bytes === 0) this.#refuse(id, errors.PROTOCOL_ERROR)
    else if (stream !== undefined && !this.#sender.widen(stream, bytes)) this.#refuse(id, errors.FLOW_CONTROL_ERROR)
  }

  takePriority(frame: frames.Frame): void {
    this.countIdleFrame()
    if (frame.payload.length !== 5) this.#refuse(frame.stream, errors.FRAME_SIZE_ERROR)
    else if (frames.dependencyOf(frame) === frame.stream) this.#refuse(frame.stream, errors.PROTOCOL_ERROR)
  }

  setFirstWindow(bytes: number): void {
    this.#sender.setFirstWindow(bytes, this.#streams.values())
  }

  limitFrames(bytes: number): void {
    this.#sender.limitFrames(bytes)
  }

  // What streams ask for.

  sendHead(stream: ServerStream, block: string, isEnd: boolean): void {
    let rest = block
    let type = frames.HEADERS
    let flags = isEnd ? frames.END_STREAM : 0
    for (; rest.length > frames.DEFAULT_FRAME_BYTES; rest = rest.slice(frames.DEFAULT_FRAME_BYTES)) {
      this.#output.send(type, flags, stream.id, rest.slice(0, frames.DEFAULT_FRAME_BYTES))
      type = frames.CONTINUATION
      flags = 0
    }
    this.#output.send(type, flags | frames.END_HEADERS, stream.id, rest)
    if (!isEnd) return
    stream.isWhole = true
    stream.isSent = true
    this.#sent(stream)
  }

  write(stream: ServerStream, bytes: Buffer): void {
    this.#sender.write(stream, bytes)
  }

  end(stream: ServerStream, bytes?: Buffer): void {
    this.#sender.end(stream, bytes)
  }

  reset(stream: ServerStream, code: number): void {
    this.#output.send(frames.RST_STREAM, 0, stream.id, frames.words(code))
    this.#forget(stream, false)
  }

  consumed(stream: ServerStream, bytes: number): void {
    stream.held -= bytes
    this.#return(stream, bytes)
  }

  #return(stream: ServerStream, bytes: number): void {
    this.#giveBack(bytes)
    stream.owed += bytes
    if (stream.owed < STREAM_WINDOW_BYTES / 2 || stream.isReceived) return
    stream.receiveWindow += stream.owed
    this.#output.send(frames.WINDOW_UPDATE, 0, stream.id, frames.words(stream.owed))
    stream.owed = 0
  }

  whenFlushed(listener: () => void): void {
    this.#output.whenFlushed(listener)
  }

  // Ends.

  /** Undefined for one that is over. Throws for one that never began. */
  #openFor(id: number): ServerStream | undefined {
    const stream = this.#streams.get(id)
    if (stream === undefined && (id > this.lastId || id % 2 === 0) && !this.isClosing)
      throw new ConnectionFault(errors.PROTOCOL_ERROR, `stream ${id} has not begun`)
    return stream
  }

  #takeTrailers(stream: ServerStream, areGood: boolean): void {
    if (stream.isReceived) this.#refuse(stream.id, errors.STREAM_CLOSED)
    else if (!areGood) this.#refuse(stream.id, errors.PROTOCOL_ERROR)
    else this.#checkLength(stream, true)
  }

  #checkLength(stream: ServerStream, isEnd: boolean): void {
    const { contentLength } = stream.head
    const isWrong = contentLength !== undefined && (isEnd ? stream.received !== contentLength : stream.received > contentLength)
    if (isWrong) this.#refuse(stream.id, errors.PROTOCOL_ERROR)
    else if (isEnd) {
      stream.takeEnd()
      if (stream.isSent) this.#forget(stream, true)
    }
  }

  /** Ends a stream for a fault of the client's, which may not be had for nothing: work that is thrown away is still work (CVE-2025-8671). */
  #refuse(id: number, code: number): void {
    if (!this.#resets.take()) throw new ConnectionFault(errors.ENHANCE_YOUR_CALM, 'too many faulty streams')
    this.#output.send(frames.RST_STREAM, 0, id, frames.words(code))
    const stream = this.#streams.get(id)
    if (stream !== undefined) this.#forget(stream, false)
  }

  #answerLarge(id: number, isEnd: boolean): void {
    this.#output.send(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, id, field(':status', '431'))
    if (!isEnd) this.#refuse(id, errors.NO_ERROR)
  }

  /** What is on its way of a body may still come: a client that was cut short might not look at its answer. */
  #sent(stream: ServerStream): void {
    if (stream.isReceived) this.#forget(stream, true)
    else this.#close(stream, true)
  }

  #dropLate(stream: ServerStream, bytes: number): void {
    this.#giveBack(bytes)
    stream.received += bytes
    stream.late += bytes
    if (stream.late > LATE_BODY_BYTES) this.reset(stream, errors.NO_ERROR)
  }

  #forget(stream: ServerStream, isWhole: boolean): void {
    this.#streams.delete(stream.id)
    this.#sender.forget(stream)
    if (!stream.isClosed) this.#close(stream, isWhole)
    if (this.#streams.size === 0) this.#events.emptied()
  }

  #close(stream: ServerStream, isWhole: boolean): void {
    this.#giveBack(stream.held)
    stream.close(isWhole)
  }

  #giveBack(bytes: number): void {
    this.#owed += bytes
    if (this.#owed < CONNECTION_WINDOW_BYTES / 4) return
    this.#receiveWindow += this.#owed
    this.#output.send(frames.WINDOW_UPDATE, 0, 0, frames.words(this.#owed))
    this.#owed = 0
  }
}

export function demandLength(payload: Buffer, bytes: number): void {
  if (payload.length !== bytes) throw new ConnectionFault(errors.FRAME_SIZE_ERROR, `${payload.length} bytes instead of ${bytes}`)
}
