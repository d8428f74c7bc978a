/** `'%s is %d'.format([name, age])`: clauses, what they accept, and the check of literal calls (cel-go, ext/formatting.go). */
import { goQuote } from '#api/meta/go-quote.ts'
import { toText } from './conversions.ts'
import { formatDouble } from './double-text.ts'
import { Bytes, CelError, CelList, CelMap, type CelValue, Duration, elementsOf, Timestamp, TypeValue, typeOfValue, Uint } from './value.ts'

export interface Clause {
  verb: string
  precision: number | undefined
  /** Text since the clause before. */
  before: string
}

/** A text split at its clauses; `error` where one cannot be read. */
export function parseFormat(text: string): { clauses: Clause[]; rest: string; error?: string } {
  const clauses: Clause[] = []
  let before = ''
  let at = 0
  while (at < text.length) {
    if (text[at] !== '%') {
      before += text[at++]
      continue
    }
    if (text[at + 1] === '%') {
      before += '%'
      at += 2
      continue
    }
    const clause = readClause(text.slice(at + 1))
    if ('error' in clause) return { clauses, rest: before, error: clause.error }
    clauses.push({ ...clause, before })
    before = ''
    at += 1 + clause.length
  }
  return { clauses, rest: before }
}

function readClause(text: string): { verb: string; precision: number | undefined; length: number } | { error: string } {
  if (text === '') return { error: 'unexpected end of string' }
  const wrong = (why: string) => ({ error: `could not parse formatting clause: ${why}` })
  const digits = /^\.(\d*)/.exec(text)
  const length = digits?.[0].length ?? 0
  if (length === text.length) return wrong('error while parsing precision: could not find end of precision specifier')
  if (digits?.[1] === '') {
    const conversion = 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax'
    return wrong(`error while parsing precision: ${conversion}`)
  }
  const verb = text[length] as string
  if (!'sdfebxXo'.includes(verb)) return wrong(`unrecognized formatting clause "${verb}"`)
  return { verb, precision: digits ? Number(digits[1]) : undefined, length: length + 1 }
}

const onlyFor: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
}

export const clauseMisfit = (verb: string, typeName: string): string => `${onlyFor[verb]}, was given ${typeName}`

/** Kinds of static types that a clause accepts. */
export const clauseKinds: Readonly<Record<string, readonly string[]>> = {
  s: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
}

export function formatString(text: string, args: readonly CelValue[]): CelValue {
  const { clauses, rest, error } = parseFormat(text)
  let built = ''
  for (const [at, clause] of clauses.entries()) {
    const arg = args[at]
    if (arg === undefined) return new CelError(`index ${at} out of range`)
    const shown = formatClause(clause, arg)
    if (typeof shown !== 'string') return new CelError(`error during formatting: ${shown.message}`)
    built += clause.before + shown
  }
  if (error === undefined) return built + rest
  return new CelError(clauses.length >= args.length ? `index ${clauses.length} out of range` : error)
}

function formatClause(clause: Clause, value: CelValue): string | CelError {
  const misfit = () => new CelError(clauseMisfit(clause.verb, typeOfValue(value).name))
  const integer = typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined
  switch (clause.verb) {
    case 's':
      return asString(value)
    case 'd':
      return integer === undefined ? misfit() : String(integer)
    case 'o':
      return integer === undefined ? misfit() : integer.toString(8)
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      return integer === undefined ? misfit() : integer.toString(2)
    case 'x':
    case 'X': {
      const hex = asHex(value, integer)
      if (hex === undefined) return misfit()
      return clause.verb === 'X' ? hex.toUpperCase() : hex
    }
    default:
      return asFloat(clause, value) ?? misfit()
  }
}

function asHex(value: CelValue, integer: bigint | undefined): string | undefined {
  if (integer !== undefined) return integer.toString(16)
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex')
  return value instanceof Bytes ? Buffer.from(value.bytes).toString('hex') : undefined
}

const wordValues: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** As upstream prints for American readers: commas between thousands, `×10⁰³` exponents. */
function asFloat(clause: Clause, value: CelValue): string | undefined {
  const number = typeof value === 'string' ? wordValues[value] : value
  if (typeof number !== 'number') return undefined
  if (Number.isNaN(number)) return 'NaN'
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '-∞'
  const precision = Math.min(100, clause.precision ?? 6)
  if (clause.verb === 'f') {
    const [whole = '', fraction] = plainFixed(number, precision).split('.')
    const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
    return fraction === undefined ? grouped : `${grouped}.${fraction}`
  }
  // Upstream takes the precision for a width here.
  const [mantissa = '', exponent = '+0'] = number.toExponential(6).split('e')
  return `${mantissa}×10${superscript(exponent)}`.padStart(precision)
}

/** toFixed that never falls back to an exponent, and rounds halves to even as Go does. */
function plainFixed(number: number, precision: number): string {
  if (Math.abs(number) < 1e21) {
    const exact = number.toFixed(100)
    const cut = exact.indexOf('.') + 1 + precision
    const isHalf = precision < 100 && /^50*$/.test(exact.slice(cut))
    const kept = exact.slice(0, precision === 0 ? cut - 1 : cut)
    return isHalf && Number(kept.at(-1)) % 2 === 0 ? kept : number.toFixed(precision)
  }
  return BigInt(number).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
}

function superscript(exponent: string): string {
  const sign = exponent.startsWith('-') ? '⁻' : '⁺'
  const digits = exponent.replace(/^[+-]/, '').padStart(2, '0')
  return (sign === '⁻' ? sign : '') + [...digits].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')
}

function asString(value: CelValue): string | CelError {
  if (value === null) return 'null'
  if (value instanceof CelList || value instanceof CelMap) return asLiteral(value)
  const known = typeof value !== 'object' || isScalarObject(value)
  if (!known) return new CelError(clauseMisfit('s', typeOfValue(value).name))
  const text = toText(value)
  return typeof text === 'string' ? text : new CelError(`could not convert argument ${goQuote(String(text))} to string`)
}

const isScalarObject = (value: CelValue): boolean =>
  value instanceof Uint || value instanceof Bytes || value instanceof Timestamp || value instanceof Duration || value instanceof TypeValue

/** A value within a list or map: as CEL would write it. */
function asLiteral(value: CelValue): string | CelError {
  if (value instanceof CelList) return bracketed(elementsOf(value).map(asLiteral), '[', ']')
  if (value instanceof CelMap) {
    const entries = value.keys().map((key) => entryText(key, value.find(key) ?? null))
    return bracketed(
      entries.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
      '{',
      '}',
    )
  }
  if (typeof value === 'number') return Number.isFinite(value) ? plainFixed(value, 6) : goQuote(formatDouble(value))
  const text = asString(value)
  if (typeof text !== 'string') return new CelError(`no formatting function for ${typeOfValue(value).name}`)
  if (typeof value === 'string') return goQuote(text)
  if (value instanceof Bytes) return `b${goQuote(text)}`
  if (value instanceof Timestamp) return `timestamp(${goQuote(text)})`
  return value instanceof Duration ? `duration(${goQuote(text)})` : text
}

function entryText(key: CelValue, value: CelValue): string | CelError {
  const keyText = asLiteral(key)
  const valueText = asLiteral(value)
  if (typeof keyText !== 'string') return keyText
  return typeof valueText === 'string' ? `${keyText}:${valueText}` : valueText
}

function bracketed(parts: readonly (string | CelError)[], open: string, close: string): string | CelError {
  const failed = parts.find((part) => typeof part !== 'string')
  return failed ?? `${open}${parts.join(', ')}${close}`
}
