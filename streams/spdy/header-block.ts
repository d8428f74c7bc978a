/** Header blocks of SPDY/3: names and values with lengths, through one zlib stream per direction and session. */
import { constants, createInflate, type Inflate } from 'node:zlib'
import { FrameError } from './frames.ts'
import { headerDictionary } from './header-dictionary.ts'

export type Headers = Readonly<Record<string, string>>

const maxBlockBytes = 64 * 1024

/** Uncompressed form: a count, then each name and value behind its length. Names are lower case on the wire. */
export function encodeHeaders(headers: Headers): Buffer {
  const entries = Object.entries(headers)
  const parts: Buffer[] = [count(entries.length)]
  for (const [name, value] of entries) {
    for (const text of [name.toLowerCase(), value]) {
      const bytes = Buffer.from(text, 'utf8')
      parts.push(count(bytes.length), bytes)
    }
  }
  return Buffer.concat(parts)
}

export function decodeHeaders(block: Buffer): Headers {
  let at = 0
  const number = () => {
    if (at + 4 > block.length) throw new FrameError('header block is cut short')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = () => {
    const length = number()
    if (at + length > block.length) throw new FrameError('header block is cut short')
    at += length
    return block.toString('utf8', at - length, at)
  }
  const headers: Record<string, string> = Object.create(null)
  for (let left = number(); left > 0; left -= 1) {
    const name = text()
    headers[name] = text()
  }
  return headers
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * The sending side of the zlib stream, with stored blocks only: any peer can inflate them, they need no state, and the few short headers of
 * these protocols gain nothing from compression.
 */
export class HeaderCompressor {
  #begun = false

  compress(block: Buffer): Buffer {
    const parts: Buffer[] = this.#begun ? [] : [Buffer.from([0x78, 0x01])]
    this.#begun = true
    for (let at = 0; at < block.length; at += 0xffff) {
      const piece = block.subarray(at, at + 0xffff)
      const head = Buffer.alloc(5)
      head.writeUInt16LE(piece.length, 1)
      head.writeUInt16LE(piece.length ^ 0xffff, 3)
      parts.push(head, piece)
    }
    // An empty block, as a sync flush ends: Go's inflate hands data out only when it sees one.
    parts.push(Buffer.from([0, 0, 0, 0xff, 0xff]))
    return Buffer.concat(parts)
  }
}

/** The receiving side. Blocks must be given in the order of their arrival, one at a time. */
export class HeaderDecompressor {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH })
  #parts: Buffer[] = []
  #size = 0
  #error: Error | undefined

  constructor() {
    this.#inflate.on('data', (part: Buffer) => {
      this.#parts.push(part)
      this.#size += part.length
      // A few bytes can inflate to very many.
      if (this.#size > maxBlockBytes) this.#inflate.destroy(new Error(`header block of more than ${maxBlockBytes} bytes`))
    })
    this.#inflate.on('error', (error) => {
      this.#error = error
    })
  }

  async decompress(block: Buffer): Promise<Buffer> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.write(block, (error) => (error === null || error === undefined ? resolve() : reject(new FrameError(error.message))))
    })
    if (this.#error !== undefined) throw new FrameError(this.#error.message)
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    this.#size = 0
    return whole
  }

  close(): void {
    this.#inflate.destroy()
  }
}
