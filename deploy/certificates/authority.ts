/** Issues X.509 certificates (P-256, SHA-256). The only importer of @peculiar/x509 in deploy. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface KeyPairPem {
  certificate: string
  key: string
}

export interface LeafRequest {
  commonName: string
  organization?: string
  usages: readonly ('client' | 'server')[]
  names: readonly { type: 'dns' | 'ip'; value: string }[]
  days: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const usageOids = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth } as const

x509.cryptoProvider.set(webcrypto)

function lifetime(days: number): { notBefore: Date; notAfter: Date } {
  // Clocks of machines differ a little: valid from five minutes ago.
  const notBefore = new Date(Date.now() - 5 * 60_000)
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * 86_400_000) }
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return x509.PemConverter.encode(der, 'PRIVATE KEY')
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

export async function createAuthority(commonName: string, days: number): Promise<KeyPairPem> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
    ...lifetime(days),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature |
          x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.keyEncipherment,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: `${await keyPem(keys.privateKey)}\n` }
}

/** An authority read back from its PEM files, ready to sign. */
export class Authority {
  readonly #certificate: x509.X509Certificate
  readonly #key: webcrypto.CryptoKey

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.#certificate = certificate
    this.#key = key
  }

  static async load(pem: KeyPairPem): Promise<Authority> {
    const der = x509.PemConverter.decodeFirst(pem.key)
    const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
    return new Authority(new x509.X509Certificate(pem.certificate), key)
  }

  async issue(request: LeafRequest): Promise<KeyPairPem> {
    const keys = await generateKeys()
    const names = request.names.map((name) => ({ type: name.type, value: name.value }))
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [...(request.organization ? [{ O: [request.organization] }] : []), { CN: [request.commonName] }],
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: algorithm,
      ...lifetime(request.days),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usageOids[usage])),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    })
    return { certificate: `${certificate.toString('pem')}\n`, key: `${await keyPem(keys.privateKey)}\n` }
  }
}
