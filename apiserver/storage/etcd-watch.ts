/** One watch stream that resumes by itself after what it delivered last, and ends only when etcd has forgotten that. */
import { type WatchEvent, type WatchResponse, watchCreateRequest, watchResponse } from './etcd-messages.ts'
import type { CallEvents } from './grpc/call.ts'
import type { Streaming } from './grpc/client.ts'
import { Compacted, type StorageEvent, type StorageWatch } from './storage.ts'

export interface EtcdWatchOptions {
  open: (events: CallEvents) => Promise<Streaming>
  key: Buffer
  rangeEnd: Buffer
  afterRevision: number
  onEvents: (events: readonly StorageEvent[], revision: number) => void
  onReconnect: (error: Error) => void
}

const FIRST_DELAY_MS = 20
const MAX_DELAY_MS = 1000

export class EtcdWatch implements StorageWatch {
  readonly ended: Promise<undefined>
  /** Resolves once etcd has taken the watch for the first time. */
  readonly opened: Promise<void>
  readonly #options: EtcdWatchOptions
  readonly #finish: { resolve: (value: undefined) => void; reject: (error: Error) => void }
  readonly #taken: { resolve: () => void; reject: (error: Error) => void }
  #stream: Streaming | undefined
  #last: number
  #delayMs = FIRST_DELAY_MS
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(options: EtcdWatchOptions) {
    const end = Promise.withResolvers<undefined>()
    const open = Promise.withResolvers<void>()
    this.#options = options
    this.#last = options.afterRevision
    this.ended = end.promise
    this.opened = open.promise
    this.#finish = end
    this.#taken = open
    // Who does not wait for the end must not die of a rejection that nobody handles.
    end.promise.catch(() => undefined)
    open.promise.catch(() => undefined)
    void this.#connect()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(undefined)
  }

  async #connect(): Promise<void> {
    let stream: Streaming | undefined
    let failure: Error | undefined
    const lost = (error: Error): void => {
      failure = error
      if (stream !== undefined) this.#reconnect(stream, error)
    }
    try {
      stream = await this.#options.open({
        message: (bytes) => this.#take(stream, bytes),
        end: (error) => lost(error ?? new Error('the watch stream ended')),
      })
    } catch (error) {
      this.#reconnect(undefined, error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (this.#isOver) {
      stream.cancel()
      return
    }
    this.#stream = stream
    if (failure !== undefined) {
      this.#reconnect(stream, failure)
      return
    }
    const { key, rangeEnd } = this.#options
    stream.write(watchCreateRequest({ key, rangeEnd, startRevision: this.#last + 1 }))
  }

  #take(stream: Streaming | undefined, bytes: Buffer): void {
    if (stream === undefined || stream !== this.#stream || this.#isOver) return
    try {
      this.#handle(stream, watchResponse(bytes))
    } catch (error) {
      // Thrown on, it would end the process from inside the stream.
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #handle(stream: Streaming, message: WatchResponse): void {
    if (message.canceled) {
      if (message.compactRevision > 0) this.#end(new Compacted(message.compactRevision))
      else this.#reconnect(stream, new Error(`the watch was cancelled: ${message.cancelReason}`))
      return
    }
    if (message.created) {
      this.#delayMs = FIRST_DELAY_MS
      // A store that is behind what we have seen was restored from a backup; the watch would wait, and miss what happens until then.
      if (message.revision < this.#last) this.#end(new Error(`the store went back to revision ${message.revision}`))
      else this.#taken.resolve()
    }
    if (message.events.length > 0) this.#deliver(message.events)
  }

  /** The header's revision is not used: while a watch catches up it runs ahead of the events. */
  #deliver(arrived: readonly WatchEvent[]): void {
    const events: StorageEvent[] = []
    for (const { type, kv } of arrived) {
      const revision = kv.modRevision
      if (revision <= this.#last) continue
      const key = kv.key.toString()
      events.push(type === 'put' ? { type, key, value: kv.value, revision } : { type, key, revision })
    }
    const revision = events.at(-1)?.revision
    if (revision === undefined) return
    this.#last = revision
    this.#options.onEvents(events, revision)
  }

  #reconnect(stream: Streaming | undefined, error: Error): void {
    if (this.#isOver || stream !== this.#stream) return
    this.#stream = undefined
    stream?.cancel()
    this.#options.onReconnect(error)
    this.#timer = setTimeout(() => void this.#connect(), this.#delayMs)
    this.#delayMs = Math.min(this.#delayMs * 2, MAX_DELAY_MS)
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#stream?.cancel()
    this.#stream = undefined
    if (error === undefined) this.#finish.resolve(undefined)
    else this.#finish.reject(error)
    this.#taken.reject(error ?? new Error('the watch was closed'))
  }
}
