/** Conversions between the basic types: int(), string(), duration() and so on (cel-go, common/types). */

import { formatDouble } from './double-text.ts'
import { formatSeconds, formatTimestamp, parseDuration, parseTimestamp } from './instant.ts'
import { parseDouble, parseInt64, parseUint64 } from './literals.ts'
import { checkedInt, checkedUint } from './operations.ts'
import { type CelType, durationType, timestampType } from './type.ts'
import { Bytes, CelError, CelObject, type CelValue, Duration, Timestamp, TypeValue, typeOfValue, Uint } from './value.ts'

const nanosPerSecond = 1_000_000_000n

function failed(value: CelValue, to: string): CelError {
  return new CelError(`type conversion error from '${typeOfValue(value).name}' to '${to}'`)
}

const intRange = new CelError('integer overflow')
const uintRange = new CelError('unsigned integer overflow')
const maxIntDouble = 2 ** 63
const maxUintDouble = 2 ** 64

export function toInt(value: CelValue): CelValue {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    return Number.isFinite(value) && value > -maxIntDouble && value < maxIntDouble ? BigInt(Math.trunc(value)) : intRange
  }
  if (typeof value === 'string') return parseInt64(value) ?? failed(value, 'int')
  if (value instanceof Uint) return checkedInt(value.value)
  if (value instanceof Duration) return value.nanos
  if (value instanceof Timestamp)
    return (value.nanos - (((value.nanos % nanosPerSecond) + nanosPerSecond) % nanosPerSecond)) / nanosPerSecond
  return failed(value, 'int')
}

export function toUint(value: CelValue): CelValue {
  if (value instanceof Uint) return value
  if (typeof value === 'bigint') return checkedUint(value)
  if (typeof value === 'number') {
    return Number.isFinite(value) && value >= 0 && value < maxUintDouble ? new Uint(BigInt(Math.trunc(value))) : uintRange
  }
  if (typeof value !== 'string') return failed(value, 'uint')
  const parsed = parseUint64(value)
  return parsed === undefined ? failed(value, 'uint') : new Uint(parsed)
}

export function toDouble(value: CelValue): CelValue {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint) return Number(value.value)
  if (typeof value !== 'string') return failed(value, 'double')
  const parsed = parseDouble(value)
  const spelledOut = /inf|nan/i.test(value)
  return parsed === undefined || (!Number.isFinite(parsed) && !spelledOut) ? failed(value, 'double') : parsed
}

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export function toBool(value: CelValue): CelValue {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && trueWords.has(value)) return true
  return typeof value === 'string' && falseWords.has(value) ? false : failed(value, 'bool')
}

export function toBytes(value: CelValue): CelValue {
  if (value instanceof Bytes) return value
  return typeof value === 'string' ? new Bytes(Buffer.from(value, 'utf8')) : failed(value, 'bytes')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function toText(value: CelValue): CelValue {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatDouble(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatSeconds(value)
  if (value instanceof CelObject) return value.toString()
  if (value instanceof TypeValue) return value.name
  return value instanceof Bytes ? decode(value) : failed(value, 'string')
}

function decode(value: Bytes): CelValue {
  try {
    return utf8.decode(value.bytes)
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

export function toDuration(value: CelValue): CelValue {
  if (value instanceof Duration) return value
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? failed(value, durationType.name)
}

export function toTimestamp(value: CelValue): CelValue {
  if (value instanceof Timestamp) return value
  if (typeof value === 'bigint') {
    if (value < -62135596800n || value > 253402300799n) return new CelError('timestamp overflow')
    return new Timestamp(value * nanosPerSecond)
  }
  return (typeof value === 'string' ? parseTimestamp(value) : undefined) ?? failed(value, timestampType.name)
}

export function toType(value: CelValue): CelValue {
  return new TypeValue(typeOfValue(value).name)
}

/** The type that an expression names, as a value. */
export const typeAsValue = (type: CelType): TypeValue => new TypeValue(type.name)
