/** Writes protobuf from the end to the start, as upstream does: a length is known when it is written, and nothing is measured twice. */

const initialBytes = 64 * 1024
/** A buffer that one huge object made larger is let go after it. */
const keptBytes = 1024 * 1024
/** From this length on the engine's own copy is faster than a loop. */
const nativeFrom = 40

export class ReverseWriter {
  #buffer = Buffer.allocUnsafeSlow(initialBytes)
  #at = initialBytes

  /** How much is written: the difference of two readings is the length of what came between. */
  get written(): number {
    return this.#buffer.length - this.#at
  }

  /** A copy of what was written; the writer is empty again. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.written)
    this.#buffer.copy(bytes, 0, this.#at)
    this.reset()
    return bytes
  }

  /** Forgets what was written. */
  reset(): void {
    if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafeSlow(initialBytes)
    this.#at = this.#buffer.length
  }

  /** A field's tag or any other whole number from 0 on. */
  varint(value: number): void {
    if (this.#at < 10) this.#grow(10)
    if (value < 0x80) {
      this.#buffer[--this.#at] = value
      return
    }
    if (value < 0x4000) {
      this.#buffer[--this.#at] = value >>> 7
      this.#buffer[--this.#at] = (value & 0x7f) | 0x80
      return
    }
    this.#longVarint(value)
  }

  /** A signed number as int32 and int64 have it: below zero it takes ten bytes. */
  signed(value: number): void {
    if (value >= 0) {
      this.varint(value)
      return
    }
    if (this.#at < 10) this.#grow(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    this.#at -= 10
    for (let i = 0; i < 10; i++, rest >>= 7n) this.#buffer[this.#at + i] = Number(rest & 0x7fn) | (i < 9 ? 0x80 : 0)
  }

  double(value: number): void {
    if (this.#at < 8) this.#grow(8)
    this.#at -= 8
    this.#buffer.writeDoubleLE(value, this.#at)
  }

  bytes(value: Buffer): void {
    const { length } = value
    if (this.#at < length) this.#grow(length)
    this.#at -= length
    if (length >= nativeFrom) value.copy(this.#buffer, this.#at)
    else for (let i = 0; i < length; i++) this.#buffer[this.#at + i] = value[i] as number
  }

  /** UTF-8 text; returns its length in bytes. */
  text(value: string): number {
    const length = value.length
    if (length >= nativeFrom) return this.#longText(value)
    if (this.#at < length) this.#grow(length)
    const buffer = this.#buffer
    const start = this.#at - length
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return this.#longText(value)
      buffer[start + i] = code
    }
    this.#at = start
    return length
  }

  /** Base64 text as the bytes it stands for; returns their number. */
  base64(value: string): number {
    const bytes = Buffer.from(value, 'base64')
    this.bytes(bytes)
    return bytes.length
  }

  #longText(value: string): number {
    const length = Buffer.byteLength(value)
    if (this.#at < length) this.#grow(length)
    this.#at -= length
    if (length === value.length) this.#buffer.write(value, this.#at, length, 'latin1')
    else this.#buffer.write(value, this.#at, length, 'utf8')
    return length
  }

  #longVarint(value: number): void {
    let length = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
    this.#at -= length
    let rest = value
    for (let i = 0; i < length; i++, rest = Math.floor(rest / 0x80))
      this.#buffer[this.#at + i] = (rest % 0x80) | (i < length - 1 ? 0x80 : 0)
  }

  #grow(bytes: number): void {
    const { written } = this
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, (written + bytes) * 2))
    this.#buffer.copy(larger, larger.length - written, this.#at)
    this.#at = larger.length - written
    this.#buffer = larger
  }
}
