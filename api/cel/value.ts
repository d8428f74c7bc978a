/**
 * Values of CEL at run time. Ints are bigint, doubles number, strings, bools and null themselves; everything else is a class below.
 * An error is a value too (`CelError`), for `&&`, `||` and comprehensions may absorb it.
 */
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  errorType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from './type.ts'

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint
  | Bytes
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | CelList
  | CelMap
  | CelObject
  | CelError

/** A failed evaluation, with upstream's text. */
export class CelError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

export const noSuchOverload = new CelError('no such overload')

export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

export class Bytes {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** Nanoseconds since 1970, and the offset from UTC (seconds) it was written with. */
export class Timestamp {
  readonly nanos: bigint
  readonly offset: number
  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos
    this.offset = offset
  }
}

export class Duration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** A type as a value: what `type(x)` answers. Only the name counts. */
export class TypeValue {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

export class Optional {
  readonly value: CelValue | undefined
  constructor(value: CelValue | undefined) {
    this.value = value
  }
}
export const optionalNone = new Optional(undefined)

/** A list; `get` is only called with an index within bounds. Element access may answer an error. */
export abstract class CelList {
  abstract readonly size: number
  abstract get(index: number): CelValue
  /** `this + other`. */
  abstract concat(other: CelList): CelValue
  /** The JSON value behind an element, where there is one: what set and map lists compare by. */
  abstract raw(index: number): unknown
  /** Equality that knows more than element by element (sets, map lists). */
  equals?(other: CelList): boolean | CelError
  /** Membership that knows more than element by element. */
  contains?(value: CelValue): CelValue
  /** What equality with something that is no list answers. */
  unequal(_other: CelValue): boolean | CelError {
    return false
  }
}

export abstract class CelMap {
  abstract readonly size: number
  abstract keys(): readonly CelValue[]
  /** The value at a key; undefined where there is none. A key of a wrong type may answer an error. */
  abstract find(key: CelValue): CelValue | undefined
  equals?(other: CelMap): boolean | CelError
  unequal(_other: CelValue): boolean | CelError {
    return false
  }
}

/** Values of libraries: quantities, addresses, and so on. */
export abstract class CelObject {
  abstract readonly type: CelType
  abstract equals(other: CelValue): boolean | CelError
  /** What `string()` and error texts show. */
  abstract toString(): string
  /** Size for costs; 1 where it has none. */
  costSize(): number {
    return 1
  }
}

export class ArrayList extends CelList {
  readonly items: readonly CelValue[]
  constructor(items: readonly CelValue[]) {
    super()
    this.items = items
  }
  get size(): number {
    return this.items.length
  }
  get(index: number): CelValue {
    return this.items[index] as CelValue
  }
  raw(index: number): unknown {
    return rawOf(this.items[index] as CelValue)
  }
  concat(other: CelList): CelValue {
    return new ArrayList([...this.items, ...elementsOf(other)])
  }
}

/** The accumulator of a comprehension: `concat` adds in place, since nobody else can hold it. */
export class GrowingList extends ArrayList {
  readonly growing: CelValue[]
  constructor() {
    const items: CelValue[] = []
    super(items)
    this.growing = items
  }
  override concat(other: CelList): CelValue {
    for (let at = 0; at < other.size; at++) this.growing.push(other.get(at))
    return this
  }
}

export class HashMap extends CelMap {
  readonly entries: Map<string, readonly [CelValue, CelValue]>
  constructor(entries: Map<string, readonly [CelValue, CelValue]> = new Map()) {
    super()
    this.entries = entries
  }
  get size(): number {
    return this.entries.size
  }
  keys(): readonly CelValue[] {
    return [...this.entries.values()].map(([key]) => key)
  }
  /** Whole numbers of another type find ints and uints, but not doubles. */
  find(key: CelValue): CelValue | undefined {
    const known = this.entries.get(mapKey(key) ?? '')
    if (known) return known[1]
    const whole = key instanceof Uint ? key.value : typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key
    if (typeof whole !== 'bigint') return undefined
    return (this.entries.get(`i${whole}`) ?? this.entries.get(`u${whole}`))?.[1]
  }
}

/** The key of a map entry; undefined for values that are no keys in CEL. */
export function mapKey(key: CelValue): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`
    case 'bigint':
      return `i${key}`
    case 'boolean':
      return `b${key}`
    case 'number':
      return `d${key}`
    default:
      if (key === null) return 'null'
      return key instanceof Uint ? `u${key.value}` : undefined
  }
}

/** Scalars that are equal have one hash: `1`, `1u` and `1.0` are one. Undefined for all other values. */
export function hashKey(key: CelValue): string | undefined {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'bigint') return `n${key}`
  if (typeof key === 'boolean') return `b${key}`
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`
  if (key instanceof Uint) return `n${key.value}`
  return undefined
}

export function elementsOf(list: CelList): CelValue[] {
  const elements: CelValue[] = new Array(list.size)
  for (let at = 0; at < list.size; at++) elements[at] = list.get(at)
  return elements
}

/** The JSON value that a value stands for, as far as it is one. */
export function rawOf(value: CelValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  return value
}

const bareList = listType(dynType)
const bareMap = mapType(dynType, dynType)
const bareOptional = opaqueType('optional_type', dynType)

/** The run-time type of a value. */
export function typeOfValue(value: CelValue): CelType {
  switch (typeof value) {
    case 'string':
      return stringType
    case 'bigint':
      return intType
    case 'boolean':
      return boolType
    case 'number':
      return doubleType
    default:
      return value === null ? nullType : typeOfInstance(value)
  }
}

function typeOfInstance(value: Exclude<CelValue, null | boolean | bigint | number | string>): CelType {
  if (value instanceof CelList) return bareList
  if (value instanceof CelMap) return bareMap
  if (value instanceof CelObject) return value.type
  if (value instanceof Optional) return bareOptional
  if (value instanceof Uint) return uintType
  if (value instanceof Bytes) return bytesType
  if (value instanceof Timestamp) return timestampType
  if (value instanceof Duration) return durationType
  return value instanceof TypeValue ? typeType : errorType
}
