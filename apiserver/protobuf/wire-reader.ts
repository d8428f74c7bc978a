/** Reads protobuf's wire form in place and never past the end of a message; errors are worded as upstream's generated code words them (pure). */
import { MalformedProtobuf } from './wire.ts'

export const VARINT = 0
export const FIXED64 = 1
export const DELIMITED = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** More would take more memory than a body is worth; a body of the largest size has fewer where they hold something. */
const maxElements = 300_000

const eof = (): MalformedProtobuf => new MalformedProtobuf('unexpected EOF')

/** What an int64 beyond 2^53 is kept as: a number that JSON writes as it is. */
interface RawJson {
  rawJSON: string
}
const rawJson = (JSON as unknown as { rawJSON(text: string): RawJson }).rawJSON

export class WireReader {
  readonly bytes: Buffer
  at: number
  end: number
  /** Fields that nobody knew. */
  unknown = 0
  #elements = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.at = 0
    this.end = bytes.length
  }

  /** A varint as a number: exact below 2^53, which is enough for tags and lengths. */
  varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw eof()
      const byte = this.bytes[this.at++] as number
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
    throw new MalformedProtobuf('proto: integer overflow')
  }

  /** All 64 bits of a varint, signed. */
  int64(): number | RawJson {
    const start = this.at
    const value = this.varint()
    if (value < Number.MAX_SAFE_INTEGER) return value
    let exact = 0n
    for (let at = this.at - 1; at >= start; at--) exact = (exact << 7n) | BigInt((this.bytes[at] as number) & 0x7f)
    const signed = BigInt.asIntN(64, exact)
    const number = Number(signed)
    return Number.isSafeInteger(number) ? number : rawJson(String(signed))
  }

  /** The low 32 bits of a varint, signed. */
  int32(): number {
    const value = this.int64()
    return typeof value === 'number' ? Number(BigInt.asIntN(32, BigInt(value))) : Number(BigInt.asIntN(32, BigInt(value.rawJSON)))
  }

  /** Counts an element of a list or map: two bytes of a body may become an object of hundreds. */
  element(): void {
    if (++this.#elements > maxElements) throw new MalformedProtobuf(`more than ${maxElements} elements in lists and maps`)
  }

  bool(): boolean {
    return this.varint() !== 0
  }

  double(): number {
    if (this.at + 8 > this.end) throw eof()
    this.at += 8
    return this.bytes.readDoubleLE(this.at - 8)
  }

  /** Where the bytes end whose length comes next. */
  span(): number {
    const length = this.varint()
    if (length >= 2 ** 63) throw new MalformedProtobuf('proto: negative length found during unmarshaling')
    if (length > this.end - this.at) throw eof()
    return this.at + length
  }

  text(): string {
    const end = this.span()
    const start = this.at
    this.at = end
    const length = end - start
    if (length > 24) return this.bytes.toString('utf8', start, end)
    let text = ''
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at] as number
      if (byte > 0x7f) return this.bytes.toString('utf8', start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }

  base64(): string {
    const end = this.span()
    const start = this.at
    this.at = end
    return this.bytes.toString('base64', start, end)
  }

  /** Passes over a field of any kind, groups included. `owner` is the Go type that an error names. */
  skip(type: number, owner: string): void {
    if (type === END_GROUP) throw new MalformedProtobuf(`proto: ${owner}: wiretype end group for non-group`)
    this.unknown++
    let depth = 0
    for (let wire = type; ; wire = this.varint() % 8) {
      if (wire === START_GROUP) depth++
      else if (wire === END_GROUP) depth--
      else this.#skipValue(wire)
      if (depth === 0) return
    }
  }

  #skipValue(type: number): void {
    if (type === VARINT) this.varint()
    else if (type === DELIMITED) this.at = this.span()
    else if (type === FIXED64 || type === FIXED32) {
      this.at += type === FIXED64 ? 8 : 4
      if (this.at > this.end) throw eof()
    } else throw new MalformedProtobuf(`proto: illegal wireType ${type}`)
  }
}
