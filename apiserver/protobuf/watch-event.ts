/** Watch events in protobuf: a length in four bytes, then a bare WatchEvent that holds an object with its envelope (pure). */
import { lengthOf } from './envelope.ts'

/** `object` is what a GET would answer. */
export function watchEvent(type: string, object: Buffer): Buffer {
  const raw = lengthOf(object.length)
  const extension = lengthOf(1 + raw.length + object.length)
  const start = Buffer.from(`\n${String.fromCharCode(type.length)}${type}\x12`, 'latin1')
  const bytes = start.length + extension.length + 1 + raw.length + object.length
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(bytes)
  return Buffer.concat([length, start, extension, Buffer.from([0x0a]), raw, object])
}
