/** Reads PKCS#10 requests as far as rules need them: the subject. Nothing here verifies signatures. */

export interface CertificateRequest {
  commonName: string
  organizations: readonly string[]
}

/** Not a request; `message` says why in upstream's words. */
export class CertificateRequestError extends Error {}

interface Node {
  tag: number
  bytes: Uint8Array
}

const SEQUENCE = 0x30
const SET = 0x31
const OID = 0x06
const BMP_STRING = 0x1e

const commonNameOid = '550403'
const organizationOid = '55040a'

/** `request` is base64 of PEM, as the API carries it. Throws CertificateRequestError. */
export function parseCertificateRequest(request: string): CertificateRequest {
  const pem = Buffer.from(request, 'base64').toString('latin1')
  const body = /-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\s]*?)-----END CERTIFICATE REQUEST-----/.exec(pem)?.[1]
  if (body === undefined) throw new CertificateRequestError('PEM block type must be CERTIFICATE REQUEST')
  const [outer] = nodesOf(Buffer.from(body, 'base64'))
  const [info] = childrenOf(outer)
  const subject = childrenOf(info)[1]
  const attributes = childrenOf(subject).flatMap((set) => (set.tag === SET ? nodesOf(set.bytes) : []))
  const values = (oid: string): string[] => attributes.flatMap((attribute) => textOf(attribute, oid))
  return { commonName: values(commonNameOid)[0] ?? '', organizations: values(organizationOid) }
}

const malformed = (): CertificateRequestError => new CertificateRequestError('asn1: structure error: the request is malformed')

function childrenOf(node: Node | undefined): Node[] {
  if (node?.tag !== SEQUENCE) throw malformed()
  return nodesOf(node.bytes)
}

function textOf(attribute: Node, oid: string): string[] {
  const [type, value] = childrenOf(attribute)
  if (type?.tag !== OID || value === undefined || Buffer.from(type.bytes).toString('hex') !== oid) return []
  return [value.tag === BMP_STRING ? bmpText(value.bytes) : Buffer.from(value.bytes).toString('utf8')]
}

const bmpText = (bytes: Uint8Array): string => Buffer.from(bytes).swap16().toString('utf16le')

/** The DER values that stand one after the other. */
function nodesOf(bytes: Uint8Array): Node[] {
  const nodes: Node[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0
    const { length, start } = lengthAt(bytes, at + 1)
    if (start + length > bytes.length) throw malformed()
    nodes.push({ tag, bytes: bytes.subarray(start, start + length) })
    at = start + length
  }
  return nodes
}

function lengthAt(bytes: Uint8Array, at: number): { length: number; start: number } {
  const first = bytes[at]
  if (first === undefined) throw malformed()
  if (first < 0x80) return { length: first, start: at + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + count >= bytes.length) throw malformed()
  let length = 0
  for (let i = 1; i <= count; i++) length = length * 256 + (bytes[at + i] ?? 0)
  return { length, start: at + 1 + count }
}
