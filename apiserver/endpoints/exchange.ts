/** What a handler gets and gives: nothing of the web framework, so that handlers are plain functions. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { User } from '#apiserver/authentication/user.ts'
import type { Accepted } from '#apiserver/filters/negotiation.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import type { StreamResponse } from '#http2/stream-response.ts'

export interface ApiRequest {
  info: RequestInfo
  user: User
  method: string
  headers: IncomingHttpHeaders
  body: Buffer
  accepted: Accepted
  /** Aborts when the client is gone. */
  signal: AbortSignal
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void
}

export type RawResponse = ServerResponse | StreamResponse

/** An answer in one piece. `bytes` are JSON unless `contentType` says otherwise; `object` is written as JSON or YAML, as the client asked. */
export interface Answer {
  status: number
  object?: unknown
  bytes?: Buffer
  /** Instead of `bytes`: a stream of exactly `length` of them. */
  readable?: Readable
  length?: number
  contentType?: string
  /** Of an `object` or of `bytes` whose kind is not among those of the scheme: what its protobuf form is made with. */
  schema?: z.ZodType
  headers?: Readonly<Record<string, string>>
}

/** The handler writes the answer itself; what it throws before the headers are sent is answered with a Status. */
export interface Streamed {
  stream(response: RawResponse): Promise<void> | void
}

export type Handler = (request: ApiRequest) => Promise<Answer | Streamed> | Answer | Streamed

export const isStreamed = (answer: Answer | Streamed): answer is Streamed => 'stream' in answer
