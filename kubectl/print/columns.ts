/** Text in columns as Go's tabwriter lays it out for kubectl: each column as wide as its widest cell, three spaces between, none at the end. */

export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 3))).join('')}\n`).join('')
}

/** For streams of rows (watches): keeps the widths of the first rows, and widens when it must. */
export class ColumnStream {
  #widths: number[] = []

  write(row: readonly string[]): string {
    return `${row
      .map((cell, i) => {
        this.#widths[i] = Math.max(this.#widths[i] ?? 0, cell.length)
        return i === row.length - 1 ? cell : cell.padEnd((this.#widths[i] ?? 0) + 3)
      })
      .join('')}\n`
  }

  /** Learns widths from rows that are printed later. */
  fit(rows: readonly (readonly string[])[]): void {
    for (const row of rows) for (const [i, cell] of row.entries()) this.#widths[i] = Math.max(this.#widths[i] ?? 0, cell.length)
  }
}
