/**
 * Keys waiting for work. A key is in the queue at most once, is never handled twice at the same time, and when it is added while it is
 * being handled it comes again afterwards. Delays and failures are per key.
 */
import { type Clock, systemClock } from './clock.ts'

export interface WorkQueueOptions {
  clock?: Clock
  /** First delay of addRateLimited; it doubles with each failure. */
  firstDelayMs?: number
  maxDelayMs?: number
}

export class WorkQueue {
  readonly #clock: Clock
  readonly #firstDelayMs: number
  readonly #maxDelayMs: number
  readonly #dirty = new Set<string>()
  readonly #processing = new Set<string>()
  readonly #ready: string[] = []
  readonly #delayed = new Map<string, { dueMs: number; cancel: () => void }>()
  readonly #failures = new Map<string, number>()
  readonly #waiters: ((key: string | undefined) => void)[] = []
  #closed = false

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#firstDelayMs = options.firstDelayMs ?? 5
    this.#maxDelayMs = options.maxDelayMs ?? 60_000
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return this.#ready.length
  }

  get processing(): number {
    return this.#processing.size
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return
    this.#dirty.add(key)
    if (!this.#processing.has(key)) this.#offer(key)
  }

  /** Adds later; of several pending delays for a key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return
    if (delayMs <= 0) {
      this.add(key)
      return
    }
    const dueMs = this.#clock.monotonicMs() + delayMs
    const pending = this.#delayed.get(key)
    if (pending && pending.dueMs <= dueMs) return
    pending?.cancel()
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key)
      this.add(key)
    })
    this.#delayed.set(key, { dueMs, cancel })
  }

  /** Adds after a delay that grows with the failures of this key since the last `forget`, up to `maxDelayMs`. Returns the delay. */
  addRateLimited(key: string, maxDelayMs = this.#maxDelayMs): number {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const delayMs = Math.min(maxDelayMs, this.#maxDelayMs, this.#firstDelayMs * 2 ** Math.min(failures, 30))
    this.addAfter(key, delayMs)
    return delayMs
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, which then counts as being handled until `done`; undefined once the queue is closed. */
  next(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    const key = this.#ready.shift()
    if (key === undefined) return new Promise((resolve) => this.#waiters.push(resolve))
    this.#take(key)
    return Promise.resolve(key)
  }

  done(key: string): void {
    this.#processing.delete(key)
    if (this.#dirty.has(key)) this.#offer(key)
  }

  /** Wakes all waiters with undefined and drops everything that waits. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
    this.#dirty.clear()
    this.#ready.length = 0
    for (const waiter of this.#waiters.splice(0)) waiter(undefined)
  }

  #offer(key: string): void {
    const waiter = this.#waiters.shift()
    if (waiter) {
      this.#take(key)
      waiter(key)
    } else this.#ready.push(key)
  }

  #take(key: string): void {
    this.#dirty.delete(key)
    this.#processing.add(key)
  }
}
