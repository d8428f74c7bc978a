/**
 * Request bodies in Kubernetes' protobuf form, read along the field tree into the plain values that JSON would have given (upstream:
 * runtime/serializer/protobuf). Answers stay JSON: every client that sends this takes that too.
 */
import type { z } from 'zod'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'
import { fieldsOf, MalformedProtobuf, signed, varintsOf, type WireField } from './wire.ts'

type Plain = Record<string, unknown>

const magic = Buffer.from('k8s\0')
const maxDepth = 100

/** Fields of a message by number; messages that JSON has inline stand as a table of their own. */
type Table = Map<number, FieldNode | Table>

const tables = new WeakMap<MessageNode, Table>()

function tableOf(node: MessageNode): Table {
  const known = tables.get(node)
  if (known) return known
  const table: Table = new Map()
  for (const field of node.fields) {
    if (field.number === 0) continue
    let at = table
    for (const number of field.inlinedIn) {
      const next = at.get(number)
      const inner: Table = next instanceof Map ? next : new Map()
      at.set(number, inner)
      at = inner
    }
    at.set(field.number, field)
  }
  tables.set(node, table)
  return table
}

/** The object with its apiVersion and kind, not yet checked. Throws MalformedProtobuf. */
export function decodeProtobuf(body: Buffer, schema: z.ZodType): Plain {
  if (!body.subarray(0, magic.length).equals(magic))
    throw new MalformedProtobuf('provided data does not appear to be a protobuf message, expected prefix 6b 38 73 00')
  let apiVersion = ''
  let kind = ''
  let raw: Buffer = Buffer.alloc(0)
  for (const field of fieldsOf(body.subarray(magic.length))) {
    if (field.number === 1) {
      for (const inner of fieldsOf(field.bytes)) {
        if (inner.number === 1) apiVersion = inner.bytes.toString()
        else if (inner.number === 2) kind = inner.bytes.toString()
      }
    } else if (field.number === 2) raw = field.bytes
  }
  const object = { ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }) }
  readMessage(raw, tableOf(treeOf(schema)), object, 0)
  return object
}

function readMessage(bytes: Buffer, table: Table, into: Plain, depth: number): void {
  if (depth > maxDepth) throw new MalformedProtobuf('exceeded max depth')
  for (const wire of fieldsOf(bytes)) {
    const field = table.get(wire.number)
    if (field === undefined) continue
    if (field instanceof Map) readMessage(wire.bytes, field, into, depth + 1)
    else readField(wire, field, into, depth)
  }
}

function readField(wire: WireField, field: FieldNode, into: Plain, depth: number): void {
  if (field.shape === 'value') {
    const value = fieldValue(wire, field, depth)
    if (value !== undefined) into[field.name] = value
  } else if (field.shape === 'list') {
    const list = (into[field.name] as unknown[] | undefined) ?? []
    into[field.name] = list
    const isPacked = wire.type === 2 && ['int32', 'int64', 'bool'].includes(field.scalar)
    if (isPacked) list.push(...varintsOf(wire.bytes).map((v) => (field.scalar === 'bool' ? v !== 0n : signed(v))))
    else list.push(fieldValue(wire, field, depth) ?? null)
  } else readEntry(wire, field, into, depth)
}

function readEntry(wire: WireField, field: FieldNode, into: Plain, depth: number): void {
  const map = (into[field.name] as Plain | undefined) ?? {}
  into[field.name] = map
  let key = ''
  let value: unknown
  for (const part of fieldsOf(wire.bytes)) {
    if (part.number === 1) key = part.bytes.toString()
    else if (part.number === 2) value = fieldValue(part, field, depth)
  }
  const kept = value ?? (field.scalar === 'message' ? {} : '')
  Object.defineProperty(map, key, { value: kept, enumerable: true, configurable: true, writable: true })
}

/** Undefined for a time that is not set. */
function fieldValue(wire: WireField, field: FieldNode, depth: number): unknown {
  switch (field.scalar) {
    case 'string':
      return wire.bytes.toString()
    case 'int32':
    case 'int64':
      return signed(wire.value)
    case 'bool':
      return wire.value !== 0n
    case 'double':
      return doubleOf(wire.value)
    case 'bytes':
      return wire.bytes.toString('base64')
    case 'quantity':
      return firstText(wire.bytes)
    case 'time':
    case 'microTime':
      return timeOf(wire.bytes, field.scalar === 'microTime')
    case 'duration':
      return durationOf(wire.bytes)
    case 'intOrString':
      return intOrStringOf(wire.bytes)
    case 'raw':
    case 'json':
      return rawOf(wire.bytes)
    case 'nested':
      throw new MalformedProtobuf(`no codec for ${field.name}`)
    case 'message': {
      if (!field.message) throw new MalformedProtobuf(`no type for ${field.name}`)
      const inner: Plain = {}
      readMessage(wire.bytes, tableOf(field.message), inner, depth + 1)
      return inner
    }
  }
}

function doubleOf(bits: bigint): number {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(bits)
  return buffer.readDoubleLE()
}

const numbersOf = (bytes: Buffer): Map<number, WireField> => new Map([...fieldsOf(bytes)].map((field) => [field.number, field]))

const firstText = (bytes: Buffer): string => numbersOf(bytes).get(1)?.bytes.toString() ?? '0'

function timeOf(bytes: Buffer, micro: boolean): string | undefined {
  if (bytes.length === 0) return undefined
  const parts = numbersOf(bytes)
  const seconds = signed(parts.get(1)?.value ?? 0n)
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  if (!micro) return `${whole}Z`
  const nanos = signed(parts.get(2)?.value ?? 0n)
  return `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`
}

function durationOf(bytes: Buffer): string {
  const nanos = signed(numbersOf(bytes).get(1)?.value ?? 0n)
  return nanos % 1e9 === 0 ? `${nanos / 1e9}s` : `${nanos}ns`
}

function intOrStringOf(bytes: Buffer): number | string {
  const parts = numbersOf(bytes)
  return (parts.get(1)?.value ?? 0n) === 1n ? (parts.get(3)?.bytes.toString() ?? '') : signed(parts.get(2)?.value ?? 0n)
}

function rawOf(bytes: Buffer): unknown {
  const json = numbersOf(bytes).get(1)?.bytes
  if (!json || json.length === 0) return undefined
  try {
    return JSON.parse(json.toString())
  } catch {
    throw new MalformedProtobuf('a raw extension does not hold JSON')
  }
}
