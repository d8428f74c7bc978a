/** One watch stream that resumes by itself after what it delivered last, and ends only when etcd has forgotten that. */
import { Compacted, type StorageEvent, type StorageWatch } from './storage.ts'

interface Message {
  header: { revision: string }
  created: boolean
  canceled: boolean
  compact_revision: string
  cancel_reason: string
  events: readonly { type: string; kv: { key: Buffer; value: Buffer; mod_revision: string } }[]
}

/** The part of a gRPC stream that a watch needs. */
export interface WatchStream {
  write(request: object): unknown
  cancel(): void
  on(event: 'data', listener: (message: Message) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
}

export interface EtcdWatchOptions {
  open: () => Promise<unknown>
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
  #stream: WatchStream | undefined
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
    end.promise.catch(() => undefined)
    open.promise.catch(() => undefined)
    void this.#connect()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(undefined)
  }

  async #connect(): Promise<void> {
    let stream: WatchStream
    try {
      stream = (await this.#options.open()) as WatchStream
    } catch (error) {
      this.#reconnect(undefined, error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (this.#isOver) {
      stream.on('error', () => undefined)
      stream.cancel()
      return
    }
    this.#stream = stream
    stream.on('error', (error) => this.#reconnect(stream, error))
    stream.on('end', () => this.#reconnect(stream, new Error('the watch stream ended')))
    stream.on('data', (message) => this.#take(stream, message))
    const { key, rangeEnd } = this.#options
    stream.write({ create_request: { key, range_end: rangeEnd, start_revision: String(this.#last + 1) } })
  }

  #take(stream: WatchStream, message: Message): void {
    if (stream !== this.#stream || this.#isOver) return
    if (message.canceled) {
      const compacted = Number(message.compact_revision)
      if (compacted > 0) this.#end(new Compacted(compacted))
      else this.#reconnect(stream, new Error(`the watch was cancelled: ${message.cancel_reason}`))
      return
    }
    if (message.created) {
      this.#delayMs = FIRST_DELAY_MS
      // A store that is behind what we have seen was restored from a backup; the watch would wait, and miss what happens until then.
      if (Number(message.header.revision) < this.#last) this.#end(new Error(`the store went back to revision ${message.header.revision}`))
      else this.#taken.resolve()
    }
    if (message.events.length > 0) this.#deliver(message)
  }

  /** The header's revision is not used: while a watch catches up it runs ahead of the events. */
  #deliver(message: Message): void {
    const events: StorageEvent[] = []
    for (const { type, kv } of message.events) {
      const revision = Number(kv.mod_revision)
      if (revision <= this.#last) continue
      const key = kv.key.toString()
      events.push(type === 'Put' ? { type: 'put', key, value: kv.value, revision } : { type: 'delete', key, revision })
    }
    const revision = events.at(-1)?.revision
    if (revision === undefined) return
    this.#last = revision
    try {
      this.#options.onEvents(events, revision)
    } catch (error) {
      // Thrown on, it would end the process from inside the stream.
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #reconnect(stream: WatchStream | undefined, error: Error): void {
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
