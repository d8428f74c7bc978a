/** Texts about TLS secrets whose certificate and key do not belong together, in Go's words (crypto/tls, X509KeyPair). */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Secret } from './secret.ts'

interface Block {
  type: string
  text: string
}

function blocksOf(base64: string | undefined): Block[] {
  const text = Buffer.from(base64 ?? '', 'base64').toString('latin1')
  const found = text.matchAll(/-----BEGIN ([^\n-]+)-----\r?\n[^-]*-----END \1-----/g)
  return [...found].map(([whole, type = '']) => ({ type, text: whole }))
}

const isKey = ({ type }: Block): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
const types = (blocks: readonly Block[]): string => `[${blocks.map(({ type }) => type).join(' ')}]`

function certificateFault(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (blocks.length === 1 && blocks[0]?.type.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${types(blocks)}`
}

function keyFault(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in key input'
  if (blocks.length === 1 && blocks[0]?.type === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${types(blocks)}`
}

/** Undefined for what is none; node's own words are not upstream's. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

function pairFault(certificate: X509Certificate, key: KeyObject): string | undefined {
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) return 'tls: private key type does not match public key type'
  return certificate.checkPrivateKey(key) ? undefined : 'tls: private key does not match public key'
}

function fault(certificateData: string | undefined, keyData: string | undefined): string | undefined {
  const [certificates, keys] = [blocksOf(certificateData), blocksOf(keyData)]
  const certificateBlock = certificates.find(({ type }) => type === 'CERTIFICATE')
  if (!certificateBlock) return certificateFault(certificates)
  const keyBlock = keys.find(isKey)
  if (!keyBlock) return keyFault(keys)
  const certificate = parsed(() => new X509Certificate(certificateBlock.text))
  if (!certificate) return 'x509: malformed certificate'
  const key = parsed(() => createPrivateKey(keyBlock.text))
  return key ? pairFault(certificate, key) : 'tls: failed to parse private key'
}

export function secretWarnings({ type, data }: Secret): string[] {
  const found = type === 'kubernetes.io/tls' ? fault(data?.['tls.crt'], data?.['tls.key']) : undefined
  return found === undefined ? [] : [found]
}
