/** A call that came over HTTP/2. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { answerBlock } from '#http2/answer-head.ts'
import { CANCEL } from '#http2/errors.ts'
import type { ServerStream } from '#http2/server-stream.ts'
import { StreamRequest } from '#http2/stream-request.ts'
import { StreamResponse } from '#http2/stream-response.ts'
import { BodyCollector, bodyTooLarge, maxBodyBytes, noBody } from './body.ts'
import type { Call, OutgoingHeaders } from './call.ts'

export class Http2Call implements Call {
  readonly answer: OutgoingHeaders = {}
  readonly #stream: ServerStream
  #status = 200
  #taken: StreamResponse | undefined

  constructor(stream: ServerStream) {
    this.#stream = stream
  }

  get method(): string {
    return this.#stream.head.method
  }

  get url(): string {
    return this.#stream.head.url
  }

  get headers(): IncomingHttpHeaders {
    return this.#stream.head.headers
  }

  get rawHeaders(): readonly string[] {
    return this.#stream.head.rawHeaders
  }

  get socket(): Socket {
    return this.#stream.socket
  }

  get status(): number {
    return this.#taken?.statusCode ?? this.#status
  }

  get isGone(): boolean {
    return this.#stream.isClosed
  }

  get isTaken(): boolean {
    return this.#taken !== undefined
  }

  body(): Buffer | Promise<Buffer> {
    if (this.method === 'GET' || this.method === 'HEAD') return noBody
    return this.#stream.isReceived && this.#stream.held === 0 ? noBody : this.#read()
  }

  #read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = this.#stream
      const { contentLength } = stream.head
      if (contentLength !== undefined && contentLength > maxBodyBytes) {
        reject(bodyTooLarge())
        return
      }
      const collector = new BodyCollector()
      stream.bodyTicks = 0
      stream.readBody({
        data(bytes) {
          stream.consumed(bytes.length)
          if (collector.take(bytes)) return
          stream.leaveBody()
          reject(bodyTooLarge())
        },
        end: () => resolve(collector.whole()),
        broken: () => reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })),
      })
    })
  }

  send(status: number, bytes: Buffer): void {
    if (this.isGone) return
    if (status !== 304 && status !== 204) this.answer['content-length'] ??= bytes.length
    const isEmpty = bytes.length === 0 || this.method === 'HEAD'
    this.#respond(status, isEmpty)
    if (!isEmpty) this.#stream.end(bytes)
  }

  #respond(status: number, isEnd: boolean): void {
    this.#status = status
    this.#stream.respond(answerBlock(status, this.answer), isEnd)
  }

  async pipe(status: number, source: Readable): Promise<void> {
    if (this.isGone) {
      source.destroy()
      return
    }
    this.#respond(status, this.method === 'HEAD')
    await pipeline(source, new StreamResponse(this.#stream)).catch(() => this.#stream.reset(CANCEL))
  }

  raw(): { request: StreamRequest; response: StreamResponse } {
    const response = new StreamResponse(this.#stream)
    this.#taken = response
    for (const [name, value] of Object.entries(this.answer)) response.setHeader(name, value)
    return { request: new StreamRequest(this.#stream), response }
  }

  onClose(listener: (isWhole: boolean) => void): void {
    this.#stream.onClose(listener)
  }
}
