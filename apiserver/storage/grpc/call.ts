/** One gRPC call over a stream: the messages that come back, and how it ended. */

import { MalformedMessage, MessageReader } from '#streams/grpc-messages.ts'
import type { StreamEvents, StreamFailure } from './connection.ts'

const names = [
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED',
].flatMap((line) => line.split(' '))

export const CANCELLED = 1
const UNKNOWN = 2
export const DEADLINE_EXCEEDED = 4
export const RESOURCE_EXHAUSTED = 8
const INTERNAL = 13
export const UNAVAILABLE = 14

/** A call failed. The message begins with the number and the name of its status. */
export class GrpcError extends Error {
  readonly code: number
  readonly details: string

  constructor(code: number, details: string, options?: ErrorOptions) {
    super(`${code} ${names[code] ?? 'UNKNOWN'}: ${details}`, options)
    this.name = 'GrpcError'
    this.code = code
    this.details = details
  }
}

export interface CallEvents {
  /** Bytes of the connection: copy what is to be kept for long. */
  message(message: Buffer): void
  /** Comes once and last. */
  end(error: GrpcError | undefined): void
}

export class Call implements StreamEvents {
  readonly #events: CallEvents
  readonly #messages = new MessageReader()
  #status: string | undefined
  #details = ''
  #httpStatus = ''
  #isOver = false

  constructor(events: CallEvents) {
    this.#events = events
  }

  headers(headers: ReadonlyMap<string, string>): void {
    this.#httpStatus = headers.get(':status') ?? this.#httpStatus
    this.#status = headers.get('grpc-status') ?? this.#status
    this.#details = headers.get('grpc-message') ?? this.#details
  }

  data(bytes: Buffer): void {
    if (this.#isOver || this.#httpStatus !== '200') return
    try {
      this.#messages.take(bytes, (message) => this.#events.message(message))
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      this.#end(new GrpcError(INTERNAL, error.message))
    }
  }

  end(failure: StreamFailure | undefined): void {
    if (failure !== undefined) this.#end(new GrpcError(UNAVAILABLE, failure.message))
    else if (this.#status === '0') this.#end(undefined)
    else if (this.#status !== undefined) this.#end(new GrpcError(Number(this.#status), unescaped(this.#details)))
    else this.#end(withoutStatus(this.#httpStatus))
  }

  /** The caller does not wait any longer. */
  abandon(error: GrpcError): void {
    this.#end(error)
  }

  #end(error: GrpcError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#events.end(error)
  }
}

/** What answers is no gRPC server, or one that broke off. */
function withoutStatus(httpStatus: string): GrpcError {
  if (httpStatus === '200') return new GrpcError(UNKNOWN, 'the call ended without a status')
  return new GrpcError(UNAVAILABLE, `Received HTTP status code ${httpStatus}`)
}

/** grpc-message escapes what is not printable ASCII by percent signs. */
function unescaped(details: string): string {
  try {
    return decodeURIComponent(details)
  } catch {
    return details
  }
}
