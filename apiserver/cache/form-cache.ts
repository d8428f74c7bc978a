/** Bytes made of entries, kept as long as the entry lives and there is room: forms beside the stored one are made on demand, once per revision. */
import type { Entry } from './entry.ts'

/** What is made of all entries of a cache together; the older half is forgotten where it becomes more. */
const maxBytes = 128 * 1024 * 1024

/** One limit for all forms of one cache. */
export class FormBudget {
  readonly #limit: number
  readonly #caches = new Set<FormCache>()
  #young = 0

  constructor(limit = maxBytes) {
    this.#limit = limit
  }

  cache(): FormCache {
    const made = new FormCache((bytes) => this.#count(bytes))
    this.#caches.add(made)
    return made
  }

  #count(bytes: number): void {
    this.#young += bytes
    if (this.#young <= this.#limit / 2) return
    for (const cache of this.#caches) cache.age()
    this.#young = 0
  }
}

export class FormCache {
  readonly #count: (bytes: number) => void
  #young = new WeakMap<Entry, Buffer>()
  #old = new WeakMap<Entry, Buffer>()

  constructor(count: (bytes: number) => void) {
    this.#count = count
  }

  get(entry: Entry, make: (entry: Entry) => Buffer): Buffer {
    const known = this.#young.get(entry)
    if (known !== undefined) return known
    const bytes = this.#old.get(entry) ?? make(entry)
    this.#young.set(entry, bytes)
    this.#count(bytes.length)
    return bytes
  }

  /** What nobody asked for since the last time is forgotten. */
  age(): void {
    this.#old = this.#young
    this.#young = new WeakMap()
  }
}
