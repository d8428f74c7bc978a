/** Reads a request body whole, and no more of it than is allowed. */
import type { Readable } from 'node:stream'
import { tooLarge } from '#api/meta/status.ts'

/** Request bodies above this are refused with 413. */
export const maxBodyBytes = 3 * 1024 * 1024

export const bodyTooLarge = () => tooLarge(`Request entity too large: limit is ${maxBodyBytes}`)

export const noBody = Buffer.alloc(0)

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
