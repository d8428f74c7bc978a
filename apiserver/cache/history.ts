/** The last changes of one resource, bounded in number and bytes: what watches resume from and what older snapshots are computed with. */
import type { Entry } from './entry.ts'

export interface Change {
  readonly revision: number
  readonly key: string
  /** Absent after a deletion. */
  readonly now: Entry | undefined
  /** Absent before a creation. */
  readonly was: Entry | undefined
  /** Watch frames already made of it, by form and event type; shared by all watchers. */
  frames: Map<string, Buffer> | undefined
}

export interface HistoryLimits {
  changes: number
  /** Of replaced and deleted entries, which only the history holds. */
  bytes: number
}

export class History {
  readonly #limits: HistoryLimits
  /** Slots before `#start` are emptied, and cut off now and then. */
  #changes: (Change | undefined)[] = []
  #start = 0
  #bytes = 0
  #floor: number

  /** `floor`: the revision of the listing that everything after is known from. */
  constructor(floor: number, limits: HistoryLimits) {
    this.#floor = floor
    this.#limits = limits
  }

  /** A watch may resume after any revision from this one on. */
  get floor(): number {
    return this.#floor
  }

  /** Changes that hold frames. */
  readonly framed = new Set<Change>()
  /** States before this revision are not listed: the store was compacted, or a new listing bridged what it had forgotten. */
  exactSince = 0

  get size(): number {
    return this.#changes.length - this.#start
  }

  get bytes(): number {
    return this.#bytes
  }

  push(change: Change): void {
    this.#changes.push(change)
    this.#bytes += weight(change)
    while (this.size > this.#limits.changes || (this.#bytes > this.#limits.bytes && this.size > 1)) this.#evict()
  }

  /** Up to `count` changes after `revision`, oldest first; undefined if some of them are forgotten. Never parts a revision. */
  after(revision: number, count = Number.POSITIVE_INFINITY): Change[] | undefined {
    if (revision < this.#floor) return undefined
    const first = this.#indexAfter(revision)
    let end = Math.min(this.#changes.length, first + count)
    while (end < this.#changes.length && this.#changes[end]?.revision === this.#changes[end - 1]?.revision) end++
    return this.#changes.slice(first, end) as Change[]
  }

  /** Forgets everything: nothing before `floor` is known any more. */
  reset(floor: number): void {
    this.#changes = []
    this.#start = 0
    this.#bytes = 0
    this.#floor = floor
    this.exactSince = floor
  }

  /** Frees what was encoded for watchers; it can be made again. */
  dropFrames(): void {
    for (const change of this.framed) change.frames = undefined
    this.framed.clear()
  }

  #indexAfter(revision: number): number {
    let low = this.#start
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }

  #evict(): void {
    const change = this.#changes[this.#start]
    if (change === undefined) return
    this.#changes[this.#start++] = undefined
    this.#bytes -= weight(change)
    this.#floor = change.revision
    if (this.#start < 1024 || this.#start * 2 < this.#changes.length) return
    this.#changes = this.#changes.slice(this.#start)
    this.#start = 0
  }
}

const weight = (change: Change): number => 200 + (change.was?.bytes.length ?? 0)
