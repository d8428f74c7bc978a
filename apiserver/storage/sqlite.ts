/** The embedded store: one SQLite file, one process, no server beside it. Commits that are under way at once share a transaction and its fsync. */
import { Worker } from 'node:worker_threads'
import { RenewedMap } from '#component/renewed-map.ts'
import { atStorageLimit } from './limits.ts'
import type { Change, Verdict } from './sqlite-database.ts'
import { SqliteUnusable } from './sqlite-errors.ts'
import { type Call, type FromThread, type KeyRange, pack, type Replies, type ToThread } from './sqlite-messages.ts'
import { SqliteWatches } from './sqlite-watches.ts'
import {
  type CommitOp,
  type CommitResult,
  Compacted,
  type ListOptions,
  type Page,
  type Storage,
  type StorageEvent,
  StorageUnavailable,
  type StorageWatch,
  type Stored,
} from './storage.ts'

export interface SqliteOptions {
  file: string
  /** History that is kept for watches that resume and for lists of the past; between the half and the whole of either. */
  historyRevisions?: number
  historyBytes?: number
  /** Told when the thread has died: the store is of no use any more, a new process has to open the file. */
  onDeath?: (error: Error) => void
}

interface Waiting {
  ops: readonly CommitOp[]
  resolve: (result: CommitResult) => void
  reject: (error: Error) => void
}

interface Asked {
  resolve: (reply: Replies[Call['do']]) => void
  reject: (error: Error) => void
}

const BATCH_COMMITS = 512
const BATCH_BYTES = 8 * 1024 * 1024

export class SqliteStorage implements Storage {
  readonly #thread: Worker
  readonly #watches = new SqliteWatches()
  readonly #options: Required<Pick<SqliteOptions, 'historyRevisions' | 'historyBytes'>>
  readonly #asked = new RenewedMap<number, Asked>()
  readonly #queue: Waiting[] = []
  /** Revisions of listings under way: what they read is not compacted meanwhile. */
  readonly #listings = new Map<symbol, number>()
  #lastId = 0
  #isBatchRunning = false
  #isFlushDue = false
  #revision: number
  #compacted: number
  #size: number
  /** History up to here goes with the next compaction. */
  #mark: number
  #bytesSinceMark = 0
  #unusable: StorageUnavailable | undefined

