/**
 * A look over JSON text for what JSON.parse loses (duplicate keys, numbers that a double cannot hold, the written form of a number),
 * and a slower exact parser, with Go's error texts, for the few bodies where that matters.
 */
import { goQuote } from './meta/go-quote.ts'

/** Deeper bodies are refused: every engine here recurses. Go's own limit is 10000. */
export const MAX_DEPTH = 1000

export interface Scan {
  /** How many keys the text has; the parsed value has fewer where one stands twice in an object. */
  keys: number
  /** A number is written with fraction, exponent or 16 digits and more. */
  exactNumbers: boolean
  depth: number
}

const QUOTE = 34

/** One pass that jumps from string to string; the text must be valid JSON. */
export function scanJson(text: string): Scan {
  let keys = 0
  let depth = 0
  let deepest = 0
  let digits = 0
  let exactNumbers = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) {
      if (++digits >= 16) exactNumbers = true
      continue
    }
    digits = 0
    if (code === QUOTE) i = endOfString(text, i + 1)
    else if (code === 58) keys++
    else if (code === 123 || code === 91) {
      if (++depth > deepest) deepest = depth
    } else if (code === 125 || code === 93) depth--
    else if (code === 116 || code === 110) i += 3
    else if (code === 102) i += 4
    else if (code === 46 || code === 101 || code === 69) exactNumbers = true
  }
  return { keys, exactNumbers, depth: deepest }
}

/** The index of the closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start)
  while (end > 0 && text.charCodeAt(end - 1) === 92) {
    let slashes = 1
    while (text.charCodeAt(end - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return end < 0 ? text.length : end
}

interface RawJson {
  rawJSON: string
}
const json = JSON as unknown as { rawJSON(text: string): RawJson; isRawJSON(value: unknown): value is RawJson }

/** A number as it was written, where a double would print otherwise; JSON.stringify writes it back unchanged. */
export const isWrittenNumber = (value: unknown): value is RawJson => json.isRawJSON(value)

/** The text of a number as the author wrote it. */
export const numberText = (value: number | RawJson): string => (typeof value === 'number' ? String(value) : value.rawJSON)

/** Text that is no JSON; the message is Go's. */
export class JsonSyntaxError extends Error {}

export interface ExactValue {
  value: unknown
  /** Paths of keys that stand twice in one object, in the order of the text: `spec.hostNetwork`, `spec.containers[0].name`. */
  duplicates: readonly string[]
}

/** Exact and slow. Of duplicate keys the last one counts. Throws JsonSyntaxError. */
export function parseExact(text: string): ExactValue {
  const parser = new ExactParser(text)
  return { value: parser.document(), duplicates: parser.duplicates }
}

/**
 * Complaints about unknown and duplicate fields, given by their paths, in the order in which upstream's decoder meets them in the text: a
 * duplicate where it comes for the second time. Throws JsonSyntaxError.
 */
export function inOrderOfText(text: string, unknown: readonly string[], duplicates: readonly string[]): string[] {
  if (duplicates.length === 0) return unknown.map(unknownField)
  if (unknown.length === 0) return duplicates.map(duplicateField)
  const parser = new ExactParser(text, true)
  parser.document()
  const found: string[] = []
  const left = { unknown: new Set(unknown), duplicates: new Set(duplicates) }
  const met = new Set<string>()
  for (const path of parser.keys) {
    if (left.unknown.delete(path)) found.push(unknownField(path))
    else if (met.has(path) && left.duplicates.delete(path)) found.push(duplicateField(path))
    met.add(path)
  }
  return [...found, ...[...left.duplicates].map(duplicateField), ...[...left.unknown].map(unknownField)]
}

const unknownField = (path: string): string => `unknown field "${path}"`
const duplicateField = (path: string): string => `duplicate field "${path}"`

/** Keys of a parsed value at any depth. */
export function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || isWrittenNumber(value)) return 0
  let count = Array.isArray(value) ? 0 : Object.keys(value).length
  for (const item of Object.values(value)) count += keysIn(item)
  return count
}

/** As parseExact, at the cost of JSON.parse and a scan where nothing special stands in the text. Throws JsonSyntaxError. */
export function parseJson(text: string): ExactValue {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Words its errors its own way; the exact parser knows Go's.
    return parseExact(text)
  }
  const { keys, exactNumbers, depth } = scanJson(text)
  if (depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth')
  return exactNumbers || keysIn(value) !== keys ? parseExact(text) : { value, duplicates: [] }
}

class ExactParser {
  readonly duplicates: string[] = []
  /** Paths of all keys as they come, if wanted. */
  readonly keys: string[] = []
  readonly #text: string
  readonly #wantsKeys: boolean
  readonly #path: string[] = []
  #at = 0

