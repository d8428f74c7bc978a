/** Entries by key and in key order, for thousands of objects that change often and come and go seldom. */
import type { Entry } from './entry.ts'

/** The place of one key; it stays the same while its entry is replaced. */
export interface Cell {
  readonly key: string
  entry: Entry
}

export class SortedCells {
  readonly #byKey = new Map<string, Cell>()
  readonly #sorted: Cell[] = []

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): Cell | undefined {
    return this.#byKey.get(key)
  }

  put(entry: Entry): Cell {
    const cell = this.#byKey.get(entry.key)
    if (cell !== undefined) {
      cell.entry = entry
      return cell
    }
    const added: Cell = { key: entry.key, entry }
    this.#byKey.set(entry.key, added)
    const last = this.#sorted.at(-1)
    if (last === undefined || last.key < entry.key) this.#sorted.push(added)
    else this.#sorted.splice(this.indexOf(entry.key), 0, added)
    return added
  }

  delete(key: string): Cell | undefined {
    const cell = this.#byKey.get(key)
    if (cell === undefined) return undefined
    this.#byKey.delete(key)
    this.#sorted.splice(this.indexOf(key), 1)
    return cell
  }

  clear(): void {
    this.#byKey.clear()
    this.#sorted.length = 0
  }

  /** Position of the first key that is not before `key`. */
  indexOf(key: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const cell = this.#sorted[middle]
      if (cell !== undefined && cell.key < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Cells from `from` on (inclusive) to `to` (exclusive), in key order. A copy: the cells go on changing. */
  slice(from: string, to: string): Cell[] {
    return this.#sorted.slice(this.indexOf(from), this.indexOf(to))
  }
}

/** The first key behind all keys that begin with `prefix` (which ends in a slash). */
export const afterPrefix = (prefix: string): string => `${prefix.slice(0, -1)}0`
