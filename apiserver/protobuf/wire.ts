/** Protobuf's wire form: a reader over bytes that never reads past its end, and a writer (pure). */

/** The bytes are no protobuf. */
export class MalformedProtobuf extends Error {}

export interface WireField {
  number: number
  type: number
  /** Of varints and fixed numbers. */
  value: bigint
  /** Of length-delimited fields. */
  bytes: Buffer
}

const none = Buffer.alloc(0)
const maxVarintBytes = 10

/** All fields of a message in the order they stand. Throws MalformedProtobuf. */
export function* fieldsOf(message: Buffer): Generator<WireField> {
  let at = 0
  while (at < message.length) {
    const tag = varintAt(message, at)
    at = tag.end
    const type = Number(tag.value & 7n)
    const number = Number(tag.value >> 3n)
    if (number < 1) throw new MalformedProtobuf('illegal field number')
    if (type === 0) {
      const { value, end } = varintAt(message, at)
      at = end
      yield { number, type, value, bytes: none }
    } else if (type === 2) {
      const { value, end } = varintAt(message, at)
      const to = end + Number(value)
      if (value > BigInt(message.length) || to > message.length) throw new MalformedProtobuf('unexpected EOF')
      at = to
      yield { number, type, value: 0n, bytes: message.subarray(end, to) }
    } else if (type === 1 || type === 5) {
      const to = at + (type === 1 ? 8 : 4)
      if (to > message.length) throw new MalformedProtobuf('unexpected EOF')
      const value = type === 1 ? message.readBigUInt64LE(at) : BigInt(message.readUInt32LE(at))
      at = to
      yield { number, type, value, bytes: none }
    } else throw new MalformedProtobuf(`illegal wire type ${type}`)
  }
}

function varintAt(bytes: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n
  for (let i = 0; i < maxVarintBytes; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) throw new MalformedProtobuf('unexpected EOF')
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + i + 1 }
  }
  throw new MalformedProtobuf('integer overflow')
}

/** Collects the fields of one message. */
export class WireWriter {
  readonly #parts: Buffer[] = []

  varint(number: number, value: number): void {
    this.#parts.push(varint(number * 8), varint(value))
  }

  bytes(number: number, value: Buffer): void {
    this.#parts.push(varint(number * 8 + 2), varint(value.length), value)
  }

  double(number: number, value: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    this.#parts.push(varint(number * 8 + 1), bytes)
  }

  text(number: number, value: string): void {
    this.bytes(number, Buffer.from(value))
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** Of a whole number from 0 on. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
