/**
 * What the web framework sees of a call. It runs the layers and collects the answer; bodies, connections and both versions of HTTP are the
 * listener's business, so it is shown a request without headers to the only path there is. Node's own objects would do as well, but over HTTP/2
 * they cost as much as all the rest of a request.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { noBody } from './body.ts'
import type { Call, OutgoingHeaders } from './call.ts'

const noHeaders: IncomingHttpHeaders = {}

export class FrameworkRequest {
  readonly call: Call
  readonly url = '/'
  readonly method = 'GET'
  readonly headers = noHeaders
  readonly httpVersionMajor = 1

  constructor(call: Call) {
    this.call = call
  }

  get socket(): Call['socket'] {
    return this.call.socket
  }
}

/** Just what a reply of one buffer takes; who streams takes the call's raw objects. */
export class FrameworkResponse {
  statusCode = 200
  headersSent = false
  writableEnded = false
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  get destroyed(): boolean {
    return this.#call.isGone
  }

  getHeader(name: string): OutgoingHeaders[string] | undefined {
    return this.#call.answer[name]
  }

  hasHeader(name: string): boolean {
    return this.#call.answer[name] !== undefined
  }

  removeHeader(name: string): void {
    delete this.#call.answer[name]
  }

  writeHead(status: number, headers: OutgoingHeaders): void {
    this.statusCode = status
    this.headersSent = true
    Object.assign(this.#call.answer, headers)
  }

  end(bytes: Buffer | null | undefined): void {
    this.writableEnded = true
    this.#call.send(this.statusCode, bytes ?? noBody)
  }
}
