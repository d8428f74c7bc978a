/** Equality, order and arithmetic of CEL values (cel-go, common/types). Every operation answers a value or a CelError; none throws. */
import {
  Bytes,
  CelError,
  CelList,
  CelMap,
  CelObject,
  type CelValue,
  Duration,
  elementsOf,
  noSuchOverload,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts'

const intOverflow = new CelError('integer overflow')
const uintOverflow = new CelError('unsigned integer overflow')
const timestampOverflow = new CelError('timestamp overflow')
const divisionByZero = new CelError('division by zero')
const modulusByZero = new CelError('modulus by zero')
const nanUnordered = new CelError('NaN values cannot be ordered')

const minInt = -(2n ** 63n)
const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n
const nanosPerSecond = 1_000_000_000n
const minSeconds = -62135596800n
const maxSeconds = 253402300799n

export const checkedInt = (value: bigint): bigint | CelError => (value >= minInt && value <= maxInt ? value : intOverflow)
export const checkedUint = (value: bigint): Uint | CelError => (value >= 0n && value <= maxUint ? new Uint(value) : uintOverflow)
const checkedDuration = (nanos: bigint): Duration | CelError => (nanos >= minInt && nanos <= maxInt ? new Duration(nanos) : intOverflow)

export function checkedTimestamp(nanos: bigint, offset: number): Timestamp | CelError {
  const seconds = floorDivide(nanos, nanosPerSecond)
  return seconds < minSeconds || seconds > maxSeconds ? timestampOverflow : new Timestamp(nanos, offset)
}

/** Division that rounds down. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient
}

/** `a == b`: a bool, or an error where upstream has no overload for the pair. */
export function equal(a: CelValue, b: CelValue): boolean | CelError {
  if (a === b) return typeof a === 'number' ? !Number.isNaN(a) : true
  if (a === null || b === null) return false
  switch (typeof a) {
    case 'string':
    case 'boolean':
      return false
    case 'bigint':
    case 'number':
      return isNumeric(b) && compareNumbers(a, b) === 0
    default:
      return equalObjects(a, b)
  }
}

function equalObjects(a: Exclude<CelValue, null | boolean | bigint | number | string>, b: CelValue): boolean | CelError {
  if (a instanceof CelList) return b instanceof CelList ? equalLists(a, b) : a.unequal(b)
  if (a instanceof CelMap) return b instanceof CelMap ? equalMaps(a, b) : a.unequal(b)
  if (a instanceof Uint) return isNumeric(b) && compareNumbers(a, b) === 0
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof Bytes) return b instanceof Bytes && Buffer.compare(a.bytes, b.bytes) === 0
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (a instanceof Optional) return equalOptionals(a, b)
  if (a instanceof CelObject) return a.equals(b)
  return a
}

function equalOptionals(a: Optional, b: CelValue): boolean | CelError {
  if (!(b instanceof Optional)) return false
  if (a.value === undefined || b.value === undefined) return a.value === b.value
  return equal(a.value, b.value)
}

function equalLists(a: CelList, b: CelList): boolean | CelError {
  if (a.equals) return a.equals(b)
  if (a.size !== b.size) return false
  for (let at = 0; at < a.size; at++) {
    const same = equal(a.get(at), b.get(at))
    if (same !== true) return same
  }
  return true
}

function equalMaps(a: CelMap, b: CelMap): boolean | CelError {
  if (a.equals) return a.equals(b)
  if (a.size !== b.size) return false
  for (const key of a.keys()) {
    const other = b.find(key)
    if (other === undefined) return false
    const same = equal(a.find(key) as CelValue, other)
    if (same !== true) return same
  }
  return true
}

type Numeric = bigint | number | Uint
const isNumeric = (value: CelValue): value is Numeric => typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

const sign = (difference: number): number => (difference < 0 ? -1 : difference > 0 ? 1 : 0)

/** -1, 0 or 1; NaN where one of them is not a number. */
function compareNumbers(a: Numeric, b: Numeric): number {
  const left = a instanceof Uint ? a.value : a
  const right = b instanceof Uint ? b.value : b
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0
  const x = Number(left)
  const y = Number(right)
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  return x < y ? -1 : x > y ? 1 : 0
}

