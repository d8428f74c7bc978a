/**
 * JSON data as CEL values, read through its schema and only as far as an expression looks (apiserver, pkg/cel/common/valuesunstructured.go).
 * Data that does not fit its schema becomes an error value, so that a rule that looks at it fails.
 */
import { isWrittenNumber, numberText } from '#api/json-scan.ts'
import { sameJson } from '#api/own.ts'
import { type CelSchema, isSchema, itemsOf, withTypeAndObjectMeta } from './decl-type.ts'
import { escapeName, unescapeName } from './escaping.ts'
import { parseDate, parseDateTime, parseLooseDuration } from './instant.ts'
import { equal } from './operations.ts'
import { type CelType, opaqueType } from './type.ts'
import { Bytes, CelError, CelList, CelMap, CelObject, type CelValue, elementsOf, noSuchOverload, rawOf } from './value.ts'

type Reader = (value: unknown) => CelValue
type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isWrittenNumber(value)

const readers = new WeakMap<CelSchema, Reader>()

/** The value of data under its schema. */
export function schemaValue(value: unknown, schema: CelSchema): CelValue {
  return readerOf(schema)(value)
}

function readerOf(schema: CelSchema): Reader {
  const known = readers.get(schema)
  if (known) return known
  const read = typedReader(schema)
  const nothing = schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false')
  const reader: Reader = (value) => (value === null || value === undefined ? nothing : read(value))
  readers.set(schema, reader)
  return reader
}

function typedReader(schema: CelSchema): Reader {
  if (schema['x-kubernetes-int-or-string']) return readIntOrString
  switch (schema.type) {
    case 'object':
      return objectReader(schema)
    case 'array':
      return arrayReader(schema)
    case 'string':
      return stringReaders[schema.format ?? ''] ?? readString
    case 'number':
      return (value) => readNumber(value)
    case 'integer':
      return readInteger
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : unexpected('bool', value))
    default:
      return untypedReader(schema)
  }
}

function untypedReader(schema: CelSchema): Reader {
  if (schema['x-kubernetes-preserve-unknown-fields']) return (value) => new UnknownValue(value)
  const expected = 'expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string'
  const error = new CelError(`invalid type, ${expected} or x-kubernetes-preserve-unknown-fields is true, got ${schema.type ?? ''}`)
  return () => error
}

/** Go's name of a JSON value's type. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      if (isWrittenNumber(value)) return integerOf(value) === undefined ? 'float64' : 'int64'
      return 'map[string]interface {}'
  }
}

const unexpected = (expected: string, value: unknown): CelError => new CelError(`invalid data, expected ${expected}, got ${goType(value)}`)

function readNumber(value: unknown): CelValue {
  if (typeof value === 'number') return value
  return isWrittenNumber(value) ? Number(numberText(value)) : unexpected('float', value)
}

/** Integers beyond 2^53 keep their text (json-scan.ts); what does not fit 64 bits is a float to upstream. */
function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  const text = isWrittenNumber(value) ? numberText(value) : ''
  const integer = /^-?[0-9]+$/.test(text) ? BigInt(text) : undefined
  return integer === undefined || integer !== BigInt.asIntN(64, integer) ? undefined : integer
}

const readInteger = (value: unknown): CelValue => integerOf(value) ?? unexpected('int', value)

function readIntOrString(value: unknown): CelValue {
  if (typeof value === 'string') return value
  return integerOf(value) ?? new CelError('invalid data, expected XIntOrString value to be either a string or integer')
}

const readString: Reader = (value) => (typeof value === 'string' ? value : unexpected('string', value))