  /** Opens the file, or makes it. Throws SqliteUnusable. */
  static async open(options: SqliteOptions): Promise<SqliteStorage> {
    const thread = new Worker(new URL('./sqlite-thread.ts', import.meta.url), {
      workerData: { file: options.file },
      name: 'sqlite',
      // It makes little garbage.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    })
    const { promise, resolve, reject } = Promise.withResolvers<FromThread>()
    thread.once('message', resolve).once('error', reject)
    const first = await promise
    if (first.what === 'opened') return new SqliteStorage(thread, first, options)
    await thread.terminate()
    throw new SqliteUnusable(first.what === 'unusable' ? first.message : 'the thread of the store did not start')
  }

  private constructor(thread: Worker, opened: FromThread & { what: 'opened' }, options: SqliteOptions) {
    this.#thread = thread
    this.#options = { historyRevisions: options.historyRevisions ?? 20_000, historyBytes: options.historyBytes ?? 64 * 1024 * 1024 }
    this.#revision = opened.revision
    this.#compacted = opened.compacted
    this.#mark = opened.revision
    this.#size = opened.size
    thread.removeAllListeners('error')
    thread.on('message', (message: FromThread) => this.#take(message))
    thread.on('error', (error) => this.#die(error, options.onDeath))
  }

  async commit(ops: readonly CommitOp[]): Promise<CommitResult> {
    this.#assertUsable()
    atStorageLimit(ops)
    const { promise, resolve, reject } = Promise.withResolvers<CommitResult>()
    this.#queue.push({ ops, resolve, reject })
    this.#flushSoon()
    return await promise
  }

  async *pages(prefix: string, options: ListOptions = {}): AsyncIterable<Page> {
    const revision = options.revision ?? this.#revision
    const range = { from: prefix, end: prefixEnd(prefix), isAfter: false }
    const listing = Symbol(prefix)
    this.#listings.set(listing, revision)
    try {
      for (;;) {
        const { rows, next } = await this.#ask({ do: 'page', range, revision })
        yield { items: rows.map(storedOf), revision }
        if (next === undefined) return
        range.from = next as string
        range.isAfter = true
      }
    } finally {
      this.#listings.delete(listing)
    }
  }

  async get(key: string): Promise<{ item: Stored | undefined; revision: number }> {
    const { item, revision } = await this.#ask({ do: 'get', key })
    return { item: item && storedOf(item), revision }
  }

  /** Nobody else writes: what was acknowledged here is all there is. */
  async currentRevision(): Promise<number> {
    this.#assertUsable()
    return this.#revision
  }

  async watch(
    prefix: string,
    afterRevision: number,
    onEvents: (events: readonly StorageEvent[], revision: number) => void,
  ): Promise<StorageWatch> {
    this.#assertUsable()
    if (afterRevision < this.#compacted) throw new Compacted(this.#compacted)
    if (afterRevision > this.#revision) throw new Error(`the store went back to revision ${this.#revision}`)
    const range: KeyRange = { from: prefix, end: prefixEnd(prefix) }
    const watch = this.#watches.add(prefix, onEvents)
    const catchUp = (after: number): void => {
      if (!watch.isOpen) return
      // In the handler of the message itself, so that no newer event can come in between.
      this.#send(
        { do: 'changes', range, after },
        {
          resolve: (reply) => {
            const { rows, next } = reply as Replies['changes']
            watch.deliver(rows.map(eventOf))
            if (next === undefined) watch.isLive = true
            else catchUp(next as number)
          },
          reject: (error) => watch.end(error),
        },
      )
    }
    if (afterRevision === this.#revision) watch.isLive = true
    else catchUp(afterRevision)
    return watch
  }

  async compact(revision: number): Promise<void> {
    if (revision <= this.#compacted) return
    await this.#ask({ do: 'compact', revision })
    this.#compacted = Math.max(this.#compacted, revision)
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const late = (): void => reject(new StorageUnavailable('the store did not answer in time', 'no'))
    signal.addEventListener('abort', late)
    try {
      await Promise.race([this.#ask({ do: 'check' }), promise])
    } finally {
      signal.removeEventListener('abort', late)
    }
  }

  /** Bytes of the file. */
  sizeBytes(): number {
    return this.#size
  }

  /** What was given to commit before is still written. */
  async close(): Promise<void> {
    if (this.#unusable) return
    this.#flush()
    const closing = this.#ask({ do: 'close' })
    this.#unusable = new StorageUnavailable('the store is closed', 'no')
    this.#watches.endAll(undefined)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#thread.once('exit', () => resolve())
    await closing
    await promise
  }

  #assertUsable(): void {
    if (this.#unusable) throw this.#unusable
  }

  #flushSoon(): void {
    if (this.#isFlushDue || this.#isBatchRunning) return
    this.#isFlushDue = true
    // At the end of the turn, so that all requests that came in together share a transaction.
    setImmediate(() => {
      this.#isFlushDue = false
      if (!this.#isBatchRunning) this.#flush()
    })
  }

  #flush(): void {
    const batch = this.#nextBatch()
    if (batch.length === 0) return
    const { commits, bytes } = pack(batch.map(({ ops }) => ops))
    this.#isBatchRunning = true
    this.#send(
      { do: 'commit', commits, bytes },
      {
        resolve: (reply) => {
          const { verdicts, size } = reply as Replies['commit']
          this.#size = size
          this.#settle(batch, verdicts)
          this.#batchDone(bytes.byteLength)
        },
        reject: (error) => {
          for (const { reject } of batch) reject(error)
          this.#batchDone(0)
        },
      },
      [bytes],
    )
  }

  #nextBatch(): Waiting[] {
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && count < BATCH_COMMITS && bytes < BATCH_BYTES) {
      for (const op of this.#queue[count]?.ops ?? []) bytes += op.verb === 'put' ? op.value.length : 0
      count++
    }
    return this.#queue.splice(0, count)
  }

  /** Watches hear of a write before its writer does: whoever was answered finds it in the cache. */
  #settle(batch: readonly Waiting[], verdicts: readonly Verdict[]): void {
    const events = batch.flatMap(({ ops }, i) => eventsOf(ops, verdicts[i]))
    this.#publish(events)
    for (const [i, { ops, resolve }] of batch.entries()) {
      const verdict = verdicts[i]
      if (verdict) resolve(resultOf(ops, verdict))
    }
  }

  #publish(events: readonly StorageEvent[]): void {
    const last = events.at(-1)
    if (!last) return
    this.#revision = last.revision
    this.#watches.publish(events)
  }

  #batchDone(bytes: number): void {
    this.#isBatchRunning = false
    this.#bytesSinceMark += bytes
    const { historyRevisions, historyBytes } = this.#options
    if (this.#revision - this.#mark >= historyRevisions / 2 || this.#bytesSinceMark >= historyBytes / 2) this.#forget()
    if (this.#queue.length > 0 && !this.#isFlushDue) this.#flushSoon()
  }

  #forget(): void {
    const target = Math.min(this.#mark, ...this.#listings.values())
    this.#mark = this.#revision
    this.#bytesSinceMark = 0
    // What was not done now is done with the next one.
    this.compact(target).catch(() => undefined)
  }

  #ask<C extends Call>(call: C): Promise<Replies[C['do']]> {
    const { promise, resolve, reject } = Promise.withResolvers<Replies[Call['do']]>()
    this.#send(call, { resolve, reject })
    return promise as Promise<Replies[C['do']]>
  }

  #send(call: Call, asked: Asked, transfer: ArrayBuffer[] = []): void {
    if (this.#unusable) {
      asked.reject(this.#unusable)
      return
    }
    const id = ++this.#lastId
    this.#asked.set(id, asked)
    this.#thread.postMessage({ id, call } satisfies ToThread, transfer)
  }

  #take(message: FromThread): void {
    if (message.what === 'expired') {
      this.#publish(message.changes.map(eventOf))
      return
    }
    if (message.what === 'opened' || message.what === 'unusable') return
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if (message.what === 'reply') asked?.resolve(message.reply)
    else if (message.what === 'compacted') asked?.reject(new Compacted(message.revision))
    else asked?.reject(new StorageUnavailable(message.failure.message, message.failure.applied))
  }

  #die(error: Error, tell: SqliteOptions['onDeath']): void {
    this.#unusable = new StorageUnavailable(`the thread of the store died: ${error.message}`, 'unknown', { cause: error })
    for (const { reject } of this.#asked.values()) reject(this.#unusable)
    for (const { reject } of this.#queue.splice(0)) reject(this.#unusable)
    this.#asked.clear()
    this.#watches.endAll(this.#unusable)
    tell?.(this.#unusable)
  }
}

/** The first key behind all that begin with `prefix`; prefixes are ASCII. */
const prefixEnd = (prefix: string): string => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

const bufferOf = (value: Uint8Array): Buffer => Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.length)

const storedOf = ({ key, value, revision }: Change): Stored => ({ key, value: bufferOf(value ?? new Uint8Array()), revision })

function eventOf({ key, value, revision }: Change): StorageEvent {
  return value === undefined ? { type: 'delete', key, revision } : { type: 'put', key, value: bufferOf(value), revision }
}

function eventsOf(ops: readonly CommitOp[], verdict: Verdict | undefined): StorageEvent[] {
  if (verdict === undefined || 'current' in verdict) return []
  const { revision, idle } = verdict
  return ops.flatMap((op, i): StorageEvent[] => {
    if (op.verb === 'put') return [{ type: 'put', key: op.key, value: op.value, revision }]
    return op.verb === 'check' || idle.includes(i) ? [] : [{ type: 'delete', key: op.key, revision }]
  })
}

function resultOf(ops: readonly CommitOp[], verdict: Verdict): CommitResult {
  if (!('current' in verdict)) return { committed: true, revision: verdict.revision }
  return { committed: false, revision: verdict.revision, current: ops.map((_, i) => verdict.current[i] && storedOf(verdict.current[i])) }
}
