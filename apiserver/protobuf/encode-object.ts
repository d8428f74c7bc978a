/**
 * Objects in Kubernetes' protobuf form, byte for byte as upstream's generated code writes them (pure). The field tree of a kind is compiled
 * once into closures: fields in the order of their numbers, values of Go always (with their zeros), pointers where they are set, maps
 * sorted by key, repeated numbers not packed.
 */
import type { z } from 'zod'
import type { Choice } from '#api/fields.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'
import { envelopeStart, envelopeTail, type TypeMeta } from './envelope.ts'
import { type Group, groupOf } from './field-groups.ts'
import { ReverseWriter } from './reverse-writer.ts'

type Plain = Readonly<Record<string, unknown>>
/** Writes one value without its tag. */
type Value = (writer: ReverseWriter, value: never) => void
/** Writes what an object has of some field, tag included. */
type Member = (writer: ReverseWriter, object: Plain) => void
type Encode = (writer: ReverseWriter, object: Plain) => void

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2

const compiled = new WeakMap<MessageNode, Encode>()

function encoderOf(node: MessageNode): Encode {
  const known = compiled.get(node)
  if (known) return known
  const made = groupEncoder(groupOf(node.fields), node)
  compiled.set(node, made)
  return made
}

function groupEncoder(group: Group, owner: MessageNode): Encode {
  const numbers = [...group.keys()].sort((a, b) => b - a)
  const members = numbers.map((number) => {
    const field = group.get(number) as FieldNode | Group
    return field instanceof Map ? inlineMember(number, groupEncoder(field, owner)) : memberOf(field, owner)
  })
  return (writer, object) => {
    for (let i = 0; i < members.length; i++) (members[i] as Member)(writer, object)
  }
}

const tagOf = (number: number, type: number): number => number * 8 + type

/** A Go struct that is embedded by value: there even if all of it is empty. */
function inlineMember(number: number, encode: Encode): Member {
  const tag = tagOf(number, DELIMITED)
  return (writer, object) => {
    const before = writer.written
    encode(writer, object)
    writer.varint(writer.written - before)
    writer.varint(tag)
  }
}

function memberOf(field: FieldNode, owner: MessageNode): Member {
  if (field.shape === 'list') return listMember(field, owner)
  if (field.shape === 'map') return mapMember(field, owner)
  const { name } = field
  const write = tagged(field, owner)
  // Byte slices and raw values have no zero on the wire, nil is nothing.
  if (field.pointer || field.scalar === 'bytes' || field.scalar === 'json') {
    return (writer, object) => {
      const value = object[name]
      if (value !== undefined && value !== null) write(writer, value as never)
    }
  }
  if (field.scalar === 'string') return textMember(name, tagOf(field.number, DELIMITED))
  const zero = lazily(() => bytesOf((writer) => write(writer, zeroes[field.scalar] as never)))
  return (writer, object) => {
    const value = object[name]
    if (value === undefined || value === null) writer.bytes(zero())
    else write(writer, value as never)
  }
}

/** The most frequent kind of field. */
function textMember(name: string, tag: number): Member {
  return (writer, object) => {
    const value = object[name] as string | undefined | null
    writer.varint(value ? writer.text(value) : 0)
    writer.varint(tag)
  }
}

function listMember(field: FieldNode, owner: MessageNode): Member {
  const { name } = field
  const write = tagged(field, owner)
  const zero = zeroes[field.scalar] as never
  const plain: Member = (writer, object) => {
    const items = object[name] as readonly never[] | undefined | null
    if (items === undefined || items === null) return
    for (let i = items.length - 1; i >= 0; i--) write(writer, items[i] ?? zero)
  }
  if (field.wrapper === undefined) return plain
  const wrapped = inlineMember(field.wrapper, plain)
  return (writer, object) => {
    if (object[name] !== undefined && object[name] !== null) wrapped(writer, object)
  }
}

function mapMember(field: FieldNode, owner: MessageNode): Member {
  const { name } = field
  const tag = tagOf(field.number, DELIMITED)
  const keyTag = tagOf(1, DELIMITED)
  const write = tagged({ ...field, number: 2 }, owner)
  const zero = zeroes[field.scalar] as never
  return (writer, object) => {
    const map = object[name] as Plain | undefined | null
    if (map === undefined || map === null) return
    const keys = sortedKeys(map)
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] as string
      const before = writer.written
      write(writer, (map[key] as never) ?? zero)
      writer.varint(writer.text(key))
      writer.varint(keyTag)
      writer.varint(writer.written - before)
      writer.varint(tag)
    }
  }
}

