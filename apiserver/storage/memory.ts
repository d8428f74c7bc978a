/** A faithful store in memory, for tests: revisions, history, compaction, time to live and ordered watches as etcd has them. */
import { atStorageLimit } from './limits.ts'
import {
  type CommitOp,
  type CommitResult,
  Compacted,
  type Expect,
  type ListOptions,
  type Page,
  type Storage,
  type StorageEvent,
  StorageUnavailable,
  type StorageWatch,
  type Stored,
} from './storage.ts'

export interface MemoryOptions {
  /** Milliseconds; the real clock by default. Keys expire when a call or the once-a-second sweep finds them overdue. */
  now?: () => number
  pageSize?: number
}

interface Live extends Stored {
  expiresAt: number | undefined
}

interface Watching {
  prefix: string
  onEvents: (events: readonly StorageEvent[], revision: number) => void
  /** Batches not delivered yet; delivery is asynchronous, as over a network. */
  queue: { events: readonly StorageEvent[]; revision: number }[]
  end: (error?: Error) => void
  open: boolean
}

export class MemoryStorage implements Storage {
  readonly #now: () => number
  readonly #pageSize: number
  readonly #live = new Map<string, Live>()
  /** Every change since the compaction, oldest first. */
  #history: StorageEvent[] = []
  readonly #watches = new Set<Watching>()
  readonly #sweep: NodeJS.Timeout
  #revision = 1
  #compacted = 0
  #closed = false

  constructor(options: MemoryOptions = {}) {
    this.#now = options.now ?? Date.now
    this.#pageSize = options.pageSize ?? 500
    this.#sweep = setInterval(() => this.#expire(), 1000)
    this.#sweep.unref()
  }

  async commit(ops: readonly CommitOp[]): Promise<CommitResult> {
    await this.#enter()
    atStorageLimit(ops)
    const current = ops.map((op) => stored(this.#live.get(op.key)))
    const holds = ops.every((op, i) => meets(op.expect, current[i]))
    if (!holds) return { committed: false, current, revision: this.#revision }
    this.#apply(ops)
    return { committed: true, revision: this.#revision }
  }

  async *pages(prefix: string, options: ListOptions = {}): AsyncIterable<Page> {
    await this.#enter()
    const revision = options.revision ?? this.#revision
    if (revision < this.#compacted) throw new Compacted(this.#compacted)
    const state = this.#stateAt(revision)
    const items = [...state.values()].filter((item) => item.key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1))
    for (let start = 0; start === 0 || start < items.length; start += this.#pageSize) {
      yield { items: items.slice(start, start + this.#pageSize), revision }
      await this.#enter()
    }
  }

  async get(key: string): Promise<{ item: Stored | undefined; revision: number }> {
    await this.#enter()
    return { item: stored(this.#live.get(key)), revision: this.#revision }
  }

  async currentRevision(): Promise<number> {
    await this.#enter()
    return this.#revision
  }

  async watch(
    prefix: string,
    afterRevision: number,
    onEvents: (events: readonly StorageEvent[], revision: number) => void,
  ): Promise<StorageWatch> {
    await this.#enter()
    if (afterRevision < this.#compacted) throw new Compacted(this.#compacted)
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const watching: Watching = {
      prefix,
      onEvents,
      queue: [],
      open: true,
      end: (error) => {
        if (!watching.open) return
        watching.open = false
        this.#watches.delete(watching)
        if (error === undefined) resolve(undefined)
        else reject(error)
      },
    }
    // Who does not wait for the end must not die of a rejection that nobody handles.
    promise.catch(() => undefined)
    this.#watches.add(watching)
    for (const batch of batches(this.#history.filter((event) => event.revision > afterRevision))) deliver(watching, batch)
    return { ended: promise, [Symbol.asyncDispose]: () => Promise.resolve(watching.end()) }
  }

  async compact(revision: number): Promise<void> {
    await this.#enter()
    if (revision <= this.#compacted) return
    if (revision > this.#revision) throw new Error(`required revision ${revision} is a future revision`)
    this.#compacted = revision
    // What stood at the compaction must stay reachable for older-than-now listings: keep the last put of every key.
    const kept = new Map<string, StorageEvent>()
    for (const event of this.#history) if (event.revision <= revision) kept.set(event.key, event)
    const base = [...kept.values()].filter((event) => event.type === 'put').sort((a, b) => a.revision - b.revision)
    this.#history = [...base, ...this.#history.filter((event) => event.revision > revision)]
  }

  async check(_signal: AbortSignal): Promise<void> {
    await this.#enter()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweep)
    for (const watching of [...this.#watches]) watching.end()
  }

  /** Test hook: ends every watch, as a store does that loses its clients. */
  breakWatches(error: Error): void {
    for (const watching of [...this.#watches]) watching.end(error)
  }

  async #enter(): Promise<void> {
    await Promise.resolve()
    if (this.#closed) throw new StorageUnavailable('the store is closed', 'no')
    this.#expire()
  }

  #stateAt(revision: number): Map<string, Stored> {
    if (revision >= this.#revision)
      return new Map([...this.#live].map(([key, item]) => [key, { key, value: item.value, revision: item.revision }]))
    const state = new Map<string, Stored>()
    for (const event of this.#history) {
      if (event.revision > revision) break
      if (event.value === undefined) state.delete(event.key)
      else state.set(event.key, { key: event.key, value: event.value, revision: event.revision })
    }
    return state
  }

  #apply(ops: readonly CommitOp[]): void {
    const changes = ops.filter((op) => op.verb === 'put' || (op.verb === 'delete' && this.#live.has(op.key)))
    if (changes.length === 0) return
    const revision = ++this.#revision
    const events = changes.map((op): StorageEvent => {
      if (op.verb !== 'put') {
        this.#live.delete(op.key)
        return { type: 'delete', key: op.key, revision }
      }
      const value = Buffer.from(op.value)
      const expiresAt = op.ttlSeconds === undefined ? undefined : this.#now() + op.ttlSeconds * 1000
      this.#live.set(op.key, { key: op.key, value, revision, expiresAt })
      return { type: 'put', key: op.key, value, revision }
    })
    this.#history.push(...events)
    for (const watching of this.#watches) deliver(watching, { events, revision })
  }

  #expire(): void {
    const now = this.#now()
    const overdue = [...this.#live.values()].filter((item) => item.expiresAt !== undefined && item.expiresAt <= now)
    if (overdue.length > 0) this.#apply(overdue.map((item) => ({ verb: 'delete', key: item.key, expect: 'any' })))
  }
}

const stored = (item: Live | undefined): Stored | undefined => item && { key: item.key, value: item.value, revision: item.revision }

function meets(expect: Expect, item: Stored | undefined): boolean {
  if (expect === 'any') return true
  return expect === 'absent' ? item === undefined : item?.revision === expect.revision
}

function batches(events: readonly StorageEvent[]): { events: StorageEvent[]; revision: number }[] {
  const found: { events: StorageEvent[]; revision: number }[] = []
  for (const event of events) {
    const last = found.at(-1)
    if (last?.revision === event.revision) last.events.push(event)
    else found.push({ events: [event], revision: event.revision })
  }
  return found
}

function deliver(watching: Watching, batch: { events: readonly StorageEvent[]; revision: number }): void {
  const events = batch.events.filter((event) => event.key.startsWith(watching.prefix))
  if (events.length === 0) return
  watching.queue.push({ events, revision: batch.revision })
  if (watching.queue.length > 1) return
  setImmediate(() => {
    const queue = watching.queue
    watching.queue = []
    for (const item of queue) if (watching.open) watching.onEvents(item.events, item.revision)
  })
}
