/** The part of HPACK (RFC 7541) that a gRPC client needs: it writes literals, and reads what a peer writes that was told to keep no table (pure). */
import { huffmanText } from './huffman.ts'

/** The peer's bytes are no HPACK, or need a table that it was told not to keep: the connection cannot be used any more. */
export class MalformedHeaders extends Error {}

/** Names at the places of the static table that matter to a client; the values of `:status`. */
const statusAt: Readonly<Record<number, string>> = { 8: '200', 9: '204', 10: '206', 11: '304', 12: '400', 13: '404', 14: '500' }
const CONTENT_TYPE = 31
const STATIC_ENTRIES = 61
const METHOD_POST = 0x83
const SCHEME = { http: 0x86, https: 0x87 } as const

/** A header block without Huffman coding and without entries for a table: the same bytes on every connection. */
export function headerBlock(scheme: keyof typeof SCHEME, headers: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [Buffer.from([METHOD_POST, SCHEME[scheme]])]
  for (const [name, value] of Object.entries(headers)) parts.push(Buffer.from([0]), literal(name), literal(value))
  return Buffer.concat(parts)
}

const literal = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([integer(bytes.length, 7), bytes])
}

function integer(value: number, prefixBits: number): Buffer {
  const most = 2 ** prefixBits - 1
  if (value < most) return Buffer.from([value])
  const bytes = [most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

class BlockReader {
  readonly block: Buffer
  at = 0

  constructor(block: Buffer) {
    this.block = block
  }

  integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1
    let value = this.byte() & most
    if (value < most) return value
    for (let factor = 1; factor < 2 ** 28; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new MalformedHeaders('integer overflow')
  }

  text(): string {
    const isHuffman = (this.block[this.at] ?? 0) >= 128
    const length = this.integer(7)
    const bytes = this.block.subarray(this.at, this.at + length)
    if (bytes.length < length) throw new MalformedHeaders('unexpected end')
    this.at += length
    const text = isHuffman ? huffmanText(bytes) : bytes.toString('latin1')
    if (text === undefined) throw new MalformedHeaders('invalid Huffman code')
    return text
  }

  byte(): number {
    const byte = this.block[this.at++]
    if (byte === undefined) throw new MalformedHeaders('unexpected end')
    return byte
  }
}

/** What a block says, but for entries whose names a gRPC client has no use for. Throws `MalformedHeaders`. */
export function headersOf(block: Buffer): Map<string, string> {
  const reader = new BlockReader(block)
  const headers = new Map<string, string>()
  while (reader.at < block.length) {
    const first = block[reader.at] as number
    if (first >= 0x80) {
      const status = statusAt[staticPlace(reader.integer(7))]
      if (status !== undefined) headers.set(':status', status)
    } else if (first >= 0x20 && first < 0x40) {
      if (reader.integer(5) !== 0) throw new MalformedHeaders('a table was asked for')
    } else {
      const place = staticPlace(reader.integer(first >= 0x40 ? 6 : 4))
      const name = place === 0 ? reader.text() : nameAt(place)
      headers.set(name, reader.text())
    }
  }
  return headers
}

function staticPlace(place: number): number {
  if (place > STATIC_ENTRIES) throw new MalformedHeaders('an entry of a table that is not kept')
  return place
}

function nameAt(place: number): string {
  if (statusAt[place] !== undefined) return ':status'
  return place === CONTENT_TYPE ? 'content-type' : ''
}
