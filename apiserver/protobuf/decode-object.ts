/**
 * Objects in Kubernetes' protobuf form, read along the field tree into the plain values that JSON would have given (pure; upstream:
 * runtime/serializer/protobuf). Each message is compiled once into a table of readers by field number. Zeros of Go values become absent
 * fields, as `omitempty` makes them in JSON; unknown fields are passed over and counted.
 */
import type { z } from 'zod'
import type { Choice } from '#api/fields.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'
import { type Group, groupOf } from './field-groups.ts'
import { MalformedProtobuf } from './wire.ts'
import { DELIMITED, FIXED64, VARINT, WireReader } from './wire-reader.ts'

type Plain = Record<string, unknown>

export interface Envelope {
  /** Empty where the body does not say. */
  apiVersion: string
  kind: string
  message: Buffer
}

/** Bytes that hold no envelope: nothing is known about the object in them. */
export class MalformedEnvelope extends MalformedProtobuf {}

const magic = Buffer.from('k8s\0')
/** As deep as JSON may be. */
const maxDepth = 1000

/** Reads the value of one field into an object. */
type Take = (reader: WireReader, into: Plain, depth: number) => void

interface Taker {
  wireType: number
  /** Go's name of the field, for errors. */
  name: string
  take: Take
}

interface Table {
  owner: string
  takers: ReadonlyMap<number, Taker>
}

/** The object in an envelope, without apiVersion and kind, and how many of its fields nobody knew. Throws MalformedProtobuf. */
export function decodeMessage(message: Buffer, schema: z.ZodType): { object: Plain; unknownFields: number } {
  const object: Plain = {}
  const reader = new WireReader(message)
  readMessage(reader, tableOf(treeOf(schema)), object, 0)
  return { object, unknownFields: reader.unknown }
}

/** Throws MalformedEnvelope. */
export function openEnvelope(body: Buffer): Envelope {
  if (body.length === 0) throw new MalformedEnvelope('empty data')
  if (!body.subarray(0, magic.length).equals(magic))
    throw new MalformedEnvelope(`provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`)
  if (body.length === magic.length) throw new MalformedEnvelope('empty body')
  const found: Envelope = { apiVersion: '', kind: '', message: Buffer.alloc(0) }
  try {
    const reader = new WireReader(body.subarray(magic.length))
    eachField(reader, 'Unknown', (number, type) => {
      if (number === 1 && type === DELIMITED) inside(reader, () => typeMeta(reader, found))
      else if (number === 2 && type === DELIMITED) {
        const end = reader.span()
        found.message = reader.bytes.subarray(reader.at, end)
        reader.at = end
      } else reader.skip(type, 'Unknown')
    })
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw new MalformedEnvelope(error.message)
    throw error
  }
  return found
}

function typeMeta(reader: WireReader, found: Envelope): void {
  eachField(reader, 'TypeMeta', (number, type) => {
    if (number === 1 && type === DELIMITED) found.apiVersion = reader.text()
    else if (number === 2 && type === DELIMITED) found.kind = reader.text()
    else reader.skip(type, 'TypeMeta')
  })
}

/** Calls `take` for each field up to the reader's end. */
function eachField(reader: WireReader, owner: string, take: (number: number, type: number) => void): void {
  while (reader.at < reader.end) {
    const tag = reader.varint()
    const number = Math.floor(tag / 8)
    if (number <= 0 || number > 0x1fffffff) throw new MalformedProtobuf(`proto: ${owner}: illegal tag ${number} (wire type ${tag % 8})`)
    take(number, tag % 8)
  }
}

/** Runs `read` with the reader bound to the bytes whose length comes next. */
function inside(reader: WireReader, read: () => void): void {
  const end = reader.span()
  const outer = reader.end
  reader.end = end
  read()
  reader.end = outer
}

function readMessage(reader: WireReader, table: Table, into: Plain, depth: number): void {
  if (depth > maxDepth) throw new MalformedProtobuf('exceeded max depth')
  const { takers, owner } = table
  eachField(reader, owner, (number, type) => {
    const taker = takers.get(number)
    if (taker === undefined) reader.skip(type, owner)
    else if (type === taker.wireType) taker.take(reader, into, depth)
    else if (type === DELIMITED && taker.wireType === VARINT && packed.has(taker)) inside(reader, () => readPacked(reader, taker, into))
    else throw new MalformedProtobuf(`proto: wrong wireType = ${type} for field ${taker.name}`)
  })
}

/** Repeated numbers, which others may write one behind the other. */
const packed = new WeakSet<Taker>()