/** A reader of text in a format; `describe` begins the complaint about text that is not in it. */
const formatted =
  (parse: (text: string) => CelValue | undefined, describe: (text: string) => string): Reader =>
  (value) => {
    if (typeof value !== 'string') return unexpected('string', value)
    return parse(value) ?? new CelError(describe(value))
  }

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const stringReaders: Readonly<Record<string, Reader>> = {
  duration: formatted(parseLooseDuration, (text) => `Invalid duration ${text}: unable to parse ${text} as duration`),
  date: formatted(parseDate, (text) => `Invalid date formatted string ${text}: cannot parse`),
  'date-time': formatted(parseDateTime, (text) => `Invalid date-time formatted string ${text}: cannot parse`),
  byte: formatted(
    (text) => (base64.test(text) ? new Bytes(Buffer.from(text, 'base64')) : undefined),
    (text) => `Invalid byte formatted string ${text}: illegal base64 data`,
  ),
}

function objectReader(schema: CelSchema): Reader {
  const seen = schema['x-kubernetes-embedded-resource'] ? withTypeAndObjectMeta(schema) : schema
  const shape = new ObjectShape(seen)
  const wrong = new CelError('invalid data, expected a map for the provided schema with type=object')
  return (value) => (isObject(value) ? new SchemaMap(value, shape) : wrong)
}

/** What an object's schema says of its members. */
class ObjectShape {
  /** Members are properties, under CEL names; otherwise they are entries of a map. */
  readonly isObject: boolean
  readonly #properties: Map<string, CelSchema>
  readonly #others: CelSchema | undefined
  readonly #names = new Map<string, string | undefined>()

  constructor(schema: CelSchema) {
    this.isObject = schema.properties !== undefined
    this.#properties = new Map(Object.entries(schema.properties ?? {}))
    const others = schema.additionalProperties
    this.#others = !this.isObject && isSchema(others) ? others : undefined
  }

  reader(name: string): Reader | undefined {
    const schema = this.#properties.get(name) ?? this.#others
    return schema && readerOf(schema)
  }

  /** The member that a CEL name means. */
  memberName(key: string): string | undefined {
    if (!this.isObject) return key
    if (!this.#properties.has(key) || key.includes('__')) return this.#unescaped(key)
    return key
  }

  #unescaped(key: string): string | undefined {
    if (!key.includes('__')) return key
    if (!this.#names.has(key) && this.#names.size < 1000) this.#names.set(key, unescapeName(key))
    return this.#names.get(key)
  }
}

class SchemaMap extends CelMap {
  readonly json: JsonObject
  readonly #shape: ObjectShape

  constructor(json: JsonObject, shape: ObjectShape) {
    super()
    this.json = json
    this.#shape = shape
  }

  get size(): number {
    return Object.keys(this.json).length
  }

  keys(): readonly CelValue[] {
    const known = Object.keys(this.json).filter((name) => this.#shape.reader(name) !== undefined)
    return this.#shape.isObject ? known.map((name) => escapeName(name) ?? name) : known
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return key instanceof CelError ? key : noSuchOverload
    const name = this.#shape.memberName(key)
    if (name === undefined || !Object.hasOwn(this.json, name)) return undefined
    const value = this.json[name]
    if (this.#shape.isObject && value === null) return undefined
    return this.#shape.reader(name)?.(value)
  }

  override equals(other: CelMap): boolean | CelError {
    if (this.size !== other.size) return false
    for (const [name, value] of Object.entries(this.json)) {
      const same = this.#shape.reader(name) ? this.#equalMember(name, other) : equalUnknown(name, value, other)
      if (same !== true) return same
    }
    return true
  }

  override unequal(other: CelValue): CelError {
    return other instanceof CelError ? other : noSuchOverload
  }

  #equalMember(name: string, other: CelMap): boolean | CelError {
    const mine = this.find(name)
    const theirs = other.find(name)
    if (mine === undefined || theirs === undefined) return mine === theirs
    return equal(mine, theirs)
  }
}

/** A member without a schema is compared as data; one that is missing on the other side does not count, as upstream has it. */
function equalUnknown(name: string, value: unknown, other: CelMap): boolean | CelError {
  if (!(other instanceof SchemaMap)) return noSuchOverload
  return !Object.hasOwn(other.json, name) || sameJson(value, other.json[name])
}

function arrayReader(schema: CelSchema): Reader {
  const items = itemsOf(schema)
  const wrong = new CelError('invalid data, expected an array for the provided schema with type=array')
  if (!items) return (value) => (Array.isArray(value) ? new CelError('invalid array type, expected Items with a non-empty Schema') : wrong)
  const make = listMaker(schema, readerOf(items))
  return (value) => (Array.isArray(value) ? make(value) : wrong)
}

function listMaker(schema: CelSchema, read: Reader): (values: readonly unknown[]) => CelValue {
  const kind = schema['x-kubernetes-list-type']
  switch (kind) {
    case undefined:
    case '':
    case 'atomic':
      return (values) => new SchemaList(values, read)
    case 'set':
      return (values) => new KeyedList(values, read, scalarKey)
    case 'map': {
      const names = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => escapeName(name) ?? name)
      return (values) => new KeyedList(values, read, (item) => mapKey(item, names))
    }
    default: {
      const error = new CelError(`invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got ${kind}`)
      return () => error
    }
  }
}

const scalarKey = (value: unknown): string => `${typeof value}:${String(value)}`

function mapKey(item: unknown, names: readonly string[]): string {
  const members = (item instanceof SchemaMap ? item.json : item) as JsonObject
  return names.map((name) => scalarKey(Object.hasOwn(members, name) ? members[name] : undefined)).join('\0')
}

class SchemaList extends CelList {
  readonly values: readonly unknown[]
  protected readonly read: Reader

