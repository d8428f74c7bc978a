/**
 * One step of a field path as fieldsV1 writes it: `f:name` (a field or map key), `k:{"name":"a"}` (the item of an associative list with
 * these keys), `v:"a"` (the item of a set), `i:0` (an index). The text is the element: equal elements have equal texts
 * (source: structured-merge-diff, fieldpath).
 */
import { isWrittenNumber } from '#api/json-scan.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { goJson } from './go-value.ts'

export type PathElement = string

export const fieldElement = (name: string): PathElement => `f:${name}`
export const valueElement = (value: unknown): PathElement => `v:${goJson(value)}`

/** `fields` are names and values, in any order. */
export function keyElement(fields: readonly (readonly [string, unknown])[]): PathElement {
  if (fields.length === 1) {
    const [name, value] = fields[0] as readonly [string, unknown]
    return `k:{${goJson(name)}:${goJson(value)}}`
  }
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `k:{${sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`
}

export const isFieldElement = (element: PathElement): boolean => element.charCodeAt(0) === 102
export const isKeyElement = (element: PathElement): boolean => element.charCodeAt(0) === 107
export const fieldNameOf = (element: PathElement): string => element.slice(2)

const parsedKeys = new Map<PathElement, [string, unknown][]>()
const maxParsedKeys = 10_000
const maxKeptLength = 200

/** Names and values of a `k:` element, sorted by name. The few keys that a cluster has are parsed again and again, so they are kept. */
function keyFields(element: PathElement): readonly [string, unknown][] {
  let fields = parsedKeys.get(element)
  if (fields === undefined) {
    fields = Object.entries(JSON.parse(element.slice(2)) as Record<string, unknown>).sort(([a], [b]) => compareText(a, b))
    if (parsedKeys.size >= maxParsedKeys) parsedKeys.clear()
    if (element.length <= maxKeptLength) parsedKeys.set(element, fields)
  }
  return fields
}

export class BadPathElement extends Error {}

/**
 * The canonical text of an element that a client wrote. Undefined for a kind of element that is not known (those are dropped). Throws
 * BadPathElement.
 */
export function readElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new BadPathElement('key must be 2 characters long:')
  if (text[1] !== ':') throw new BadPathElement(`missing colon: ${text}`)
  try {
    if (text[0] === 'f') return text
    if (text[0] === 'v') return valueElement(JSON.parse(text.slice(2)))
    if (text[0] === 'k') return keyElement(Object.entries(JSON.parse(text.slice(2)) as Record<string, unknown>))
  } catch {
    throw new BadPathElement(`invalid JSON: ${text}`)
  }
  if (text[0] !== 'i') return undefined
  if (!/^[+-]?\d+$/.test(text.slice(2))) throw new BadPathElement(`strconv.Atoi: parsing ${goQuote(text.slice(2))}: invalid syntax`)
  return `i:${Number(text.slice(2))}`
}

const ranks: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 }

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The order of elements in fieldsV1: fields, keys, values, indexes; each sorted within. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  const kind = a.charAt(0)
  const other = b.charAt(0)
  if (kind !== other) return (ranks[kind] ?? 4) - (ranks[other] ?? 4)
  if (kind === 'f') return compareText(a, b)
  if (kind === 'i') return Number(a.slice(2)) - Number(b.slice(2))
  if (kind === 'v') return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)))
  return quickOrder(a, b) ?? compareKeys(keyFields(a), keyFields(b))
}

const quote = 34
const backslash = 92

/** The order of two elements whose first key has the same name and texts that differ, which is nearly all of them; undefined for others. */
function quickOrder(a: string, b: string): number | undefined {
  const start = a.indexOf('":"') + 3
  if (start === 2 || !b.startsWith(a.slice(0, start))) return undefined
  for (let i = start; ; i++) {
    const [mine, theirs] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (mine === theirs) {
      if (mine === quote) return undefined
      continue
    }
    if (mine === backslash || theirs === backslash) return undefined
    return mine === quote ? -1 : theirs === quote ? 1 : mine - theirs
  }
}

function compareKeys(a: readonly [string, unknown][], b: readonly [string, unknown][]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [name, value] = a[i] as [string, unknown]
    const [otherName, otherValue] = b[i] as [string, unknown]
    const order = compareText(name, otherName) || compareValues(value, otherValue)
    if (order !== 0) return order
  }
  return a.length - b.length
}

const valueRank = (value: unknown): number => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2)

function compareValues(a: unknown, b: unknown): number {
  const rank = valueRank(a) - valueRank(b)
  if (rank !== 0) return rank
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return compareText(a, b as string)
  return compareText(JSON.stringify(a), JSON.stringify(b))
}

/** As it stands in messages: `.name`, `[name="a"]`, `[="a"]`, `[0]`. */
export function printElement(element: PathElement): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k':
      return `[${keyFields(element)
        .map(([name, value]) => `${name}=${printValue(value)}`)
        .join(',')}]`
    case 'v':
      return `[=${printValue(JSON.parse(rest))}]`
    default:
      return `[${rest}]`
  }
}

export const printPath = (path: readonly PathElement[]): string => path.map(printElement).join('')

/** A value as upstream prints it in keys and complaints. */
export function printValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') return printNumber(value)
  if (isWrittenNumber(value)) return String((value as { rawJSON: string }).rawJSON)
  if (Array.isArray(value)) return `[${value.map(printValue).join(',')}]`
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, item]) => `${key}=${printValue(item)}`)
      .join('')
  return String(value)
}

/** Whole numbers as they are; others in Go's shortest form. */
function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}
