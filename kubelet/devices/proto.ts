/** As much of protobuf as the device plug-in and pod resources APIs use: strings, integers, booleans, messages, lists and maps of strings. Pure. */

type Kind = 'string' | 'int' | 'bool' | 'strings' | 'ints' | 'map' | { one: Shape } | { many: Shape }

/** Field name → its number and kind. */
export type Shape = Readonly<Record<string, readonly [number: number, kind: Kind]>>

type ValueOf<K> = K extends 'string'
  ? string
  : K extends 'int'
    ? number
    : K extends 'bool'
      ? boolean
      : K extends 'strings'
        ? string[]
        : K extends 'ints'
          ? number[]
          : K extends 'map'
            ? Record<string, string>
            : K extends { one: infer S }
              ? Message<S> | undefined
              : K extends { many: infer S }
                ? Message<S>[]
                : never

export type Message<S> = { [F in keyof S]: S[F] extends readonly [number, infer K] ? ValueOf<K> : never }

const entry = { key: [1, 'string'], value: [2, 'string'] } as const

export function encode<S extends Shape>(shape: S, message: Partial<Message<S>>): Buffer {
  const parts: Buffer[] = []
  for (const [name, [number, kind]] of Object.entries(shape)) {
    const value = (message as Record<string, unknown>)[name]
    if (value === undefined) continue
    if (kind === 'string') {
      if (value !== '') parts.push(block(number, Buffer.from(value as string)))
    } else if (kind === 'int' || kind === 'bool') {
      if (Number(value) !== 0) parts.push(varint(number << 3), varint(Number(value)))
    } else if (kind === 'strings') for (const each of value as string[]) parts.push(block(number, Buffer.from(each)))
    else if (kind === 'ints') {
      const packed = Buffer.concat((value as number[]).map(varint))
      if (packed.length > 0) parts.push(block(number, packed))
    } else if (kind === 'map')
      for (const [key, each] of Object.entries(value as Record<string, string>))
        parts.push(block(number, encode(entry, { key, value: each })))
    else if ('one' in kind) parts.push(block(number, encode(kind.one, value as object)))
    else for (const each of value as object[]) parts.push(block(number, encode(kind.many, each)))
  }
  return Buffer.concat(parts)
}

/** Absent fields have their zero; unknown ones are passed over. Throws RangeError for bytes that end too soon. */
export function decode<S extends Shape>(shape: S, bytes: Buffer): Message<S> {
  const message: Record<string, unknown> = {}
  const byNumber = new Map<number, [string, Kind]>()
  for (const [name, [number, kind]] of Object.entries(shape)) {
    byNumber.set(number, [name, kind])
    message[name] = zeroOf(kind)
  }
  const reader = new Reader(bytes)
  while (!reader.done) {
    const tag = reader.varint()
    const value = reader.value(tag & 7)
    const [name, kind] = byNumber.get(tag >>> 3) ?? []
    if (name !== undefined && kind !== undefined) message[name] = added(message[name], value, kind)
  }
  return message as Message<S>
}

function zeroOf(kind: Kind): unknown {
  if (kind === 'string') return ''
  if (kind === 'int') return 0
  if (kind === 'bool') return false
  if (kind === 'map') return {}
  return typeof kind === 'object' && 'one' in kind ? undefined : []
}

function added(before: unknown, value: number | Buffer, kind: Kind): unknown {
  if (typeof value === 'number') return kind === 'bool' ? value !== 0 : kind === 'ints' ? [...(before as number[]), value] : value
  if (kind === 'string') return value.toString('utf8')
  if (kind === 'strings') return [...(before as string[]), value.toString('utf8')]
  if (kind === 'ints') return [...(before as number[]), ...packedInts(value)]
  if (kind === 'map') {
    const pair = decode(entry, value)
    return { ...(before as object), [pair.key]: pair.value }
  }
  if (typeof kind !== 'object') return before
  return 'one' in kind ? decode(kind.one, value) : [...(before as object[]), decode(kind.many, value)]
}

function packedInts(bytes: Buffer): number[] {
  const reader = new Reader(bytes)
  const values: number[] = []
  while (!reader.done) values.push(reader.varint())
  return values
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value)
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

const block = (number: number, bytes: Buffer): Buffer => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])

class Reader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
    throw new RangeError('an integer does not end')
  }

  value(wireType: number): number | Buffer {
    if (wireType === 0) return this.varint()
    const length = wireType === 2 ? this.varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : -1
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('a field does not end')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