function readPacked(reader: WireReader, taker: Taker, into: Plain): void {
  while (reader.at < reader.end) taker.take(reader, into, 0)
}

const tables = new WeakMap<MessageNode, Table>()

function tableOf(node: MessageNode): Table {
  const known = tables.get(node)
  if (known) return known
  const made = { owner: node.goName, takers: new Map<number, Taker>() }
  // Known before its fields are compiled: a message may hold itself.
  tables.set(node, made)
  for (const [number, field] of groupOf(node.fields)) made.takers.set(number, takerOf(field, node))
  return made
}

function takerOf(field: FieldNode | Group, node: MessageNode): Taker {
  const owner = node.goName
  if (field instanceof Map) {
    const table: Table = { owner, takers: new Map([...field].map(([number, inner]) => [number, takerOf(inner, node)])) }
    return {
      wireType: DELIMITED,
      name: owner,
      take: (reader, into, depth) => inside(reader, () => readMessage(reader, table, into, depth + 1)),
    }
  }
  const name = goNameOf(field)
  if (field.wrapper !== undefined) {
    const inner = takerOf({ ...field, wrapper: undefined }, node)
    const table: Table = { owner: name, takers: new Map([[field.number, inner]]) }
    return { wireType: DELIMITED, name, take: (reader, into, depth) => inside(reader, () => readMessage(reader, table, into, depth + 1)) }
  }
  if (field.shape === 'list') return listTaker(field, name, node)
  if (field.shape === 'map') return { wireType: DELIMITED, name, take: mapTake(field, name, node) }
  return { wireType: wireTypeOf(field), name, take: valueTake(field, node) }
}

function goNameOf(field: FieldNode): string {
  if (field.name === 'metadata' && field.message) return field.message.goName
  return field.name === 'uid' || field.name === 'id' ? field.name.toUpperCase() : field.name.charAt(0).toUpperCase() + field.name.slice(1)
}

function wireTypeOf(field: FieldNode): number {
  if (field.scalar === 'int32' || field.scalar === 'int64' || field.scalar === 'bool') return VARINT
  return field.scalar === 'double' ? FIXED64 : DELIMITED
}

/** Reads one value; `before` is what an earlier occurrence of the field left: messages are merged. */
type Read = (reader: WireReader, depth: number, before: unknown) => unknown

function valueTake(field: FieldNode, node: MessageNode): Take {
  const { name } = field
  const read = readerOf(field, node)
  const keepsZero = field.pointer || field.json === 'always' || field.scalar === 'raw' || field.scalar === 'json'
  return (reader, into, depth) => {
    const value = read(reader, depth, into[name])
    if (value === undefined || (!keepsZero && isZero(value))) delete into[name]
    else into[name] = value
  }
}

/** What JSON leaves out of a Go value. Messages are zero where nothing is in them. */
function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0 && !('rawJSON' in value)
}

function listTaker(field: FieldNode, name: string, node: MessageNode): Taker {
  const read = readerOf(field, node)
  const wireType = wireTypeOf(field)
  const take: Take = (reader, into, depth) => {
    let list = into[field.name] as unknown[] | undefined
    if (list === undefined) {
      list = []
      into[field.name] = list
    }
    reader.element()
    list.push(read(reader, depth, undefined) ?? null)
  }
  const taker = { wireType, name, take }
  if (wireType === VARINT) packed.add(taker)
  return taker
}

function mapTake(field: FieldNode, name: string, node: MessageNode): Take {
  const read = readerOf(field, node)
  const wireType = wireTypeOf(field)
  const zero = (): unknown => (field.message ? {} : (zeroes.get(field.scalar) ?? null))
  return (reader, into, depth) => {
    const map = (into[field.name] as Plain | undefined) ?? {}
    into[field.name] = map
    let key = ''
    let value: unknown
    reader.element()
    inside(reader, () =>
      eachField(reader, name, (number, type) => {
        if (number === 1 && type === DELIMITED) key = reader.text()
        else if (number === 2 && type === wireType) value = read(reader, depth, undefined)
        else if (number <= 2) throw new MalformedProtobuf('unexpected EOF')
        else reader.skip(type, name)
      }),
    )
    // `map[key] = …` would reach the setter of Object.prototype where the key is __proto__.
    Object.defineProperty(map, key, { value: value ?? zero(), enumerable: true, configurable: true, writable: true })
  }
}

