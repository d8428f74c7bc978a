/** The scalar codecs: one decoded, canonical form per type, Go's texts for what does not fit. */
import type { Scalar } from './fields.ts'
import { isWrittenNumber, numberText } from './json-scan.ts'
import { canonicalQuantity, QuantityError } from './meta/quantity.ts'
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration, TimeError } from './meta/time.ts'

/** A value that does not fit its type: `got` as Go names it, `wanted` the Go type; the caller adds struct and path. */
export class WrongType extends Error {
  readonly got: string
  readonly wanted: string

  constructor(got: string, wanted: string) {
    super(`cannot unmarshal ${got} into ${wanted}`)
    this.got = got
    this.wanted = wanted
  }
}

/** A value that its own codec refuses; the message stands alone, without struct and path, as upstream's does. */
export class Malformed extends Error {}

export const goNames: Readonly<Record<Scalar, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  time: 'string',
  microTime: 'string',
  duration: 'string',
  intOrString: 'int32',
  raw: 'runtime.RawExtension',
  json: 'v1.JSON',
}

/** What Go calls a JSON value. */
export function kindOfJson(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' ? (isWrittenNumber(value) ? 'number' : 'object') : typeof value === 'boolean' ? 'bool' : typeof value
}

const INT32_MAX = 2147483647

function integer(value: unknown, type: 'int32' | 'int64'): number {
  if (typeof value === 'number') {
    const fits = Number.isInteger(value) && (type === 'int64' || (value >= -INT32_MAX - 1 && value <= INT32_MAX))
    if (fits && Number.isSafeInteger(value)) return value
    throw new WrongType(`number ${value}`, type)
  }
  if (!isWrittenNumber(value)) throw new WrongType(kindOfJson(value), type)
  const text = numberText(value)
  if (!/^-?\d+$/.test(text) || type === 'int32' || BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw new WrongType(`number ${text}`, type)
  // An int64 beyond 2^53 is kept as the nearest double.
  return Number(text)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new WrongType(kindOfJson(value), 'string')
  return value
}

function quantity(value: unknown): string {
  const written = typeof value === 'string' ? value.trim() : typeof value === 'number' || isWrittenNumber(value) ? numberText(value) : '?'
  return guarded(() => canonicalQuantity(written))
}

function guarded<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof QuantityError || error instanceof TimeError) throw new Malformed(error.message)
    throw error
  }
}

/** Standard base64, line breaks left out, as Go reads it; canonical again. */
function base64(value: unknown): string {
  if (typeof value !== 'string') throw new WrongType(kindOfJson(value), '[]uint8')
  const given = value
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given)) return given
  const clean = given.replace(/[\r\n]/g, '')
  const good = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(clean)?.[0].length ?? 0
  if (good === clean.length) return clean
  const bad = clean.slice(good).search(/[^A-Za-z0-9+/]/)
  throw new Malformed(`illegal base64 data at input byte ${bad < 0 ? good : good + bad}`)
}

const codecs: Readonly<Record<Scalar, (value: unknown) => unknown>> = {
  string: text,
  int32: (value) => integer(value, 'int32'),
  int64: (value) => integer(value, 'int64'),
  bool: (value) => {
    if (typeof value !== 'boolean') throw new WrongType(kindOfJson(value), 'bool')
    return value
  },
  double: (value) => {
    if (typeof value === 'number') return value
    if (isWrittenNumber(value)) return Number(numberText(value))
    throw new WrongType(kindOfJson(value), 'float64')
  },
  bytes: base64,
  quantity,
  time: (value) => guarded(() => canonicalTime(text(value))),
  microTime: (value) => guarded(() => canonicalMicroTime(text(value))),
  duration: (value) => guarded(() => formatDuration(parseDuration(text(value)))),
  intOrString: (value) => (typeof value === 'string' ? value : integer(value, 'int32')),
  raw: (value) => value,
  json: (value) => value,
}

/** The decoded form, undefined for Go's zero time. Throws WrongType or Malformed. `null` must have been handled before. */
export function decodeScalar(scalar: Scalar, value: unknown): unknown {
  if (scalar === 'string' && typeof value === 'string') return value
  return codecs[scalar](value)
}

const zeros: Readonly<Record<Scalar, unknown>> = {
  string: '',
  int32: 0,
  int64: 0,
  bool: false,
  double: 0,
  bytes: '',
  quantity: '0',
  time: null,
  microTime: null,
  duration: '0s',
  intOrString: 0,
  raw: null,
  json: null,
}

/** Go's zero value of a scalar as JSON shows it. */
export const zeroOf = (scalar: Scalar): unknown => zeros[scalar]

/** Scalars that are structs in Go: `omitempty` never omits them. */
export const isStruct = (scalar: Scalar): boolean =>
  scalar === 'quantity' ||
  scalar === 'time' ||
  scalar === 'microTime' ||
  scalar === 'duration' ||
  scalar === 'intOrString' ||
  scalar === 'raw'
