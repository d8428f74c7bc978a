/** An encoded object under another resourceVersion, without decoding it (a deletion reports the revision at which it happened) (pure). */
import { enveloped, envelopeStartBytes, envelopeTail, type TypeMeta } from './envelope.ts'
import { fieldsOf, MalformedProtobuf, WireWriter } from './wire.ts'

const METADATA = 1
const RESOURCE_VERSION = 6

/** `object` is in its envelope. */
export function withRevision(object: Buffer, type: TypeMeta, revision: number): Buffer {
  const [message] = fieldsOf(object.subarray(envelopeStartBytes(type), object.length - envelopeTail.length))
  const [metadata] = message ? fieldsOf(message.bytes) : []
  if (!message || metadata?.number !== METADATA) throw new MalformedProtobuf('no metadata')
  const changed = new WireWriter()
  changed.bytes(METADATA, withVersion(metadata.bytes, revision))
  const rest = message.bytes.subarray(metadata.bytes.byteOffset + metadata.bytes.length - message.bytes.byteOffset)
  return enveloped(type, Buffer.concat([changed.finish(), rest]))
}

function withVersion(metadata: Buffer, revision: number): Buffer {
  for (const field of fieldsOf(metadata)) {
    if (field.number !== RESOURCE_VERSION) continue
    const end = field.bytes.byteOffset + field.bytes.length - metadata.byteOffset
    // Tag and length of so short a text take one byte each.
    const start = end - field.bytes.length - 2
    const version = new WireWriter()
    version.text(RESOURCE_VERSION, String(revision))
    return Buffer.concat([metadata.subarray(0, start), version.finish(), metadata.subarray(end)])
  }
  throw new MalformedProtobuf('no resourceVersion')
}
