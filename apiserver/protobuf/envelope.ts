/** What stands around a message on the wire: the magic number and runtime.Unknown with the type of the object (pure). */
import { WireWriter } from './wire.ts'

export const protobufType = 'application/vnd.kubernetes.protobuf'

const magic = Buffer.from('k8s\0')
/** contentEncoding and contentType, always empty. */
export const envelopeTail = Buffer.from([0x1a, 0, 0x22, 0])
const RAW_TAG = 0x12

export interface TypeMeta {
  apiVersion: string
  kind: string
}

/** What comes before `rawBytes` bytes of message. */
export function envelopeHead({ apiVersion, kind }: TypeMeta, rawBytes: number): Buffer {
  return Buffer.concat([envelopeStart({ apiVersion, kind }), lengthOf(rawBytes)])
}

/** How many bytes stand before the field that holds the message. */
export const envelopeStartBytes = (type: TypeMeta): number => envelopeStart(type).length - 1

const heads = new Map<string, Buffer>()

/** What stands before the length of the message. */
export function envelopeStart({ apiVersion, kind }: TypeMeta): Buffer {
  const key = `${apiVersion} ${kind}`
  const known = heads.get(key)
  if (known) return known
  const type = new WireWriter()
  type.text(1, apiVersion)
  type.text(2, kind)
  const outer = new WireWriter()
  outer.bytes(1, type.finish())
  const made = Buffer.concat([magic, outer.finish(), Buffer.from([RAW_TAG])])
  // Kinds that users define come and go.
  if (heads.size > 1000) heads.clear()
  heads.set(key, made)
  return made
}

/** A length as a varint. */
export function lengthOf(bytes: number): Buffer {
  const out: number[] = []
  let rest = bytes
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80)
  out.push(rest)
  return Buffer.from(out)
}

/** An object as clients take it. */
export function enveloped(type: TypeMeta, message: Buffer): Buffer {
  return Buffer.concat([envelopeHead(type, message.length), message, envelopeTail])
}