  constructor(text: string, wantsKeys = false) {
    this.#text = text
    this.#wantsKeys = wantsKeys
  }

  document(): unknown {
    const value = this.#value()
    this.#space()
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value')
    return value
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.#at++
    }
  }

  #unexpected(where: string): JsonSyntaxError {
    if (this.#at >= this.#text.length) return new JsonSyntaxError('unexpected end of JSON input')
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
    const quoted = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${goQuote(char).slice(1, -1)}'`
    return new JsonSyntaxError(`invalid character ${quoted} ${where}`)
  }

  #value(): unknown {
    this.#space()
    const char = this.#text.charAt(this.#at)
    switch (char) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      case 't':
        return this.#literal('true', true)
      case 'f':
        return this.#literal('false', false)
      case 'n':
        return this.#literal('null', null)
      default:
        if (char === '-' || (char >= '0' && char <= '9')) return this.#number()
        throw this.#unexpected('looking for beginning of value')
    }
  }

  #literal<T>(word: string, value: T): T {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.#text.charAt(this.#at) !== word.charAt(i)) throw this.#unexpected(`in literal ${word} (expecting '${word.charAt(i)}')`)
    }
    return value
  }

  #enter(): void {
    if (this.#path.length >= MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth')
    this.#at++
    this.#space()
  }

  #object(): unknown {
    this.#enter()
    const entries = new Map<string, unknown>()
    if (this.#text.charAt(this.#at) === '}') {
      this.#at++
      return {}
    }
    for (;;) {
      this.#space()
      if (this.#text.charAt(this.#at) !== '"') throw this.#unexpected('looking for beginning of object key string')
      const key = this.#string()
      this.#space()
      if (this.#text.charAt(this.#at) !== ':') throw this.#unexpected('after object key')
      this.#at++
      this.#path.push(this.#path.length === 0 ? key : `.${key}`)
      if (this.#wantsKeys) this.keys.push(this.#path.join(''))
      if (entries.has(key)) this.duplicates.push(this.#path.join(''))
      entries.set(key, this.#value())
      this.#path.pop()
      this.#space()
      const after = this.#text.charAt(this.#at)
      if (after !== ',' && after !== '}') throw this.#unexpected('after object key:value pair')
      this.#at++
      if (after === '}') return Object.fromEntries(entries)
    }
  }

  #array(): unknown {
    this.#enter()
    const items: unknown[] = []
    if (this.#text.charAt(this.#at) === ']') {
      this.#at++
      return items
    }
    for (;;) {
      this.#path.push(`[${items.length}]`)
      items.push(this.#value())
      this.#path.pop()
      this.#space()
      const after = this.#text.charAt(this.#at)
      if (after !== ',' && after !== ']') throw this.#unexpected('after array element')
      this.#at++
      if (after === ']') return items
    }
  }

  #string(): string {
    const start = this.#at++
    for (;;) {
      const char = this.#text.charAt(this.#at)
      if (char === '"') break
      if (char === '\\') this.#escape()
      else if (char === '' || char < ' ') throw this.#unexpected('in string literal')
      else this.#at++
    }
    this.#at++
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  #escape(): void {
    this.#at++
    const char = this.#text.charAt(this.#at)
    if (char === 'u') {
      for (let i = 0; i < 4; i++) {
        this.#at++
        if (!/[0-9a-fA-F]/.test(this.#text.charAt(this.#at))) throw this.#unexpected('in \\u hexadecimal character escape')
      }
    } else if (char === '' || !'"\\/bfnrt'.includes(char)) throw this.#unexpected('in string escape code')
    this.#at++
  }

  #digits(where: string): void {
    if (!this.#isDigit()) throw this.#unexpected(where)
    while (this.#isDigit()) this.#at++
  }

  #isDigit(): boolean {
    const char = this.#text.charAt(this.#at)
    return char >= '0' && char <= '9'
  }

  #number(): unknown {
    const start = this.#at
    if (this.#text.charAt(this.#at) === '-') this.#at++
    if (this.#text.charAt(this.#at) === '0') this.#at++
    else this.#digits('in numeric literal')
    if (this.#text.charAt(this.#at) === '.') {
      this.#at++
      this.#digits('after decimal point in numeric literal')
    }
    if (/[eE]/.test(this.#text.charAt(this.#at))) {
      this.#at++
      if (/[+-]/.test(this.#text.charAt(this.#at))) this.#at++
      this.#digits('in exponent of numeric literal')
    }
    const written = this.#text.slice(start, this.#at)
    const value = Number(written)
    return String(value) === written ? value : json.rawJSON(written)
  }
}
