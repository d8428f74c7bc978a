/** A call that came over HTTP/1.1. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import { bodyTooLarge, maxBodyBytes, noBody, readBody } from './body.ts'
import type { Call, OutgoingHeaders } from './call.ts'

export class Http1Call implements Call {
  readonly method: string
  readonly url: string
  readonly answer: OutgoingHeaders = {}
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #closing: ((isWhole: boolean) => void)[] = []
  #isTaken = false

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request
    this.#response = response
    this.method = request.method ?? 'GET'
    this.url = request.url ?? '/'
    response.on('close', () => {
      for (const listener of this.#closing) listener(response.writableFinished)
    })
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders
  }

  get socket(): Socket {
    return this.#request.socket
  }

  get status(): number {
    return this.#response.statusCode
  }

  get isGone(): boolean {
    return this.#response.destroyed
  }

  get isTaken(): boolean {
    return this.#isTaken
  }

  body(): Buffer | Promise<Buffer> {
    if (this.method === 'GET' || this.method === 'HEAD') return noBody
    const { headers } = this.#request
    const length = headers['content-length']
    if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return noBody
    return this.#read(Number(length))
  }

  async #read(length: number): Promise<Buffer> {
    try {
      if (length > maxBodyBytes) throw bodyTooLarge()
      return await readBody(this.#request)
    } catch (error) {
      // The rest of the body is not read, so nothing else can come on this connection.
      this.answer['connection'] = 'close'
      throw error
    }
  }

  send(status: number, bytes: Buffer): void {
    if (status !== 304 && status !== 204) this.answer['content-length'] ??= bytes.length
    this.#response.writeHead(status, this.answer)
    this.#response.end(bytes)
  }

  async pipe(status: number, source: Readable): Promise<void> {
    this.#response.writeHead(status, this.answer)
    await pipeline(source, this.#response).catch(() => void this.#response.destroy())
  }

  raw(): { request: IncomingMessage; response: RawResponse } {
    this.#isTaken = true
    for (const [name, value] of Object.entries(this.answer)) this.#response.setHeader(name, value)
    return { request: this.#request, response: this.#response }
  }

  onClose(listener: (isWhole: boolean) => void): void {
    this.#closing.push(listener)
  }
}
