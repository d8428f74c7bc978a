/**
 * What differs between two values, as upstream's messages tell it: unified diffs of indented JSON (apimachinery, util/diff; the algorithm is
 * Python's difflib, with which upstream's library agrees line by line).
 */

/** Comparing lines takes time that grows faster than they do; longer values are not compared. */
const mostLines = 2000
const context = 3
/** From here on, lines that stand in many places are no anchors. */
const popularFrom = 200

type Places = ReadonlyMap<string, readonly number[]>

interface Match {
  a: number
  b: number
  size: number
}

interface Range {
  alo: number
  ahi: number
  blo: number
  bhi: number
}

/** A stretch of both sides. */
interface Stretch {
  equal: boolean
  a: readonly [number, number]
  b: readonly [number, number]
}

function placesOf(lines: readonly string[]): Places {
  const places = new Map<string, number[]>()
  for (const [i, line] of lines.entries()) {
    const known = places.get(line)
    if (known) known.push(i)
    else places.set(line, [i])
  }
  const most = Math.floor(lines.length / 100) + 1
  if (lines.length >= popularFrom) for (const [line, found] of places) if (found.length > most) places.delete(line)
  return places
}

class Lines {
  readonly #a: readonly string[]
  readonly #b: readonly string[]
  readonly #places: Places

  constructor(a: readonly string[], b: readonly string[]) {
    this.#a = a
    this.#b = b
    this.#places = placesOf(b)
  }

  #longest({ alo, ahi, blo, bhi }: Range): Match {
    let best: Match = { a: alo, b: blo, size: 0 }
    let lengths = new Map<number, number>()
    for (let i = alo; i < ahi; i++) {
      const next = new Map<number, number>()
      for (const j of this.#places.get(this.#a[i] ?? '') ?? []) {
        if (j < blo) continue
        if (j >= bhi) break
        const size = (lengths.get(j - 1) ?? 0) + 1
        next.set(j, size)
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
      }
      lengths = next
    }
    return this.#extended(best, { alo, ahi, blo, bhi })
  }

  /** By equal lines on both ends that are no anchors. */
  #extended({ a, b, size }: Match, { alo, ahi, blo, bhi }: Range): Match {
    let [from, at, length] = [a, b, size]
    while (from > alo && at > blo && this.#a[from - 1] === this.#b[at - 1]) {
      from--
      at--
      length++
    }
    while (from + length < ahi && at + length < bhi && this.#a[from + length] === this.#b[at + length]) length++
    return { a: from, b: at, size: length }
  }

  /** In order, those that touch made one. */
  #matches(): Match[] {
    const found: Match[] = []
    const open: Range[] = [{ alo: 0, ahi: this.#a.length, blo: 0, bhi: this.#b.length }]
    for (let range = open.pop(); range; range = open.pop()) {
      const match = this.#longest(range)
      if (match.size === 0) continue
      found.push(match)
      open.push({ ...range, ahi: match.a, bhi: match.b }, { ...range, alo: match.a + match.size, blo: match.b + match.size })
    }
    const merged: Match[] = []
    for (const match of found.sort((one, other) => one.a - other.a)) {
      const last = merged.at(-1)
      if (last && last.a + last.size === match.a && last.b + last.size === match.b) last.size += match.size
      else merged.push({ ...match })
    }
    return merged
  }

  stretches(): Stretch[] {
    const found: Stretch[] = []
    let [a, b] = [0, 0]
    for (const match of [...this.#matches(), { a: this.#a.length, b: this.#b.length, size: 0 }]) {
      if (a < match.a || b < match.b) found.push({ equal: false, a: [a, match.a], b: [b, match.b] })
      a = match.a + match.size
      b = match.b + match.size
      if (match.size > 0) found.push({ equal: true, a: [match.a, a], b: [match.b, b] })
    }
    return found
  }
}

/** Changes with the equal lines around them; far apart, they stand in hunks of their own. */
function hunksOf(stretches: readonly Stretch[]): Stretch[][] {
  const hunks: Stretch[][] = []
  let hunk: Stretch[] = []
  for (const [i, { equal, a, b }] of stretches.entries()) {
    if (!equal) {
      hunk.push({ equal, a, b })
      continue
    }
    const [isFirst, isLast] = [i === 0, i === stretches.length - 1]
    const size = a[1] - a[0]
    const head: Stretch = { equal, a: [a[0], Math.min(a[1], a[0] + context)], b: [b[0], Math.min(b[1], b[0] + context)] }
    const tail: Stretch = { equal, a: [Math.max(a[0], a[1] - context), a[1]], b: [Math.max(b[0], b[1] - context), b[1]] }
    if (isFirst) hunk.push(tail)
    else if (isLast) hunk.push(head)
    else if (size > 2 * context) {
      hunks.push([...hunk, head])
      hunk = [tail]
    } else hunk.push({ equal, a, b })
  }
  if (hunk.some(({ equal }) => !equal)) hunks.push(hunk)
  return hunks
}

function rangeText(from: number, to: number): string {
  const size = to - from
  if (size === 1) return String(from + 1)
  return `${size === 0 ? from : from + 1},${size}`
}

const escapes: Readonly<Record<string, string>> = { '<': '003c', '>': '003e', '&': '0026', '\u2028': '2028', '\u2029': '2029' }

/** JSON as Go indents it, which escapes what HTML and JavaScript would read. */
const linesOf = (value: unknown): string[] =>
  JSON.stringify(value, null, 1)
    .replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${escapes[char]}`)
    .split('\n')

/** Every line ends; empty where both are the same or too long. */
export function diffOf(before: unknown, after: unknown): string {
  const [a, b] = [linesOf(before), linesOf(after)]
  if (a.length > mostLines || b.length > mostLines) return ''
  const marked = (mark: string, lines: readonly string[]): string[] => lines.map((line) => `${mark}${line}`)
  const text = hunksOf(new Lines(a, b).stretches()).flatMap((hunk) => {
    const [first, last] = [hunk[0], hunk.at(-1)]
    if (!first || !last) return []
    const body = hunk.flatMap(({ equal, a: [alo, ahi], b: [blo, bhi] }) =>
      equal ? marked(' ', a.slice(alo, ahi)) : [...marked('-', a.slice(alo, ahi)), ...marked('+', b.slice(blo, bhi))],
    )
    return [`@@ -${rangeText(first.a[0], last.a[1])} +${rangeText(first.b[0], last.b[1])} @@`, ...body]
  })
  return text.map((line) => `${line}\n`).join('')
}
