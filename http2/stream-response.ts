/** The answer of a stream as a Writable with the names of node:http, for those who pass something on; made only where it is asked for. */
import { Writable } from 'node:stream'
import { answerBlock } from './answer-head.ts'
import { CANCEL } from './errors.ts'
import type { ServerStream } from './server-stream.ts'

type HeaderValue = string | number | readonly string[]

export class StreamResponse extends Writable {
  readonly stream: ServerStream
  statusCode = 200
  readonly #headers: Record<string, HeaderValue> = {}

  constructor(stream: ServerStream) {
    super()
    this.stream = stream
    stream.onClose(() => this.destroy())
    if (stream.isClosed) this.destroy()
  }

  get headersSent(): boolean {
    return this.stream.isAnswered
  }

  setHeader(name: string, value: HeaderValue): void {
    this.#headers[name.toLowerCase()] = value
  }

  writeHead(status: number, headers: Readonly<Record<string, HeaderValue>> = {}): void {
    this.statusCode = status
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
    this.flushHeaders()
  }

  flushHeaders(): void {
    this.#respond(this.stream.head.method === 'HEAD')
  }

  #respond(isEnd: boolean): void {
    if (!this.headersSent) this.stream.respond(answerBlock(this.statusCode, this.#headers), isEnd)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.flushHeaders()
    this.stream.write(chunk)
    this.stream.whenSent(done)
  }

  override _final(done: () => void): void {
    this.#respond(true)
    this.stream.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.stream.isWhole) this.stream.reset(CANCEL)
    done(error)
  }
}
