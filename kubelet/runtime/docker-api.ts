/** Requests to Docker's HTTP API with a deadline each, so that a daemon that hangs never collects them; errors are DockerError. */
import type { Duplex, Readable } from 'node:stream'
import { longestTimerMs } from '#component/clock.ts'
import { RuntimeError } from './runtime.ts'

/** What docker.ts lends of the client library: one request. */
export interface Dialer {
  dial(
    options: {
      path: string
      method: string
      statusCodes: Record<number, boolean>
      options: { _query: object; _body: object }
      headers?: Record<string, string>
      file?: Buffer
      hijack?: boolean
      isStream?: boolean
      abortSignal: AbortSignal
    },
    done: (error: unknown, result: unknown) => void,
  ): void
}

/** Docker's answer that is not a success. `status` 0 means no answer at all. */
export class DockerError extends Error {
  readonly status: number
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DockerError'
    this.status = status
  }
}

export interface RequestOptions {
  query?: Readonly<Record<string, string | number | boolean>>
  body?: object
  /** A tar archive as body. */
  archive?: Buffer
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Deadline of the whole answer; for streams, of its beginning. */
  timeoutMs?: number
}

type Method = 'GET' | 'POST' | 'DELETE' | 'HEAD'

const successes: Record<number, boolean> = { 101: true, 200: true, 201: true, 202: true, 204: true, 304: true }

export class DockerApi {
  readonly #dialer: Dialer
  readonly #timeoutMs: number

  constructor(dialer: Dialer, timeoutMs = 120_000) {
    this.#dialer = dialer
    this.#timeoutMs = timeoutMs
  }

  async call<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return (await this.#begin(method, path, options, {})) as T
  }

  /** The body as it comes; ends when Docker ends it or the signal aborts. */
  async stream(method: Method, path: string, options: RequestOptions = {}): Promise<Readable> {
    return (await this.#begin(method, path, options, { isStream: true })) as Readable
  }

  /** The raw connection after Docker switched protocols (attach, exec). */
  async hijack(path: string, options: RequestOptions = {}): Promise<Duplex> {
    const socket = (await this.#begin('POST', path, options, { hijack: true, isStream: true })) as Duplex
    const abort = () => socket.destroy()
    options.signal?.addEventListener('abort', abort, { once: true })
    socket.once('close', () => options.signal?.removeEventListener('abort', abort))
    if (options.signal?.aborted) socket.destroy()
    return socket
  }

  /** A deadline for the answer; of a stream for its head only: what follows may take as long as it likes. */
  async #begin(method: Method, path: string, options: RequestOptions, mode: { hijack?: boolean; isStream?: boolean }): Promise<unknown> {
    const late = new AbortController()
    const timeoutMs = Math.min(options.timeoutMs ?? this.#timeoutMs, longestTimerMs)
    const timer = setTimeout(() => late.abort(new Error('timed out')), timeoutMs)
    const signal = options.signal === undefined ? late.signal : AbortSignal.any([options.signal, late.signal])
    try {
      return await this.#dial(method, path, { ...options, signal }, mode)
    } finally {
      clearTimeout(timer)
    }
  }

  #dial(
    method: Method,
    path: string,
    options: RequestOptions & { signal: AbortSignal },
    mode: { hijack?: boolean; isStream?: boolean },
  ): Promise<unknown> {
    const query = new URLSearchParams(
      Object.entries(options.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString()
    // Without a body the library announces a chunked one on a connection that is about to be hijacked, and its end mark would be read as
    // stdin; an empty buffer is sent as content-length 0.
    const file = options.archive ?? (mode.hijack === true && options.body === undefined ? Buffer.alloc(0) : undefined)
    return new Promise((resolve, reject) => {
      this.#dialer.dial(
        {
          path: query === '' ? path : `${path}?${query}`,
          method,
          statusCodes: successes,
          options: { _query: {}, _body: options.body ?? {} },
          ...(options.headers === undefined ? {} : { headers: options.headers }),
          ...(file === undefined ? {} : { file }),
          ...mode,
          abortSignal: options.signal,
        },
        (error, result) => (error === null || error === undefined ? resolve(result) : reject(dockerError(error, `${method} ${path}`))),
      )
    })
  }
}

function dockerError(error: unknown, what: string): DockerError {
  const { statusCode, json, message } = error as { statusCode?: number; json?: { message?: string } | null; message?: string }
  if (statusCode === undefined) return new DockerError(0, `docker ${what}: ${message ?? String(error)}`, { cause: error })
  return new DockerError(statusCode, json?.message ?? (message ?? '').replace(/^\(HTTP code \d+\) \S+ - /, '').trim(), { cause: error })
}

export const isStatus = (error: unknown, status: number): boolean => error instanceof DockerError && error.status === status

/** Runs a request for which "it is not there" is a fine outcome. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

/** The runtime's error for a failed request about a container. */
export function runtimeError(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error
  if (!(error instanceof DockerError))
    return new RuntimeError('other', error instanceof Error ? error.message : String(error), { cause: error })
  const code = error.status === 404 ? 'notFound' : error.status === 409 ? 'conflict' : error.status === 0 ? 'unavailable' : 'other'
  return new RuntimeError(code, error.message, { cause: error })
}
