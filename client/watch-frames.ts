/** Watch streams: bytes to frames. One JSON object a line; an ERROR frame is thrown as ApiError. */
import { ApiError, type Status } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'

/** A bookmark's object carries only its resourceVersion (and perhaps the annotation k8s.io/initial-events-end). */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: T
}

/** A line longer than this cannot be an event of an API server that limits objects to 1.5 MiB. */
const maxLineBytes = 32 * 1024 * 1024
const newline = 0x0a

/** Splits a stream of chunks into lines; the last one may lack its newline. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end)
      yield parts.length === 0 ? tail : Buffer.concat([...parts, tail])
      parts = []
      bytes = 0
      start = end + 1
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start))
      bytes += chunk.length - start
      if (bytes > maxLineBytes) throw new Error(`watch frame exceeds ${maxLineBytes} bytes`)
    }
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

/** Parses frames; unparsable or unknown ones end the stream with an error (a skipped event would be a silent loss). */
export async function* watchEvents<T extends KubeObject>(chunks: AsyncIterable<Buffer>): AsyncIterable<WatchEvent<T>> {
  for await (const line of linesOf(chunks)) {
    if (line.length === 0) continue
    const frame = JSON.parse(line.toString('utf8')) as { type: string; object: unknown }
    switch (frame.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
      case 'BOOKMARK':
        yield frame as WatchEvent<T>
        break
      case 'ERROR':
        throw ApiError.fromStatus(frame.object as Status)
      default:
        throw new Error(`unknown watch event type ${JSON.stringify(frame.type)}`)
    }
  }
}