/** Of map values that are not there; null for the rest. */
const zeroes: ReadonlyMap<FieldNode['scalar'], unknown> = new Map<FieldNode['scalar'], unknown>([
  ['string', ''],
  ['bytes', ''],
  ['bool', false],
  ['int32', 0],
  ['int64', 0],
  ['double', 0],
  ['quantity', '0'],
])

const scalars: Readonly<Record<Exclude<FieldNode['scalar'], 'message' | 'nested'>, Read>> = {
  string: (reader) => reader.text(),
  int32: (reader) => reader.int32(),
  int64: (reader) => reader.int64(),
  bool: (reader) => reader.bool(),
  double: (reader) => reader.double(),
  bytes: (reader) => reader.base64(),
  quantity: (reader) => textOf(reader, 'Quantity') ?? '0',
  time: (reader) => timeOf(reader, false),
  microTime: (reader) => timeOf(reader, true),
  duration: (reader) => durationText(numbersOf(reader, 'Duration')[1] ?? 0),
  intOrString: (reader) => {
    const { 1: type = 0, 2: number = 0, 3: text = '' } = numbersOf(reader, 'IntOrString')
    return type === 1 ? text : number
  },
  raw: rawOf,
  json: rawOf,
}

function readerOf(field: FieldNode, owner: MessageNode): Read {
  if (field.choice) return choiceReader(field.choice, owner)
  if (field.message) {
    const node = field.message
    return (reader, depth, before) => {
      const object = (before as Plain | undefined) ?? {}
      inside(reader, () => readMessage(reader, tableOf(node), object, depth + 1))
      return object
    }
  }
  if (field.scalar === 'nested') {
    const inner = takerOf({ ...(field.nested as FieldNode), name: 'items' }, owner)
    const table: Table = { owner: 'Items', takers: new Map([[(field.nested as FieldNode).number, inner]]) }
    return (reader, depth) => {
      const holder: Plain = {}
      inside(reader, () => readMessage(reader, table, holder, depth + 1))
      return holder['items'] ?? null
    }
  }
  return scalars[field.scalar as keyof typeof scalars]
}

function choiceReader(choice: Choice, owner: MessageNode): Read {
  const message = (reader: WireReader, depth: number): Plain => {
    const object: Plain = {}
    inside(reader, () => readMessage(reader, tableOf(owner), object, depth + 1))
    return object
  }
  return (reader, depth) => {
    let value: unknown
    const list: unknown[] = []
    inside(reader, () =>
      eachField(reader, owner.goName, (number, type) => {
        if (number === choice.bool && type === VARINT) value ??= reader.bool()
        else if (number === choice.object && type === DELIMITED) value = message(reader, depth)
        else if (number === choice.list && type === DELIMITED) list.push(message(reader, depth))
        else if (number === choice.strings && type === DELIMITED) list.push(reader.text())
        else reader.skip(type, owner.goName)
      }),
    )
    return value === undefined ? list : value
  }
}

/** The small messages of scalars: numbers and texts by field number. */
function numbersOf(reader: WireReader, owner: string): { 1?: number; 2?: number; 3?: string } {
  const found: { 1?: number; 2?: number; 3?: string } = {}
  inside(reader, () =>
    eachField(reader, owner, (number, type) => {
      if ((number === 1 || number === 2) && type === VARINT) found[number] = Number(JSON.stringify(reader.int64()))
      else if (number === 3 && type === DELIMITED) found[3] = reader.text()
      else reader.skip(type, owner)
    }),
  )
  return found
}

/** Field 1 of a message that holds nothing else. */
function textOf(reader: WireReader, owner: string): string | undefined {
  let text: string | undefined
  inside(reader, () =>
    eachField(reader, owner, (number, type) => {
      if (number === 1 && type === DELIMITED) text = reader.text()
      else reader.skip(type, owner)
    }),
  )
  return text
}

function timeOf(reader: WireReader, micro: boolean): string | undefined {
  const { 1: seconds, 2: nanos = 0 } = numbersOf(reader, 'Timestamp')
  if (seconds === undefined) return undefined
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999)
    throw new MalformedProtobuf('year outside of range [0,9999]')
  const whole = date.toISOString().slice(0, 19)
  return micro ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`
}

const durationText = (nanos: number): string => (nanos % 1e9 === 0 ? `${nanos / 1e9}s` : `${nanos}ns`)

function rawOf(reader: WireReader): unknown {
  const json = textOf(reader, 'RawExtension')
  if (json === undefined || json === '') return undefined
  try {
    return JSON.parse(json)
  } catch {
    throw new MalformedProtobuf('a raw extension does not hold JSON')
  }
}
