/**
 * A SPDY/3.1 session over any duplex connection, as kubectl and client-go speak it: streams opened by the peer come to `onStream`, ours by
 * `open`. Peers (moby/spdystream) neither send WINDOW_UPDATE nor keep to windows, so TCP is what paces: a stream that is not read holds the
 * connection up; windows are granted nevertheless for peers that count.
 */
import { Duplex } from 'node:stream'
import {
  dataFrame,
  type Frame,
  FrameError,
  FrameParser,
  goAwayFrame,
  pingFrame,
  resetCode,
  rstStreamFrame,
  synReplyFrame,
  synStreamFrame,
  windowUpdateFrame,
} from './frames.ts'
import { decodeHeaders, encodeHeaders, HeaderCompressor, HeaderDecompressor, type Headers } from './header-block.ts'

const maxDataBytes = 32 * 1024
const bufferBytes = 256 * 1024
const maxStreams = 1000
/** Answers that a peer provokes and does not read. */
const maxUnsentBytes = 16 * 1024 * 1024

export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: Headers
  readonly #session: SpdySession
  #resume: (() => void) | undefined
  #remoteEnded = false
  #localEnded = false

  constructor(session: SpdySession, id: number, headers: Headers) {
    super({ allowHalfOpen: true, readableHighWaterMark: bufferBytes, writableHighWaterMark: bufferBytes })
    this.#session = session
    this.id = id
    this.headers = headers
  }

  override _read(): void {
    const resume = this.#resume
    this.#resume = undefined
    resume?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#session.sendData(this.id, chunk).then(() => done(), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#localEnded = true
    this.#session.sendEnd(this.id).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read()
    this.#session.forget(this, !(this.#remoteEnded && this.#localEnded))
    done(error)
  }

  /** Data from the peer; resolves when more may come. */
  receive(data: Buffer, fin: boolean): Promise<void> | undefined {
    if (this.destroyed || this.#remoteEnded) return undefined
    const more = data.length === 0 || this.push(data)
    if (fin) {
      this.#remoteEnded = true
      this.push(null)
    }
    if (more || fin) return undefined
    return new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  /** The peer gave the stream up. */
  wasReset(): void {
    this.#remoteEnded = true
    this.#localEnded = true
    if (!this.readableEnded) this.push(null)
    this.destroy()
  }
}

export class SpdySession {
  /** Streams that the peer opens. They are accepted (SYN_REPLY) before this is called. */
  onStream: (stream: SpdyStream) => void = (stream) => stream.destroy()
  /** Settles when the session has ended, however it did. */
  readonly closed: Promise<void>
  readonly #connection: Duplex
  readonly #streams = new Map<number, SpdyStream>()
  readonly #replies = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  readonly #compressor = new HeaderCompressor()
  #nextId: number
  #lastPeerId = 0
  #ended = false

  constructor(connection: Duplex, options: { server: boolean }) {
    this.#connection = connection
    this.#nextId = options.server ? 2 : 1
    this.closed = this.#serve()
  }

  /** Opens a stream and waits until the peer has accepted it. */
  async open(headers: Headers): Promise<SpdyStream> {
    if (this.#ended) throw new Error('session is closed')
    const id = this.#nextId
    this.#nextId += 2
    const stream = new SpdyStream(this, id, headers)
    this.#streams.set(id, stream)
    const replied = new Promise<void>((resolve, reject) => this.#replies.set(id, { resolve, reject }))
    await this.#send(synStreamFrame(id, this.#compressor.compress(encodeHeaders(headers)), false))
    await replied
    return stream
  }

  /** Says goodbye and ends the connection once all that was written is out. */
  async close(): Promise<void> {
    if (this.#ended) return
    // A connection that is closed already has no use for a goodbye.
    await this.#send(goAwayFrame(this.#lastPeerId, 0)).catch(() => undefined)
    this.#connection.end()
  }

  destroy(): void {
    this.#connection.destroy()
  }

  async sendData(id: number, chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += maxDataBytes) await this.#send(dataFrame(id, chunk.subarray(at, at + maxDataBytes), false))
  }

  async sendEnd(id: number): Promise<void> {
    await this.#send(dataFrame(id, Buffer.alloc(0), true))
  }

  /** A stream that ends on one side only is reset, so that the peer does not wait. */
  forget(stream: SpdyStream, reset: boolean): void {
    if (!this.#streams.delete(stream.id)) return
    if (reset && !this.#ended) this.#post(rstStreamFrame(stream.id, resetCode.cancel))
  }

  async #serve(): Promise<void> {
    const decompressor = new HeaderDecompressor()
    const parser = new FrameParser()
    try {
      for await (const chunk of this.#connection as AsyncIterable<Buffer>) {
        for (const frame of parser.feed(chunk)) await this.#handle(frame, decompressor)
      }
    } catch (error) {
      if (error instanceof FrameError) this.#post(goAwayFrame(this.#lastPeerId, 1))
    } finally {
      this.#ended = true
      decompressor.close()
      for (const { reject } of this.#replies.values()) reject(new Error('session is closed'))
      for (const stream of [...this.#streams.values()]) stream.wasReset()
      this.#connection.destroy()
    }
  }

  async #handle(frame: Frame, decompressor: HeaderDecompressor): Promise<void> {
    switch (frame.kind) {
      case 'data':
        return await this.#data(frame)
      case 'synStream':
        return await this.#opened(frame, decodeHeaders(await decompressor.decompress(frame.headerBlock)))
      case 'synReply':
        await decompressor.decompress(frame.headerBlock)
        this.#replied(frame.streamId, undefined)
        if (frame.fin) await this.#streams.get(frame.streamId)?.receive(Buffer.alloc(0), true)
        return
      case 'headers':
        // The compression state covers them; no protocol here gives them a meaning.
        await decompressor.decompress(frame.headerBlock)
        return
      case 'rstStream':
        this.#replied(frame.streamId, new Error(`stream was refused with status ${frame.status}`))
        this.#streams.get(frame.streamId)?.wasReset()
        return
      case 'ping':
        this.#post(pingFrame(frame.id))
        return
      case 'goAway':
      case 'windowUpdate':
      case 'other':
        return
    }
  }

  async #data(frame: { streamId: number; fin: boolean; data: Buffer }): Promise<void> {
    const stream = this.#streams.get(frame.streamId)
    if (stream === undefined) return
    await stream.receive(frame.data, frame.fin)
    if (frame.data.length > 0 && !frame.fin) this.#post(windowUpdateFrame(frame.streamId, frame.data.length))
  }

  async #opened(frame: { streamId: number; fin: boolean }, headers: Headers): Promise<void> {
    const { streamId } = frame
    if (streamId <= this.#lastPeerId || streamId % 2 === this.#nextId % 2) {
      this.#post(rstStreamFrame(streamId, resetCode.protocolError))
      return
    }
    this.#lastPeerId = streamId
    if (this.#streams.size >= maxStreams) {
      this.#post(rstStreamFrame(streamId, resetCode.refusedStream))
      return
    }
    const stream = new SpdyStream(this, streamId, headers)
    this.#streams.set(streamId, stream)
    this.#post(synReplyFrame(streamId, this.#compressor.compress(encodeHeaders({})), false))
    if (frame.fin) await stream.receive(Buffer.alloc(0), true)
    this.onStream(stream)
  }

  #replied(id: number, error: Error | undefined): void {
    const waiter = this.#replies.get(id)
    this.#replies.delete(id)
    if (error === undefined) waiter?.resolve()
    else waiter?.reject(error)
  }

  /** Without waiting: were both ends to wait for their answers to be read before they read on, neither would. */
  #post(frame: Buffer): void {
    if (this.#connection.writableLength > maxUnsentBytes) this.#connection.destroy()
    // A connection that broke tells it by its own close.
    this.#send(frame).catch(() => undefined)
  }

  #send(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#connection.destroyed || this.#connection.writableEnded) {
        reject(new Error('session is closed'))
        return
      }
      this.#connection.write(frame, (error) => (error === null || error === undefined ? resolve() : reject(error)))
    })
  }
}
