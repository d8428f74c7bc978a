/** Which objects carry a label or a field value: sets of cells by name and value. */
import type { Cell } from './sorted-cells.ts'

export class ValueIndex {
  readonly #sets = new Map<string, Map<string, Set<Cell>>>()

  add(name: string, value: string, cell: Cell): void {
    let values = this.#sets.get(name)
    if (values === undefined) {
      values = new Map()
      this.#sets.set(name, values)
    }
    const cells = values.get(value)
    if (cells === undefined) values.set(value, new Set([cell]))
    else cells.add(cell)
  }

  remove(name: string, value: string, cell: Cell): void {
    const values = this.#sets.get(name)
    const cells = values?.get(value)
    if (values === undefined || cells === undefined) return
    cells.delete(cell)
    if (cells.size > 0) return
    values.delete(value)
    if (values.size === 0) this.#sets.delete(name)
  }

  /** Moves a cell from one set of values to another, touching only what differs. */
  move(cell: Cell, was: Readonly<Record<string, string>> | undefined, now: Readonly<Record<string, string>> | undefined): void {
    if (was !== undefined) for (const [name, value] of Object.entries(was)) if (now?.[name] !== value) this.remove(name, value, cell)
    if (now !== undefined) for (const [name, value] of Object.entries(now)) if (was?.[name] !== value) this.add(name, value, cell)
  }

  /** How many cells carry one of the values (without a list: the name at all). */
  count(name: string, values?: readonly string[]): number {
    const sets = this.#sets.get(name)
    if (sets === undefined) return 0
    let sum = 0
    if (values === undefined) for (const cells of sets.values()) sum += cells.size
    else for (const value of values) sum += sets.get(value)?.size ?? 0
    return sum
  }

  cells(name: string, values?: readonly string[]): Cell[] {
    const sets = this.#sets.get(name)
    if (sets === undefined) return []
    const found: Cell[] = []
    for (const value of values ?? sets.keys()) found.push(...(sets.get(value) ?? []))
    return found
  }

  clear(): void {
    this.#sets.clear()
  }
}
