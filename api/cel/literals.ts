/** Literals of the source and of conversions: string escapes, and numbers as Go's strconv reads them. */
import { Bytes } from './value.ts'

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
}

/** The contents of a quoted literal (without its `b`). `error` where an escape names no character. */
export function unquote(literal: string, isBytes: boolean): string | Bytes | { error: string } {
  const text = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const raw = text.startsWith('r') || text.startsWith('R')
  const quoted = raw ? text.slice(1) : text
  const quote = quoted[0] as string
  const width = quoted.length >= 6 && quoted.startsWith(quote.repeat(3)) ? 3 : 1
  const body = quoted.slice(width, -width)
  if (isBytes) return unescapeBytes(body, raw)
  return raw || !body.includes('\\') ? body : unescapeString(body)
}

const escapeSequence = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g

function unescapeString(body: string): string | { error: string } {
  let valid = true
  const text = body.replaceAll(escapeSequence, (...groups) => {
    const [, hex, short, long, octal, simple] = groups as (string | undefined)[]
    if (simple !== undefined) return simpleEscapes[simple] ?? simple
    const point = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) valid = false
    return valid ? String.fromCodePoint(point) : ''
  })
  return valid ? text : { error: 'invalid unicode code point' }
}

function unescapeBytes(body: string, raw: boolean): Bytes | { error: string } {
  if (raw) return new Bytes(Buffer.from(body, 'utf8'))
  const parts: Buffer[] = []
  let from = 0
  for (const match of body.matchAll(escapeSequence)) {
    const [text, hex, short, long, octal, simple] = match
    if (short !== undefined || long !== undefined) return { error: 'unable to unescape string' }
    parts.push(Buffer.from(body.slice(from, match.index), 'utf8'))
    if (simple !== undefined) parts.push(Buffer.from(simpleEscapes[simple] ?? simple, 'utf8'))
    else parts.push(Buffer.from([octal === undefined ? Number.parseInt(hex as string, 16) : Number.parseInt(octal, 8)]))
    from = match.index + text.length
  }
  parts.push(Buffer.from(body.slice(from), 'utf8'))
  return new Bytes(Buffer.concat(parts))
}

const decimal = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/
const words: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, nan: Number.NaN }

/** Go's ParseFloat; undefined where it fails for syntax. Out of range is an infinity. */
export function parseDouble(text: string): number | undefined {
  if (decimal.test(text)) return Number(text.replaceAll('_', ''))
  const word = words[text.replace(/^[+-]/, '').toLowerCase()]
  if (word !== undefined) return text.startsWith('-') ? -word : word
  return undefined
}

/** Go's ParseInt with base 10 and 64 bits. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value === BigInt.asIntN(64, value) ? value : undefined
}

/** Go's ParseUint with base 10 and 64 bits. */
export function parseUint64(text: string): bigint | undefined {
  if (!/^\d+$/.test(text)) return undefined
  const value = BigInt(text)
  return value === BigInt.asUintN(64, value) ? value : undefined
}
