/** The open watches of the embedded store: live ones get what is committed, the others are catching up. */
import type { StorageEvent, StorageWatch } from './storage.ts'

type OnEvents = (events: readonly StorageEvent[], revision: number) => void

export class SqliteWatch implements StorageWatch {
  readonly ended: Promise<undefined>
  readonly prefix: string
  isLive = false
  isOpen = true
  readonly #onEvents: OnEvents
  readonly #finish: { resolve: (value: undefined) => void; reject: (error: Error) => void }

  constructor(prefix: string, onEvents: OnEvents) {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    // Who does not wait for the end must not die of a rejection that nobody handles.
    promise.catch(() => undefined)
    this.prefix = prefix
    this.ended = promise
    this.#onEvents = onEvents
    this.#finish = { resolve, reject }
  }

  /** Whole revisions, in order. */
  deliver(events: readonly StorageEvent[]): void {
    const last = events.at(-1)
    if (!this.isOpen || last === undefined) return
    try {
      this.#onEvents(events, last.revision)
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  end(error: Error | undefined): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (error === undefined) this.#finish.resolve(undefined)
    else this.#finish.reject(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(undefined)
  }
}

export class SqliteWatches {
  readonly #all = new Set<SqliteWatch>()

  add(prefix: string, onEvents: OnEvents): SqliteWatch {
    const watch = new SqliteWatch(prefix, onEvents)
    this.#all.add(watch)
    watch.ended.catch(() => undefined).finally(() => this.#all.delete(watch))
    return watch
  }

  publish(events: readonly StorageEvent[]): void {
    for (const watch of this.#all) {
      if (!watch.isLive) continue
      const own = events.filter((event) => event.key.startsWith(watch.prefix))
      watch.deliver(own)
    }
  }

  endAll(error: Error | undefined): void {
    for (const watch of this.#all) watch.end(error)
  }
}
