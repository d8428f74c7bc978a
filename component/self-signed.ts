/** A throw-away serving certificate for a port that was given none. The X.509 library is loaded only when it is needed. */
import { webcrypto } from 'node:crypto'

/** PEM texts of a new key and of its certificate for `name`, good for a year. */
export async function selfSigned(name: string): Promise<{ cert: string; key: string }> {
  await import('reflect-metadata')
  const { PemConverter, X509CertificateGenerator, SubjectAlternativeNameExtension } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const now = Date.now()
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 365 * 86_400_000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    },
    webcrypto,
  )
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: certificate.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}
