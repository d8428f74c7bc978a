/** Entries by key and in key order: a map beside a list of sorted pieces, so that neither coming nor going moves more than one piece. */
import type { Entry } from './entry.ts'

/** The place of one key; it stays the same while its entry is replaced. */
export interface Cell {
  readonly key: string
  entry: Entry
}

const PIECE = 1024

export class SortedCells {
  readonly #byKey = new Map<string, Cell>()
  /** Each sorted and not empty, in order. */
  readonly #pieces: Cell[][] = []

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): Cell | undefined {
    return this.#byKey.get(key)
  }

  put(entry: Entry): Cell {
    const known = this.#byKey.get(entry.key)
    if (known !== undefined) {
      known.entry = entry
      return known
    }
    const cell: Cell = { key: entry.key, entry }
    this.#byKey.set(entry.key, cell)
    this.#insert(cell)
    return cell
  }

  delete(key: string): Cell | undefined {
    const cell = this.#byKey.get(key)
    if (cell === undefined) return undefined
    this.#byKey.delete(key)
    const at = this.#pieceOf(key)
    const piece = this.#pieces[at] ?? []
    piece.splice(firstFrom(piece, key), 1)
    if (piece.length === 0) this.#pieces.splice(at, 1)
    return cell
  }

  clear(): void {
    this.#byKey.clear()
    this.#pieces.length = 0
  }

  /** Cells from `from` on (inclusive) to `to` (exclusive), in key order. A copy: the cells go on changing. */
  slice(from: string, to: string): Cell[] {
    const found: Cell[] = []
    for (const part of this.#parts(from, to)) found.push(...part)
    return found
  }

  /** Visits the cells of a range in key order until `visit` says false; returns how many are left behind the last one visited. */
  walk(from: string, to: string, visit: (cell: Cell) => boolean): number {
    let left = -1
    for (const part of this.#parts(from, to)) {
      if (left >= 0) {
        left += part.length
        continue
      }
      const stop = part.findIndex((cell) => !visit(cell))
      if (stop >= 0) left = part.length - stop - 1
    }
    return Math.max(0, left)
  }

  *#parts(from: string, to: string): Generator<Cell[]> {
    for (let at = this.#pieceOf(from); at < this.#pieces.length; at++) {
      const piece = this.#pieces[at] ?? []
      const start = (piece[0]?.key ?? '') >= from ? 0 : firstFrom(piece, from)
      const end = (piece.at(-1)?.key ?? '') < to ? piece.length : firstFrom(piece, to)
      if (start < end) yield start === 0 && end === piece.length ? piece : piece.slice(start, end)
      if (end < piece.length) return
    }
  }

  #insert(cell: Cell): void {
    const at = this.#pieceOf(cell.key)
    const piece = this.#pieces[at]
    if (piece === undefined) {
      this.#pieces.push([cell])
      return
    }
    const last = piece.at(-1)
    const isBehindAll = at === this.#pieces.length - 1 && last !== undefined && last.key < cell.key
    // Sorted input (a listing) fills pieces to the brim; otherwise a full one is halved.
    if (isBehindAll && piece.length >= PIECE) this.#pieces.push([cell])
    else if (isBehindAll) piece.push(cell)
    else {
      piece.splice(firstFrom(piece, cell.key), 0, cell)
      if (piece.length > PIECE) this.#pieces.splice(at + 1, 0, piece.splice(PIECE / 2))
    }
  }

  /** The last piece that begins at or before `key`; the first one if there is none. */
  #pieceOf(key: string): number {
    let low = 0
    let high = this.#pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = this.#pieces[middle]?.[0]
      if (first !== undefined && first.key <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** Position of the first cell whose key is not before `key`. */
function firstFrom(piece: readonly Cell[], key: string): number {
  let low = 0
  let high = piece.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const cell = piece[middle]
    if (cell !== undefined && cell.key < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The first key behind all keys that begin with `prefix` (which ends in a slash). */
export const afterPrefix = (prefix: string): string => `${prefix.slice(0, -1)}0`
