/**
 * Elastic tab stops as Go's text/tabwriter makes them (padding 2): a column is a run of neighbouring lines that have a cell ended by a tab at
 * that place; each run is as wide as its widest cell. Pure.
 */
const padding = 2

export function tabbed(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths = lines.map((cells) => cells.map(() => 0))
  const measure = (from: number, to: number, column: number): void => {
    for (let start = from; start < to; ) {
      if ((lines[start]?.length ?? 0) - 1 <= column) {
        start++
        continue
      }
      let end = start
      let widest = 0
      for (; end < to && (lines[end]?.length ?? 0) - 1 > column; end++) widest = Math.max(widest, lines[end]?.[column]?.length ?? 0)
      for (let i = start; i < end; i++) (widths[i] ?? [])[column] = widest === 0 ? 0 : widest + padding
      measure(start, end, column + 1)
      start = end
    }
  }
  measure(0, lines.length, 0)
  return lines
    .map((cells, i) => cells.map((cell, c) => (c === cells.length - 1 ? cell : cell.padEnd(widths[i]?.[c] ?? 0))).join(''))
    .join('\n')
}
