/** Rules of trust bundles (upstream: pkg/apis/certificates/validation). */
import { X509Certificate } from 'node:crypto'
import type { ClusterTrustBundle } from '#api/certificates/cluster-trust-bundle.ts'
import { type PemBlock, pemBlocks } from '#api/certificates/pem.ts'
import { immutableMessage, invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, tooLong } from '#api/meta/field-error.ts'
import { byteLength, checkDns1123Subdomain } from '#api/validation/names.ts'
import { validateSignerName } from './signer-name.ts'

const largest = 1024 * 1024
const field = 'spec.trustBundle'
const fault = (detail: string): FieldError => invalid(field, '<value omitted>', detail)

/** A bundle of a signer carries the signer's name before its own. */
function checkName(name: string, signer: string): string[] {
  if (signer === '') {
    return name.includes(':') ? ['ClusterTrustBundle without signer name must not have ":" in its name'] : checkDns1123Subdomain(name)
  }
  const prefix = `${signer.replaceAll('/', ':')}:`
  if (name.startsWith(prefix)) return checkDns1123Subdomain(name.slice(prefix.length))
  return [`ClusterTrustBundle for signerName ${signer} must be named with prefix ${prefix}`]
}

function blockFault({ type, headers, der }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`
  if (headers.length > 0) return 'has PEM block headers'
  try {
    return new X509Certificate(der).ca ? undefined : 'does not have the CA bit set'
  } catch {
    return 'does not parse as X.509'
  }
}

function validateBundle(text: string): FieldError[] {
  if (byteLength(text) > largest) return [tooLong(field, largest)]
  const blocks = pemBlocks(text)
  const wrong = blocks.flatMap((block, i) => {
    const why = blockFault(block)
    return why === undefined ? [] : [fault(`entry ${i} ${why}`)]
  })
  if (wrong.length > 0) return wrong
  if (blocks.length === 0) return [fault('at least one trust anchor must be provided')]
  const places = new Map<string, number[]>()
  for (const [i, { der }] of blocks.entries()) {
    const key = der.toString('base64')
    places.set(key, [...(places.get(key) ?? []), i])
  }
  return [...places.values()]
    .filter(({ length }) => length > 1)
    .map((again) => fault(`duplicate trust anchor (indices [${again.join(' ')}])`))
}

export function validateClusterTrustBundle({ metadata, spec }: ClusterTrustBundle, prev: ClusterTrustBundle | undefined): FieldError[] {
  const { signerName = '', trustBundle } = spec
  const found = metadata.name ? invalids('metadata.name', metadata.name, checkName(metadata.name, signerName)) : []
  if (signerName !== '') found.push(...validateSignerName('spec.signerName', signerName))
  if (trustBundle !== prev?.spec.trustBundle) found.push(...validateBundle(trustBundle))
  if (prev && signerName !== (prev.spec.signerName ?? '')) found.push(invalid('spec.signerName', signerName, immutableMessage))
  return found
}