/** Go sorts by bytes; UTF-16 has another order only where surrogates stand. */
function sortedKeys(map: Plain): string[] {
  const keys = Object.keys(map)
  let isSorted = true
  for (let i = 1; i < keys.length && isSorted; i++) isSorted = (keys[i - 1] as string) < (keys[i] as string)
  if (!isSorted) keys.sort()
  return keys.some((key) => /[\ud800-\udfff]/.test(key)) ? keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) : keys
}

/** Writes a value and its tag. */
function tagged(field: FieldNode, owner: MessageNode): Value {
  const write = valueWriter(field, owner)
  const type =
    field.scalar === 'int32' || field.scalar === 'int64' || field.scalar === 'bool'
      ? VARINT
      : field.scalar === 'double'
        ? FIXED64
        : DELIMITED
  const tag = tagOf(field.number, type)
  if (type !== DELIMITED) {
    return (writer, value) => {
      write(writer, value)
      writer.varint(tag)
    }
  }
  return (writer, value) => {
    const before = writer.written
    write(writer, value)
    writer.varint(writer.written - before)
    writer.varint(tag)
  }
}

const zeroes: Readonly<Record<FieldNode['scalar'], unknown>> = {
  string: '',
  int32: 0,
  int64: 0,
  bool: false,
  double: 0,
  bytes: '',
  quantity: '0',
  time: '',
  microTime: '',
  duration: '',
  intOrString: 0,
  raw: undefined,
  json: undefined,
  message: {},
  nested: [],
}

const NUMBER_TAG = tagOf(1, VARINT)
const SECOND_TAG = tagOf(2, VARINT)
const TEXT_TAG = tagOf(1, DELIMITED)
const THIRD_TEXT_TAG = tagOf(3, DELIMITED)

const text = (writer: ReverseWriter, value: string): void => void writer.text(value)

/** The scalars' own messages are upstream's: Timestamp, Quantity, Duration, IntOrString, RawExtension. */
const scalars: Readonly<Record<Exclude<FieldNode['scalar'], 'message' | 'nested'>, Value>> = {
  string: text,
  int32: (writer, value: number) => writer.signed(value),
  int64: (writer, value: number) => writer.signed(value),
  bool: (writer, value: boolean) => writer.varint(value ? 1 : 0),
  double: (writer, value: number) => writer.double(value),
  bytes: (writer, value: string) => void writer.base64(value),
  quantity: textMessage,
  time: (writer, value: string) => timestamp(writer, value, 0),
  microTime: (writer, value: string) => timestamp(writer, value, microsOf(value) * 1000),
  duration: (writer, value: string) => {
    writer.signed(value === '' ? 0 : nanosOf(value))
    writer.varint(NUMBER_TAG)
  },
  intOrString: (writer, value: number | string) => {
    const isText = typeof value === 'string'
    writer.varint(writer.text(isText ? value : ''))
    writer.varint(THIRD_TEXT_TAG)
    writer.signed(isText ? 0 : value)
    writer.varint(SECOND_TAG)
    writer.varint(isText ? 1 : 0)
    writer.varint(NUMBER_TAG)
  },
  raw: rawMessage,
  json: rawMessage,
}

function valueWriter(field: FieldNode, owner: MessageNode): Value {
  if (field.choice) return choiceWriter(field.choice, owner)
  if (field.scalar === 'message') {
    const node = field.message as MessageNode
    // Compiled when it is first needed: a message may hold itself.
    const encode = lazily(() => encoderOf(node))
    return (writer, value: Plain) => encode()(writer, value)
  }
  if (field.scalar === 'nested') {
    const member = memberOf({ ...(field.nested as FieldNode), name: 'items' }, owner)
    return (writer, value) => member(writer, { items: value })
  }
  return scalars[field.scalar]
}

