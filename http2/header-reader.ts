/** Reads header blocks (HPACK, RFC 7541) with the table of their connection (pure). */
import { COMPRESSION_ERROR, ConnectionFault } from './errors.ts'
import { HeaderField, HeaderTable } from './header-table.ts'
import { huffmanText } from './huffman.ts'

const fault = (message: string): ConnectionFault => new ConnectionFault(COMPRESSION_ERROR, message)

export class HeaderReader {
  readonly #table: HeaderTable
  #block: Buffer = Buffer.alloc(0)
  #at = 0

  /** `tableBytes`: what the peer was told that its table may hold. */
  constructor(tableBytes: number) {
    this.#table = new HeaderTable(tableBytes)
  }

  /**
   * What a block says. A field that the block only names by its place costs nothing, however long it is: the list may be far longer than the block,
   * and is no larger in memory. Throws `ConnectionFault`: the table is then not that of the peer any more.
   */
  read(block: Buffer): HeaderField[] {
    this.#block = block
    this.#at = 0
    const fields: HeaderField[] = []
    while (this.#at < block.length) {
      const first = block[this.#at] as number
      if (first >= 0x80) fields.push(this.#known(this.#integer(0x7f)))
      else if (first >= 0x40) {
        const field = this.#literal(this.#integer(0x3f))
        this.#table.add(field)
        fields.push(field)
      } else if (first < 0x20) fields.push(this.#literal(this.#integer(0x0f)))
      else if (fields.length > 0) throw fault('the size of the table changes within a block')
      else if (!this.#table.resize(this.#integer(0x1f))) throw fault('a larger table than was allowed')
    }
    return fields
  }

  #known(place: number): HeaderField {
    const field = this.#table.at(place)
    if (field === undefined) throw fault('an entry that the table does not have')
    return field
  }

  #literal(place: number): HeaderField {
    const name = place === 0 ? this.#text() : this.#known(place).name
    return new HeaderField(name, this.#text())
  }

  #text(): string {
    const isHuffman = (this.#block[this.#at] ?? 0) >= 0x80
    const length = this.#integer(0x7f)
    const start = this.#at
    const end = start + length
    if (end > this.#block.length) throw fault('a text that is longer than its block')
    this.#at = end
    if (!isHuffman) return this.#block.toString('latin1', start, end)
    const text = huffmanText(this.#block, start, end)
    if (text === undefined) throw fault('what is no Huffman code')
    return text
  }

  /** `mask`: the bits of the first byte that belong to it. */
  #integer(mask: number): number {
    let value = this.#byte() & mask
    if (value < mask) return value
    for (let factor = 1; factor < 2 ** 28; factor *= 128) {
      const byte = this.#byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw fault('a number that is too large')
  }

  #byte(): number {
    const byte = this.#block[this.#at++]
    if (byte === undefined) throw fault('a block that is not whole')
    return byte
  }
}
