/** The uid of a user in the subject of a certificate (pure; upstream: request/x509, AllowParsingUserUIDFromCertAuth). */
import { childrenOf, elementsOf, objectIdText, readDer, SEQUENCE } from '#api/certificates/der.ts'

const uidAttribute = '1.3.6.1.4.1.57683.2'
/** UTF8String, PrintableString, IA5String. */
const textTags: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16])
/** An explicit version comes before the serial number. */
const VERSION = 0xa0

/** `certificate` in DER; undefined where its subject has no uid. Throws where it has several, or one that is no text. */
export function uidOf(certificate: Buffer): string | undefined {
  const [signed] = elementsOf(readDer(certificate).node, SEQUENCE)
  const fields = elementsOf(signed, SEQUENCE)
  // version, serial number, signature, issuer, validity, subject
  const subject = fields[fields[0]?.tag === VERSION ? 5 : 4]
  const values = elementsOf(subject, SEQUENCE)
    .flatMap(childrenOf)
    .map((attribute) => elementsOf(attribute, SEQUENCE))
    .flatMap(([type, value]) => (type && value && objectIdText(type) === uidAttribute ? [value] : []))
  const [first] = values
  if (!first) return undefined
  if (values.length > 1) throw new Error(`expected 1 UID, but found ${values.length}`)
  if (!textTags.has(first.tag)) throw new Error('unable to parse UID into a string')
  if (first.content.length === 0) throw new Error('UID cannot be an empty string')
  return first.content.toString('utf8')
}
