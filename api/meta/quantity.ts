/** Quantities ("500m", "1536Mi", "2e3"): parsing, arithmetic and the one canonical text, without ever touching floating point. */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** An amount in billionths (the finest step that upstream keeps) and the family of suffixes in which it is written. */
export interface Quantity {
  readonly nano: bigint
  readonly format: QuantityFormat
  /** The author's own text where upstream echoes it instead of the canonical one. */
  readonly text?: string
}

export class QuantityError extends Error {}

const NANO = 1_000_000_000n
const MAX_BINARY = 9_223_372_036_854_775_807n * NANO
/** Upstream keeps any exponent; beyond this one we refuse, as the number itself would fill the memory. */
const MAX_EXPONENT = 400

const shape = /^[+-]?0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/
const decimalSuffixes = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const binarySuffixes = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
])
const decimalNames = new Map([...decimalSuffixes].map(([name, exponent]) => [exponent, name]))
const binaryNames = new Map([...binarySuffixes].map(([name, exponent]) => [exponent, name]))

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function suffixOf(text: string): { exponent: number; format: QuantityFormat } {
  const decimal = decimalSuffixes.get(text)
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' }
  const binary = binarySuffixes.get(text)
  if (binary !== undefined) return { exponent: binary, format: 'BinarySI' }
  if (/^[eE][+-]?\d+$/.test(text)) return { exponent: Number(text.slice(1)), format: 'DecimalExponent' }
  throw new QuantityError("unable to parse quantity's suffix")
}

/** Whole billionths of `digits` × 10^scale (or × 2^shift); what is finer is rounded away from zero. */
function nanoOf(digits: string, scale: number, shift: number): bigint {
  const mantissa = BigInt(digits === '' ? '0' : digits) << BigInt(shift)
  if (mantissa === 0n) return 0n
  const exponent = scale + 9
  if (exponent > MAX_EXPONENT) throw new QuantityError('unable to parse numeric part of quantity')
  if (exponent >= 0) return mantissa * 10n ** BigInt(exponent)
  if (-exponent > MAX_EXPONENT) return 1n
  const divisor = 10n ** BigInt(-exponent)
  return (mantissa + divisor - 1n) / divisor
}

/** Upstream's fast path keeps the text if it already looks canonical to it, which "1.500" does as well. */
function keepsText(num: string, denom: string, exponent: number, format: QuantityFormat): boolean {
  if (format === 'BinarySI') {
    if (denom !== '' || 15 - num.length - Math.trunc((exponent * 3) / 10) - 1 < 0) return false
    return (BigInt(num) & 7n) !== 0n
  }
  const scale = exponent - denom.length
  const digits = num + denom
  return digits.length <= 18 && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}

function parse(text: string): Quantity {
  const match = text === '' ? null : shape.exec(text)
  if (!match) throw new QuantityError(formatWrong)
  const num = match[1] === undefined || match[1] === '' ? '0' : match[1]
  const denom = match[2] ?? ''
  if (text.length > 4096) throw new QuantityError('unable to parse numeric part of quantity')
  const { exponent, format } = suffixOf(match[3] ?? '')
  const binary = format === 'BinarySI'
  let nano = nanoOf(num + denom, (binary ? 0 : exponent) - denom.length, binary ? exponent : 0)
  let kept: QuantityFormat = format
  if (binary && nano > MAX_BINARY) nano = MAX_BINARY
  if (binary && nano > 0n && nano < NANO) kept = 'DecimalSI'
  if (text.startsWith('-')) nano = -nano
  return keepsText(num, denom, exponent, format) ? { nano, format: kept, text } : { nano, format: kept }
}

const cacheLimit = 4096
/** Longer texts are not kept: thousands of them would fill the memory. */
const cachedLength = 64
const parsed = new Map<string, Quantity>()
const texts = new Map<string, string>()

/** Throws QuantityError, with upstream's message, for text that is no quantity. Results are shared: never change them. */
export function parseQuantity(text: string): Quantity {
  let quantity = parsed.get(text)
  if (quantity === undefined) {
    quantity = parse(text)
    if (parsed.size >= cacheLimit) parsed.clear()
    if (text.length <= cachedLength) parsed.set(text, quantity)
  }
  return quantity
}

export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch (error) {
    if (error instanceof QuantityError) return false
    throw error
  }
}

/** The mantissa with all powers of `base` moved into the exponent. */
function withoutFactors(value: bigint, base: bigint): { mantissa: bigint; times: number } {
  let mantissa = value
  let times = 0
  while (mantissa !== 0n && mantissa % base === 0n) {
    mantissa /= base
    times++
  }
  return { mantissa, times }
}

function decimalText(nano: bigint, format: QuantityFormat): string {
  const { mantissa, times } = withoutFactors(nano, 10n)
  const exponent = times - 9
  const rest = ((exponent % 3) + 3) % 3
  const number = String(mantissa * 10n ** BigInt(rest))
  const scale = exponent - rest
  if (format === 'DecimalExponent') return scale === 0 ? number : `${number}e${scale}`
  return number + (decimalNames.get(scale) ?? '')
}

/** Upstream's canonical text: no fraction, the largest suffix that loses nothing, binary only for whole numbers of 1024 and above. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  const { nano, format } = quantity
  if (nano === 0n) return '0'
  const small = nano > -1024n * NANO && nano < 1024n * NANO
  if (format !== 'BinarySI') return decimalText(nano, format)
  if (small || nano % NANO !== 0n) return decimalText(nano, 'DecimalSI')
  const { mantissa, times } = withoutFactors(nano / NANO, 1024n)
  return String(mantissa) + (binaryNames.get(times * 10) ?? '')
}

/** `0.5` → `500m`. Throws QuantityError. */
export function canonicalQuantity(text: string): string {
  let canonical = texts.get(text)
  if (canonical === undefined) {
    canonical = formatQuantity(parseQuantity(text))
    if (texts.size >= cacheLimit) texts.clear()
    if (text.length <= cachedLength) texts.set(text, canonical)
  }
  return canonical
}

/** Below, at or above zero, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string, b: string): number {
  const left = parseQuantity(a).nano
  const right = parseQuantity(b).nano
  return left < right ? -1 : left > right ? 1 : 0
}

/** The sum keeps the suffix family of the first term, of the second where the first is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format }
}

function ceilDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  if (value % divisor === 0n) return quotient
  return value > 0n ? quotient + 1n : quotient - 1n
}

/** Thousandths, rounded away from zero: `milliValue('0.5')` is 500. */
export function milliValue(text: string): number {
  return Number(ceilDivide(parseQuantity(text).nano, 1_000_000n))
}

/** Whole units, rounded away from zero: `quantityValue('1Ki')` is 1024. */
export function quantityValue(text: string): number {
  return Number(ceilDivide(parseQuantity(text).nano, NANO))
}
