/** Errors of an expression with their place, printed as cel-go prints them: position, the line, and a mark under the column. */

interface Issue {
  line: number
  column: number
  message: string
}

const maxIssues = 100
const maxSnippet = 16384

/** The errors of one source text. Offsets count code points. */
export class Issues {
  readonly #lines: readonly string[]
  readonly #starts: readonly number[]
  readonly #issues: Issue[] = []
  #count = 0

  constructor(source: string) {
    this.#lines = source.split('\n')
    let start = 0
    this.#starts = this.#lines.map((line) => {
      const here = start
      start += codePoints(line) + 1
      return here
    })
  }

  get count(): number {
    return this.#count
  }

  /** Offset -1 is nowhere: line -1, column -1, as upstream's NoLocation. */
  report(offset: number, message: string): void {
    this.#count++
    if (this.#count <= maxIssues) this.#issues.push({ ...this.#place(offset), message })
  }

  toString(): string {
    // The order is by place; errors of one place keep their order.
    const sorted = this.#issues.toSorted((a, b) => a.line - b.line || a.column - b.column)
    const texts = sorted.map((issue) => this.#print(issue))
    if (this.#count > maxIssues) texts.push(`${this.#count - maxIssues} more errors were truncated`)
    return texts.join('\n')
  }

  #place(offset: number): { line: number; column: number } {
    if (offset < 0) return { line: -1, column: -1 }
    // Upstream finds no column in an empty text.
    if (this.#lines.length === 1 && this.#lines[0] === '') return { line: 1, column: -1 }
    let line = this.#starts.length - 1
    while (line > 0 && (this.#starts[line] as number) > offset) line--
    return { line: line + 1, column: offset - (this.#starts[line] as number) }
  }

  #print({ line, column, message }: Issue): string {
    const text = `ERROR: <input>:${line}:${column + 1}: ${message}`
    const snippet = this.#lines[line - 1]?.replaceAll('\t', ' ')
    if (snippet === undefined || column < 0 || codePoints(snippet) > maxSnippet) return text
    const points = [...snippet]
    const wide = (point: string | undefined) => point !== undefined && (point.codePointAt(0) ?? 0) > 0x7f
    const mark = points.slice(0, Math.max(0, column)).map((point) => (wide(point) ? '\uff0e' : '.'))
    return `${text}\n | ${snippet}\n | ${mark.join('')}${wide(points[column]) ? '\uff3e' : '^'}`
  }
}

export function codePoints(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) {
      const next = text.charCodeAt(at + 1)
      if (next >= 0xdc00 && next < 0xe000) at++
    }
    count++
  }
  return count
}