/** Order of two values: -1, 0, 1 or an error. */
export function compare(a: CelValue, b: CelValue): number | CelError {
  if (isNumeric(a)) {
    if (!isNumeric(b)) return noSuchOverload
    const order = compareNumbers(a, b)
    return Number.isNaN(order) ? nanUnordered : order
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : noSuchOverload
  if (typeof a === 'boolean') return typeof b === 'boolean' ? sign(Number(a) - Number(b)) : noSuchOverload
  if (a instanceof Bytes) return b instanceof Bytes ? Buffer.compare(a.bytes, b.bytes) : noSuchOverload
  if (a instanceof Timestamp) return b instanceof Timestamp ? compareNumbers(a.nanos, b.nanos) : noSuchOverload
  if (a instanceof Duration) return b instanceof Duration ? compareNumbers(a.nanos, b.nanos) : noSuchOverload
  return noSuchOverload
}

/** Strings are ordered by their UTF-8 bytes, which is the order of code points. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at)
    const y = b.charCodeAt(at)
    if (x === y) continue
    // Surrogates stand for points above all other units.
    const high = (unit: number) => unit >= 0xd800 && unit < 0xe000
    if (high(x) !== high(y)) return high(x) ? 1 : -1
    return x < y ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

export function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'string') return typeof b === 'string' ? a + b : noSuchOverload
  if (typeof a === 'bigint') return typeof b === 'bigint' ? checkedInt(a + b) : noSuchOverload
  if (typeof a === 'number') return typeof b === 'number' ? a + b : noSuchOverload
  if (a instanceof CelList) return b instanceof CelList ? a.concat(b) : noSuchOverload
  if (a instanceof Uint) return b instanceof Uint ? checkedUint(a.value + b.value) : noSuchOverload
  if (a instanceof Bytes) return b instanceof Bytes ? new Bytes(Buffer.concat([a.bytes, b.bytes])) : noSuchOverload
  if (a instanceof Timestamp) return b instanceof Duration ? checkedTimestamp(a.nanos + b.nanos, a.offset) : noSuchOverload
  if (a instanceof Duration) {
    if (b instanceof Duration) return checkedDuration(a.nanos + b.nanos)
    return b instanceof Timestamp ? checkedTimestamp(a.nanos + b.nanos, b.offset) : noSuchOverload
  }
  return noSuchOverload
}

export function subtract(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? checkedInt(a - b) : noSuchOverload
  if (typeof a === 'number') return typeof b === 'number' ? a - b : noSuchOverload
  if (a instanceof Uint) return b instanceof Uint ? checkedUint(a.value - b.value) : noSuchOverload
  if (a instanceof Duration) return b instanceof Duration ? checkedDuration(a.nanos - b.nanos) : noSuchOverload
  if (a instanceof Timestamp) {
    if (b instanceof Duration) return checkedTimestamp(a.nanos - b.nanos, a.offset)
    return b instanceof Timestamp ? checkedDuration(a.nanos - b.nanos) : noSuchOverload
  }
  return noSuchOverload
}

export function multiply(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? checkedInt(a * b) : noSuchOverload
  if (typeof a === 'number') return typeof b === 'number' ? a * b : noSuchOverload
  if (a instanceof Uint) return b instanceof Uint ? checkedUint(a.value * b.value) : noSuchOverload
  return noSuchOverload
}

export function divide(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number') return typeof b === 'number' ? a / b : noSuchOverload
  if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? divisionByZero : checkedInt(a / b)
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? divisionByZero : new Uint(a.value / b.value)
  return noSuchOverload
}

export function modulo(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return modulusByZero
    return a === minInt && b === -1n ? intOverflow : a % b
  }
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? modulusByZero : new Uint(a.value % b.value)
  return noSuchOverload
}

export function negate(a: CelValue): CelValue {
  if (typeof a === 'bigint') return checkedInt(-a)
  if (typeof a === 'number') return -a
  return a instanceof Duration ? checkedDuration(-a.nanos) : noSuchOverload
}

/** `value in container`: whether a list holds a value, or a map has a key. */
export function contains(container: CelValue, value: CelValue): CelValue {
  if (container instanceof CelMap) {
    const found = container.find(value)
    return found instanceof CelError ? found : found !== undefined
  }
  if (!(container instanceof CelList)) return noSuchOverload
  return container.contains?.(value) ?? elementsOf(container).some((element) => equal(element, value) === true)
}
