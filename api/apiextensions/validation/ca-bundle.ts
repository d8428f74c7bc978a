/** Whether a bundle of certificates can be read at all (source: client-go, TLSConfigFor). */

/** Why the bundle (base64 of PEM text) is none; undefined where it is. */
export function parseCertificates(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('latin1')
  const isPem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.test(text)
  return isPem ? undefined : 'unable to load root certificates: unable to parse bytes as PEM block'
}