  constructor(values: readonly unknown[], read: Reader) {
    super()
    this.values = values
    this.read = read
  }

  get size(): number {
    return this.values.length
  }

  get(index: number): CelValue {
    return this.read(this.values[index])
  }

  raw(index: number): unknown {
    return this.values[index]
  }

  concat(other: CelList): CelValue {
    return new SchemaList([...this.values, ...rawElements(other)], this.read)
  }

  override contains(value: CelValue): CelValue {
    let failed: CelError | undefined
    for (const element of elementsOf(this)) {
      const same = equal(element, value)
      if (same === true) return true
      if (same !== false) failed ??= same
    }
    return failed ?? false
  }

  override unequal(other: CelValue): CelError {
    return other instanceof CelError ? other : noSuchOverload
  }
}

/** A set, or a list whose items are told apart by keys: order does not count, and adding replaces. */
class KeyedList extends SchemaList {
  readonly #key: (item: unknown) => string
  #byKey: Map<string, unknown> | undefined

  constructor(values: readonly unknown[], read: Reader, key: (item: unknown) => string) {
    super(values, read)
    this.#key = key
  }

  get #items(): ReadonlyMap<string, unknown> {
    this.#byKey ??= new Map(this.values.map((value) => [this.#key(value), value]))
    return this.#byKey
  }

  override concat(other: CelList): CelValue {
    const merged = new Map(this.#items)
    const isSet = this.#key === scalarKey
    for (const item of rawElements(other)) {
      const key = this.#key(item)
      if (!isSet || !merged.has(key)) merged.set(key, item)
    }
    return new KeyedList([...merged.values()], this.read, this.#key)
  }

  override equals(other: CelList): boolean | CelError {
    if (this.size !== other.size) return false
    for (const [at, item] of rawElements(other).entries()) {
      const key = this.#key(item)
      if (!this.#items.has(key)) return false
      if (this.#key === scalarKey) continue
      const same = equal(this.read(this.#items.get(key)), other.get(at))
      if (same !== true) return same
    }
    return true
  }
}

const rawElements = (list: CelList): unknown[] => Array.from({ length: list.size }, (_, at) => list.raw(at))

const unknownType = opaqueType('unknown')

/** Data that was kept without a schema: it can only be compared. */
class UnknownValue extends CelObject {
  readonly type: CelType = unknownType
  readonly json: unknown
  constructor(json: unknown) {
    super()
    this.json = json
  }
  equals(other: CelValue): boolean {
    return sameJson(this.json, other instanceof UnknownValue ? other.json : rawOf(other))
  }
  toString(): string {
    return JSON.stringify(this.json)
  }
}
