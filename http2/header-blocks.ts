/** Puts the header block of a HEADERS frame and its CONTINUATIONs together, within bounds (RFC 9113, 4.3; CVE-2024-27316; pure). */
import { ConnectionFault, ENHANCE_YOUR_CALM, PROTOCOL_ERROR } from './errors.ts'
import { CONTINUATION, contentOf, END_HEADERS, END_STREAM, type Frame } from './frames.ts'

/** Of a block, as it comes. */
const MOST_BYTES = 64 * 1024
/** Of one block: a peer that fills its frames needs four. */
const MOST_FRAMES = 64

export interface HeaderBlock {
  stream: number
  isEnd: boolean
  bytes: Buffer
}

export class HeaderBlocks {
  #open: { stream: number; isEnd: boolean; parts: Buffer[]; size: number } | undefined

  /** Throws where a frame comes in the middle of a block, or continues what is none. */
  check({ type, stream }: Frame): void {
    const isContinued = type === CONTINUATION
    if (this.#open === undefined ? isContinued : !isContinued || stream !== this.#open.stream)
      throw new ConnectionFault(
        PROTOCOL_ERROR,
        this.#open === undefined ? 'headers continue that did not begin' : 'headers were interrupted',
      )
  }

  /** Of a HEADERS or CONTINUATION frame; the block, when it is whole. Throws `ConnectionFault`. */
  take(frame: Frame): HeaderBlock | undefined {
    const { stream, flags } = frame
    const part = frame.type === CONTINUATION ? frame.payload : contentOf(frame)
    if (this.#open === undefined) {
      const isEnd = (flags & END_STREAM) !== 0
      if ((flags & END_HEADERS) !== 0) return { stream, isEnd, bytes: part }
      this.#open = { stream, isEnd, parts: [], size: 0 }
    }
    const open = this.#open
    open.parts.push(part)
    open.size += part.length
    if (open.size > MOST_BYTES || open.parts.length > MOST_FRAMES) throw new ConnectionFault(ENHANCE_YOUR_CALM, 'headers without end')
    if ((flags & END_HEADERS) === 0) return undefined
    this.#open = undefined
    return { stream, isEnd: open.isEnd, bytes: Buffer.concat(open.parts, open.size) }
  }
}
