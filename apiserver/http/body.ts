/** Reads a request body whole, and no more of it than is allowed. */
import type { Readable } from 'node:stream'
import { tooLarge } from '#api/meta/status.ts'

/** Request bodies above this are refused with 413. */
export const maxBodyBytes = 3 * 1024 * 1024

export const bodyTooLarge = () => tooLarge(`Request entity too large: limit is ${maxBodyBytes}`)

export const noBody = Buffer.alloc(0)

/** A body that comes in parts. What small parts hold is copied together: each of them would keep alive all that came with it. */
export class BodyCollector {
  #bytes: Buffer = noBody
  #size = 0

  /** False where it is too large. */
  take(part: Buffer): boolean {
    const size = this.#size + part.length
    if (size > maxBodyBytes) return false
    if (this.#size === 0) this.#bytes = part
    else {
      if (this.#bytes.length < size || this.#size === this.#bytes.length) this.#bytes = grown(this.#bytes, this.#size, size)
      part.copy(this.#bytes, this.#size)
    }
    this.#size = size
    return true
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }
}

function grown(bytes: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, needed))
  bytes.copy(larger, 0, 0, used)
  return larger
}

/** Throws 413 and reads no further; ECONNRESET where the client leaves in the middle. */
export function readBody(source: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settled = (): void => {
      source.off('data', take).off('end', end).off('close', broken).off('error', broken)
      // A body that breaks off later is nobody's failure.
      source.on('error', () => undefined)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= maxBodyBytes) {
        chunks.push(chunk)
        return
      }
      settled()
      source.pause()
      reject(bodyTooLarge())
    }
    const end = (): void => {
      settled()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    }
    const broken = (): void => {
      settled()
      reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    }
    source.on('data', take).on('end', end).on('close', broken).on('error', broken)
  })
}