function choiceWriter(choice: Choice, owner: MessageNode): Value {
  const encode = lazily(() => encoderOf(owner))
  const message = (writer: ReverseWriter, number: number, value: Plain): void => {
    const before = writer.written
    encode()(writer, value)
    writer.varint(writer.written - before)
    writer.varint(tagOf(number, DELIMITED))
  }
  const bool = (writer: ReverseWriter, value: boolean): void => {
    if (choice.bool === undefined) return
    writer.varint(value ? 1 : 0)
    writer.varint(tagOf(choice.bool, VARINT))
  }
  return (writer, value: Plain | readonly (Plain | string)[] | boolean) => {
    if (typeof value === 'boolean') bool(writer, value)
    else if (Array.isArray(value)) {
      for (const item of (value as readonly (Plain | string)[]).toReversed())
        if (typeof item !== 'string') message(writer, choice.list ?? 0, item)
        else {
          writer.varint(writer.text(item))
          writer.varint(tagOf(choice.strings ?? 0, DELIMITED))
        }
    } else {
      // The flag's number is below that of the message.
      message(writer, choice.object, value as Plain)
      bool(writer, true)
    }
  }
}

function textMessage(writer: ReverseWriter, value: string): void {
  writer.varint(writer.text(value))
  writer.varint(TEXT_TAG)
}

function rawMessage(writer: ReverseWriter, value: unknown): void {
  if (value !== undefined && value !== null) textMessage(writer, JSON.stringify(value))
}

/** Nothing at all for the zero time. */
function timestamp(writer: ReverseWriter, value: string, nanos: number): void {
  if (value === '') return
  writer.varint(nanos)
  writer.varint(SECOND_TAG)
  writer.signed(secondsOf(value))
  writer.varint(NUMBER_TAG)
}

/** Since 1970. Nearly all times have the canonical form, whose digits stand in their places. */
function secondsOf(value: string): number {
  if (value.length !== 20 || value.charCodeAt(19) !== 0x5a) return Math.floor(Date.parse(value) / 1000)
  const year = digits(value, 0) * 100 + digits(value, 2)
  const month = digits(value, 5)
  const days = daysBefore(month > 2 ? year : year - 1) + Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + digits(value, 8) - 1
  return (days - 719_468) * 86_400 + digits(value, 11) * 3600 + digits(value, 14) * 60 + digits(value, 17)
}

const digits = (value: string, at: number): number => (value.charCodeAt(at) - 48) * 10 + value.charCodeAt(at + 1) - 48

/** Days of all years before one, counted from March, so that leap days are the last of their years. */
const daysBefore = (year: number): number => 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)

function microsOf(value: string): number {
  const dot = value.indexOf('.')
  return dot < 0
    ? 0
    : Number(
        value
          .slice(dot + 1, dot + 7)
          .replace(/\D.*$/, '')
          .padEnd(6, '0'),
      )
}

const unitNanos: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 }

/** Of Go's canonical form, `-1h2m3.5s`. */
function nanosOf(value: string): number {
  let sum = 0
  for (const [, number = '0', unit = ''] of value.matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g)) sum += Number(number) * (unitNanos[unit] ?? 0)
  return Math.round(value.startsWith('-') ? -sum : sum)
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

const shared = new ReverseWriter()
let isBusy = false

/** What `write` writes. Zeros are made while an object is being written: they take a writer of their own. */
function bytesOf(write: (writer: ReverseWriter) => void): Buffer {
  if (isBusy) {
    const own = new ReverseWriter()
    write(own)
    return own.finish()
  }
  isBusy = true
  try {
    write(shared)
    return shared.finish()
  } finally {
    shared.reset()
    isBusy = false
  }
}

/** One object in its envelope. */
export function encodeObject(object: Plain, schema: z.ZodType, type: TypeMeta): Buffer {
  const encode = encoderOf(treeOf(schema))
  return bytesOf((writer) => {
    writer.bytes(envelopeTail)
    const before = writer.written
    encode(writer, object)
    writer.varint(writer.written - before)
    writer.bytes(envelopeStart(type))
  })
}

/** One object as the bare message, without its envelope: apiVersion and kind are not in it. */
export function encodeMessage(object: Plain, schema: z.ZodType): Buffer {
  const encode = encoderOf(treeOf(schema))
  return bytesOf((writer) => encode(writer, object))
}
