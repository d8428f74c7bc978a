/** Lists of indexes such as `1,3-5`, as jobs note them (upstream: pkg/apis/batch/validation). */
import { goQuote } from '#api/meta/go-quote.ts'

/** What is not a list of indexes; the message is upstream's. */
export class IndexesError extends Error {}

type Interval = readonly [first: number, last: number]

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text)) throw new IndexesError(`cannot convert string to integer for index: ${goQuote(text)}`)
  const index = Number(text)
  if (index >= completions) throw new IndexesError(`too large index: ${goQuote(text)}`)
  return index
}

function parseInterval(text: string, completions: number): Interval {
  const parts = text.split('-')
  if (parts.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
    throw new IndexesError(`the fragment ${goQuote(text)} ${rule}`)
  }
  const first = parseIndex(parts[0] ?? '', completions)
  if (parts[1] === undefined) return [first, first]
  const last = parseIndex(parts[1], completions)
  if (first >= last) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`)
  return [first, last]
}

/** How many indexes the list has. Throws IndexesError. */
export function countIndexes(text: string, completions: number): number {
  if (text === '') return 0
  let total = 0
  let previous: number | undefined
  for (const part of text.split(',')) {
    const [first, last] = parseInterval(part, completions)
    if (previous !== undefined && previous >= first)
      throw new IndexesError(`non-increasing order, previous: ${previous}, current: ${first}`)
    total += last - first + 1
    previous = last
  }
  return total
}

function intervalsOf(text: string, completions: number): Interval[] {
  if (text === '') return []
  return text.split(',').flatMap((part) => {
    try {
      return [parseInterval(part, completions)]
    } catch (error) {
      // the list's own rules speak of it
      if (error instanceof IndexesError) return []
      throw error
    }
  })
}

/** The first index that both lists have; both are in order. */
export function overlapOf(a: string, b: string, completions: number): number | undefined {
  const [left, right] = [intervalsOf(a, completions), intervalsOf(b, completions)]
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [one, other] = [left[i], right[j]]
    if (!one || !other) return undefined
    if (one[0] <= other[1] && other[0] <= one[1]) return Math.max(one[0], other[0])
    if (one[0] <= other[0]) i++
    else j++
  }
  return undefined
}
