/** Certificates and keys that a user gives a daemon, looked at before it serves or dials with them: Node takes most faults in silence and fails each handshake. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { StartupError } from './daemon.ts'
import { stringFlag } from './flags.ts'
import { type GivenFile, readGiven } from './given-files.ts'

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** PEM of one or more certificates; undefined without a path. Throws StartupError. */
export function readCertificates(file: GivenFile): string | undefined {
  if (file.path === '') return undefined
  const pem = readGiven(file)
  const blocks = pem.match(certificateBlock)
  if (!blocks) throw new StartupError(`${file.name} ${file.path}: there is no certificate in it (PEM is wanted)`)
  for (const block of blocks) certificateOf(block, file)
  return pem
}

/** PEM of a certificate and of its key; undefined where neither is given. Throws StartupError, also where they do not belong together. */
export function readPair(cert: GivenFile, key: GivenFile): { cert: string; key: string } | undefined {
  if (cert.path === '' && key.path === '') return undefined
  const absent = [cert, key].find(({ path }) => path === '')
  if (absent) throw new StartupError(`${cert.name} and ${key.name} go together: ${absent.name} is not given`)
  const pair = { cert: readCertificates(cert) ?? '', key: readGiven(key) }
  if (!certificateOf(pair.cert, cert).checkPrivateKey(keyOf(pair.key, key)))
    throw new StartupError(`${key.name} ${key.path} is not the key of the certificate in ${cert.path}`)
  return pair
}

/** Why clients will not trust a certificate at this time; undefined where it is good. Upstream serves with it all the same. */
export function whyUntimely(pem: string, now: Date): string | undefined {
  const { validFrom, validTo } = new X509Certificate(pem)
  if (Date.parse(validTo) < now.getTime()) return `it expired on ${validTo}`
  return Date.parse(validFrom) > now.getTime() ? `it is good only from ${validFrom} on: is the clock right?` : undefined
}

function certificateOf(pem: string, { name, path }: GivenFile): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new StartupError(`${name} ${path}: a certificate in it cannot be read: ${(error as Error).message}`)
  }
}

function keyOf(pem: string, { name, path }: GivenFile): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new StartupError(`${name} ${path}: there is no private key in it that can be used (PEM is wanted): ${(error as Error).message}`)
  }
}

/** The flags by which upstream's daemons are told what to serve their health and metrics with. */
export const servingFlags = {
  'tls-cert-file': stringFlag('Serving certificate; a self-signed one is made without.'),
  'tls-private-key-file': stringFlag('Key of the serving certificate.'),
  'client-ca-file': stringFlag('CA of the clients that may read the metrics.'),
}

/** What these flags name. Throws StartupError. */
export function readServingFiles(values: { readonly [K in keyof typeof servingFlags]: string }): {
  cert?: string
  key?: string
  clientCa?: string
} {
  const given = (flag: keyof typeof servingFlags): GivenFile => ({ name: `--${flag}`, path: values[flag] })
  const clientCa = readCertificates(given('client-ca-file'))
  return { ...readPair(given('tls-cert-file'), given('tls-private-key-file')), ...(clientCa === undefined ? {} : { clientCa }) }
}
