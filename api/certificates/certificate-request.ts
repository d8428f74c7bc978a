/** Reads PKCS#10 requests as far as rules need them: the subject. request-signature.ts looks at their signatures. */
import { childrenOf, type DerNode, elementsOf, OBJECT_ID, objectIdText, readDer, SEQUENCE } from './der.ts'
import { pemBlocks } from './pem.ts'

export interface CertificateRequest {
  commonName: string
  organizations: readonly string[]
}

/** Not a request; `message` says why in upstream's words. */
export class CertificateRequestError extends Error {}

const SET = 0x31
const BMP_STRING = 0x1e
const commonName = '2.5.4.3'
const organization = '2.5.4.10'

/** `request` is base64 of PEM, as the API carries it. Throws CertificateRequestError. */
export function parseCertificateRequest(request: string): CertificateRequest {
  const [first] = pemBlocks(Buffer.from(request, 'base64').toString('latin1'))
  if (first?.type !== 'CERTIFICATE REQUEST') throw new CertificateRequestError('PEM block type must be CERTIFICATE REQUEST')
  try {
    return subjectOf(first.der)
  } catch (error) {
    throw new CertificateRequestError(error instanceof Error ? error.message : String(error))
  }
}

function subjectOf(der: Buffer): CertificateRequest {
  const [info] = sequence(readDer(der).node)
  const [, subject] = sequence(info)
  const attributes = sequence(subject).flatMap((set) => (set.tag === SET ? childrenOf(set) : []))
  const values = (id: string): string[] => attributes.flatMap((attribute) => textOf(attribute, id))
  return { commonName: values(commonName)[0] ?? '', organizations: values(organization) }
}

const sequence = (node: DerNode | undefined): DerNode[] => elementsOf(node, SEQUENCE)

function textOf(attribute: DerNode, id: string): string[] {
  const [type, value] = sequence(attribute)
  if (type?.tag !== OBJECT_ID || value === undefined || objectIdText(type) !== id) return []
  return [value.tag === BMP_STRING ? Buffer.from(value.content).swap16().toString('utf16le') : value.content.toString('utf8')]
}
