/** The few parts of DER (ASN.1) that certificate requests are made of (pure). */

export interface DerNode {
  tag: number
  /** Tag and length included. */
  whole: Buffer
  content: Buffer
}

export const SEQUENCE = 0x30
export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OBJECT_ID = 0x06

/** Throws an Error with Go's words where the bytes are too short or lengths are wrong. */
export function readDer(bytes: Buffer): { node: DerNode; rest: Buffer } {
  const [tag, first] = [bytes[0], bytes[1]]
  if (tag === undefined || first === undefined) throw new Error('asn1: syntax error: truncated tag or length')
  const digits = first & 0x7f
  const long = (first & 0x80) !== 0
  if (long && (digits === 0 || digits > 4 || bytes.length < 2 + digits)) throw new Error('asn1: syntax error: truncated tag or length')
  const start = long ? 2 + digits : 2
  const length = long ? bytes.readUIntBE(2, digits) : first
  const end = start + length
  if (end > bytes.length) throw new Error('asn1: syntax error: data truncated')
  return { node: { tag, whole: bytes.subarray(0, end), content: bytes.subarray(start, end) }, rest: bytes.subarray(end) }
}

/** The elements of a sequence or set. */
export function childrenOf(node: DerNode): DerNode[] {
  const found: DerNode[] = []
  for (let rest = node.content; rest.length > 0; ) {
    const next = readDer(rest)
    found.push(next.node)
    rest = next.rest
  }
  return found
}

/** The elements of a node that must have this tag. Throws an Error otherwise. */
export function elementsOf(node: DerNode | undefined, tag: number): DerNode[] {
  if (node?.tag !== tag) throw new Error('asn1: structure error: tags do not match')
  return childrenOf(node)
}

/** `1.2.840.113549.1.1.11`. */
export function objectIdText(node: DerNode): string {
  const parts: number[] = []
  let value = 0
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    parts.push(value)
    value = 0
  }
  const [first = 0, ...others] = parts
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...others].join('.')
}
