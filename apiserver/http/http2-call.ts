/** A call that came over HTTP/2: answered on the stream itself, since Node's request and response objects for it cost as much as all the rest. */
import { constants, Http2ServerRequest, Http2ServerResponse, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import { bodyTooLarge, maxBodyBytes, noBody, readBody } from './body.ts'
import type { Call, OutgoingHeaders } from './call.ts'

const ignore = (): void => undefined

/** For a body to come in whole: sessions have no limit of their own. */
const bodyMs = 300_000

export class Http2Call implements Call {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly answer: OutgoingHeaders = {}
  readonly #stream: ServerHttp2Stream
  #status = 200
  readonly #closing: ((isWhole: boolean) => void)[] = []
  #taken: Http2ServerResponse | undefined

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    this.#stream = stream
    this.headers = headers
    this.rawHeaders = rawHeaders
    this.method = headers[':method'] ?? 'GET'
    this.url = headers[':path'] ?? '/'
    // What breaks a stream is told by its end.
    stream.on('error', ignore)
    stream.on('close', () => {
      for (const listener of this.#closing) listener(stream.writableFinished)
    })
    if (headers.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 })
  }

  get socket(): Socket | undefined {
    return this.#stream.session?.socket
  }

  get session(): object | undefined {
    return this.#stream.session
  }

  get status(): number {
    return this.#taken?.statusCode ?? this.#status
  }

  get isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  get isTaken(): boolean {
    return this.#taken !== undefined
  }

  body(): Buffer | Promise<Buffer> {
    return this.method === 'GET' || this.method === 'HEAD' || this.#stream.endAfterHeaders ? noBody : this.#read()
  }

  async #read(): Promise<Buffer> {
    const late = setTimeout(() => this.#stream.close(constants.NGHTTP2_CANCEL), bodyMs)
    try {
      if (Number(this.headers['content-length']) > maxBodyBytes) throw bodyTooLarge()
      return await readBody(this.#stream)
    } catch (error) {
      // The client learns that the rest of its body is not wanted.
      this.#stream.once('finish', () => this.#stream.close(constants.NGHTTP2_NO_ERROR))
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  send(status: number, bytes: Buffer): void {
    if (this.isGone) return
    if (status !== 304 && status !== 204) this.answer['content-length'] ??= bytes.length
    const isEmpty = bytes.length === 0 || this.method === 'HEAD'
    this.#respond(status, isEmpty)
    if (!isEmpty) this.#stream.end(bytes)
  }

  /** Headers as a list: of an object Node makes a copy and looks each name up in it again, a tenth of what a small answer costs. */
  #respond(status: number, endStream: boolean): void {
    this.#status = status
    const headers = [':status', String(status)]
    for (const name in this.answer) {
      const value = this.answer[name]
      if (Array.isArray(value)) for (const one of value) headers.push(name, one)
      else headers.push(name, String(value))
    }
    this.#stream.respond(headers, { endStream })
  }

  async pipe(status: number, source: Readable): Promise<void> {
    if (this.isGone) {
      source.destroy()
      return
    }
    this.#respond(status, false)
    await pipeline(source, this.#stream).catch(() => void this.#stream.destroy())
  }

  raw(): { request: Http2ServerRequest; response: RawResponse } {
    const request = new Http2ServerRequest(this.#stream, this.headers, {}, this.rawHeaders)
    const response = new Http2ServerResponse(this.#stream)
    this.#taken = response
    for (const [name, value] of Object.entries(this.answer)) response.setHeader(name, value)
    return { request, response }
  }

  onClose(listener: (isWhole: boolean) => void): void {
    this.#closing.push(listener)
  }
}
