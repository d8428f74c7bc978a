/** One request and its answer, whichever protocol brought it: what the layers of the server work on. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { RawRequest } from '#apiserver/authentication/client-certificate.ts'
import type { RawResponse } from '#apiserver/endpoints/exchange.ts'
import type { StreamRequest } from '#http2/stream-request.ts'

export type OutgoingHeaders = Record<string, string | number | string[]>

export interface Call extends RawRequest {
  readonly method: string
  /** The request target. */
  readonly url: string
  /** Headers of the answer; what is put here before it is sent goes with it. */
  readonly answer: OutgoingHeaders
  /** Of the answer, once it is sent; 200 before. */
  readonly status: number
  /** Nobody would read an answer: the client is gone. */
  readonly isGone: boolean
  /** The handler has taken `raw` and answers by itself. */
  readonly isTaken: boolean
  /** The whole body; empty where there is none. Throws 413 above the limit, ECONNRESET where the client left. */
  body(): Buffer | Promise<Buffer>
  /** The whole answer. Without a content-length in `answer` it gets that of `bytes`. */
  send(status: number, bytes: Buffer): void
  /** An answer whose bytes come from elsewhere; its content-length must be in `answer`. One that fails breaks off. */
  pipe(status: number, source: Readable): Promise<void>
  /** Objects with the names of node:http, for those who stream; the headers gathered so far are set. */
  raw(): { request: IncomingMessage | StreamRequest; response: RawResponse }
  /** Once: the answer was sent whole, or the client left before it was. */
  onClose(listener: (isWhole: boolean) => void): void
}
