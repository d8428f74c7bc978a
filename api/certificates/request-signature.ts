/** Whether requests for certificates (PKCS#10) are signed with their own key (pure). */
import { createPublicKey, verify } from 'node:crypto'
import { BIT_STRING, type DerNode, elementsOf, INTEGER, objectIdText, readDer, SEQUENCE } from './der.ts'
import { pemBlocks } from './pem.ts'

/** Hash by the id of the signature's algorithm; none where the algorithm has its own. */
const hashes: ReadonlyMap<string, string | undefined> = new Map([
  ['1.2.840.113549.1.1.5', 'sha1'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.1', 'sha1'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', undefined],
])

const failures: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
}

function expect(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new Error('asn1: structure error: tags do not match')
  return node
}

/** Undefined where `pem` holds a request that is signed with its own key; otherwise what is wrong with it. */
export function requestFault(pem: string): string | undefined {
  const [first] = pemBlocks(pem)
  if (first?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  try {
    return signatureFault(first.der)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function signatureFault(der: Buffer): string | undefined {
  const { node, rest } = readDer(der)
  if (rest.length > 0) return 'asn1: syntax error: trailing data'
  const [info, algorithm, signature] = elementsOf(node, SEQUENCE)
  const signed = expect(info, SEQUENCE)
  const [version, subject, key] = elementsOf(signed, SEQUENCE)
  expect(version, INTEGER)
  expect(subject, SEQUENCE)
  const [id] = elementsOf(algorithm, SEQUENCE)
  const name = id ? objectIdText(id) : ''
  if (!hashes.has(name)) return 'x509: cannot verify signature: algorithm unimplemented'
  const publicKey = createPublicKey({ key: expect(key, SEQUENCE).whole, format: 'der', type: 'spki' })
  // the first byte counts the unused bits, of which a signature has none
  const bits = expect(signature, BIT_STRING).content.subarray(1)
  if (verify(hashes.get(name) ?? null, signed.whole, publicKey, bits)) return undefined
  return failures[publicKey.asymmetricKeyType ?? ''] ?? 'x509: signature verification failed'
}
