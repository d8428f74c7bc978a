/** Source text to tokens: longest match, and an error for text that is no token (the grammar is CEL's language definition). */
import { codePoints } from './issues.ts'

export type TokenKind = 'symbol' | 'keyword' | 'identifier' | 'escaped' | 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'end'

export interface Token {
  kind: TokenKind
  text: string
  /** In code points. */
  offset: number
  /** Space and comments in front of it. */
  before: string
}

const space = /[\t \r\n\f]+|\/\/[^\n]*/y
const number = /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?/y
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y
const escaped = /`[A-Za-z0-9_.\-/ ]+`/y
const symbol = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y
const keywords = new Set(['in', 'true', 'false', 'null'])

/** Reads all tokens, `end` last. `fail` gets the offset and text of everything that is no token. */
export function tokenize(source: string, fail: (offset: number, text: string) => void): Token[] {
  const tokens: Token[] = []
  let at = 0
  let offset = 0
  let before = ''
  const ascii = !/[\u0080-\u{10ffff}]/u.test(source)
  const length = (text: string) => (ascii ? text.length : codePoints(text))
  while (at < source.length) {
    const skipped = matchAt(space, source, at)
    const token = skipped === undefined ? readToken(source, at) : undefined
    const text = skipped ?? token?.text ?? unreadable(source, at)
    if (token) {
      tokens.push({ ...token, offset, before })
      before = ''
    } else if (skipped === undefined) {
      fail(offset, text)
    } else {
      before += skipped
    }
    at += text.length
    offset += length(text)
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset, before })
  return tokens
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

function readToken(source: string, at: number): { kind: TokenKind; text: string } | undefined {
  const quoted = readQuoted(source, at)
  if (quoted) return quoted
  const name = matchAt(identifier, source, at)
  if (name !== undefined) return { kind: keywords.has(name) ? 'keyword' : 'identifier', text: name }
  const digits = matchAt(number, source, at)
  if (digits !== undefined) return { kind: kindOfNumber(digits), text: digits }
  const sign = matchAt(symbol, source, at)
  if (sign !== undefined) return { kind: 'symbol', text: sign }
  const name2 = matchAt(escaped, source, at)
  return name2 === undefined ? undefined : { kind: 'escaped', text: name2 }
}

function kindOfNumber(text: string): TokenKind {
  if (/[uU]$/.test(text)) return 'uint'
  if (text.startsWith('0x')) return 'int'
  return /[.eE]/.test(text) ? 'float' : 'int'
}

/** A string or bytes literal: optional b, optional r, then one of four quotes. */
function readQuoted(source: string, at: number): { kind: TokenKind; text: string } | undefined {
  const [prefix = ''] = /^[bB]?[rR]?(?=["'])/.exec(source.slice(at, at + 3)) ?? []
  const start = at + prefix.length
  const quote = source[start]
  if (quote !== '"' && quote !== "'") return undefined
  const raw = /r/i.test(prefix)
  const end = endOfQuoted(source, start, raw)
  if (!end.closed) return undefined
  return { kind: /b/i.test(prefix) ? 'bytes' : 'string', text: source.slice(at, end.at) }
}

const escapeSequence = /\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y

/** Where the literal that starts with a quote at `start` ends; or, not closed, the place where it stops to be one. */
function endOfQuoted(source: string, start: number, raw: boolean): { closed: boolean; at: number } {
  const quote = source[start] as string
  const long = source.startsWith(quote.repeat(3), start)
  const close = long ? quote.repeat(3) : quote
  let at = start + close.length
  while (at < source.length) {
    if (source.startsWith(close, at)) return { closed: true, at: at + close.length }
    const char = source[at]
    if (char === '\\' && !raw) {
      const sequence = matchAt(escapeSequence, source, at)
      if (sequence === undefined) return long ? emptyString(start) : { closed: false, at: endOfBadEscape(source, at) }
      at += sequence.length
    } else if (!long && (char === '\n' || char === '\r')) {
      return { closed: false, at }
    } else {
      at++
    }
  }
  return long ? emptyString(start) : { closed: false, at }
}

/** An open `"""` is the empty string `""` and a quote. */
const emptyString = (start: number) => ({ closed: true, at: start + 2 })

/** The first character that no escape sequence has at its place. */
function endOfBadEscape(source: string, at: number): number {
  const [prefix = '\\'] = /^\\(?:[0-3][0-7]?|[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7})?/.exec(source.slice(at, at + 10)) ?? []
  return at + prefix.length
}

/** The text that upstream's lexer gives up at: what it had read, and the character that did not fit. */
function unreadable(source: string, at: number): string {
  const char = source[at] as string
  let end = at
  if (char === '"' || char === "'") end = endOfQuoted(source, at, false).at
  else if (char === '&' || char === '|' || char === '=') end = at + 1
  else if (char === '`') end = at + 1 + (/^[A-Za-z0-9_.\-/ ]*/.exec(source.slice(at + 1))?.[0].length ?? 0)
  const point = source.codePointAt(end)
  return source.slice(at, end) + (point === undefined ? '' : String.fromCodePoint(point))
}
