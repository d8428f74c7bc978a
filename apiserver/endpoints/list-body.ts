/** The bytes of a list: cached items between a head and a tail, joined in pieces as the client takes them. */
import { Readable } from 'node:stream'
import type { Entry } from '#apiserver/cache/entry.ts'
import type { Form, Gapped, ListFacts } from '#apiserver/cache/form.ts'

/** `body` has exactly `bytes` bytes: send it with a Content-Length. */
export interface ListAnswer {
  bytes: number
  contentType: string
  body: Buffer | LongList
}

/** The part of a response that is needed here. */
interface Output {
  write(chunk: Buffer, done: () => void): boolean
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
  end(): unknown
  readonly destroyed: boolean
}

const CHUNK_BYTES = 128 * 1024

export function answerOf(form: Form, facts: ListFacts, entries: readonly Entry[]): ListAnswer {
  const cut = form.itemStart + form.itemTail
  let itemBytes = entries.length === 0 ? 0 : form.itemOpening.length + (entries.length - 1) * form.itemSeparator.length
  const items: Buffer[] = []
  const gaps: (Gapped | undefined)[] = []
  for (const entry of entries) {
    const gapped = form.gapped?.(entry)
    const item = gapped?.item ?? form.item(entry)
    items.push(item)
    if (form.gapped) gaps.push(gapped)
    itemBytes += item.length - cut + (gapped?.text.length ?? 0)
  }
  const around = form.list(facts, itemBytes)
  const bytes = around.head.length + itemBytes + around.tail.length
  const list = new LongList({ items, gaps }, form, around)
  return { bytes, contentType: form.contentType, body: bytes > CHUNK_BYTES ? list : Buffer.concat([...list.chunks()]) }
}

/** A list too long for one piece. */
export class LongList {
  readonly #items: readonly Buffer[]
  /** Of each item, where the form has gaps. */
  readonly #gaps: readonly (Gapped | undefined)[]
  readonly #form: Form
  readonly #around: { head: Buffer; tail: Buffer }

  constructor(
    { items, gaps }: { items: readonly Buffer[]; gaps: readonly (Gapped | undefined)[] },
    form: Form,
    around: { head: Buffer; tail: Buffer },
  ) {
    this.#items = items
    this.#gaps = gaps
    this.#form = form
    this.#around = around
  }

  readable(): Readable {
    return Readable.from(this.chunks(), { objectMode: false, highWaterMark: 4 * CHUNK_BYTES })
  }

  /** Writes all of it to a response whose headers are sent, in buffers that are used again: a long list then leaves no garbage behind. */
  async writeTo(output: Output): Promise<void> {
    for (const { buffer, length } of this.#pieces(takeBuffer)) {
      const isTaken = output.write(buffer.subarray(0, length), () => giveBuffer(buffer, output))
      if (!isTaken) await drained(output)
      if (output.destroyed) return
    }
    output.end()
  }

  *chunks(): Generator<Buffer> {
    for (const { buffer, length } of this.#pieces((bytes) => Buffer.allocUnsafe(bytes))) yield buffer.subarray(0, length)
  }

  *#pieces(allocate: (bytes: number) => Buffer): Generator<{ buffer: Buffer; length: number }> {
    const { itemStart: start, itemTail, itemOpening, itemSeparator: separator } = this.#form
    const { head, tail } = this.#around
    let buffer = allocate(Math.max(CHUNK_BYTES, head.length + separator.length))
    let at = head.copy(buffer)
    for (let i = 0; i < this.#items.length; i++) {
      const item = this.#items[i]
      if (item === undefined) continue
      const gap = this.#gaps[i]
      const size = item.length - itemTail - start + (gap?.text.length ?? 0)
      if (at + size + separator.length > buffer.length) {
        yield { buffer, length: at }
        buffer = allocate(Math.max(CHUNK_BYTES, size + separator.length))
        at = 0
      }
      if (separator !== '') at += buffer.write(i === 0 ? itemOpening : separator, at, 'latin1')
      let from = start
      if (gap !== undefined) {
        at += item.copy(buffer, at, start, gap.at)
        at += buffer.write(gap.text, at, 'latin1')
        from = gap.at
      }
      at += item.copy(buffer, at, from, item.length - itemTail)
    }
    yield { buffer, length: at }
    yield { buffer: tail, length: tail.length }
  }
}

/** Free buffers of the usual size: 8 MiB at most. */
const free: Buffer[] = []
const MAX_FREE = 64

const takeBuffer = (bytes: number): Buffer =>
  bytes === CHUNK_BYTES ? (free.pop() ?? Buffer.allocUnsafeSlow(bytes)) : Buffer.allocUnsafeSlow(bytes)

/** A connection that breaks may still hold the buffer. */
function giveBuffer(buffer: Buffer, output: Output): void {
  if (!output.destroyed && buffer.length === CHUNK_BYTES && free.length < MAX_FREE) free.push(buffer)
}

/** Resolves when the client has taken what was written, or is gone. */
async function drained(output: Output): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  output.once('drain', resolve)
  output.once('close', resolve)
  await promise
  output.off('drain', resolve)
  output.off('close', resolve)
}
