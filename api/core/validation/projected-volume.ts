/** Rules of volumes that project keys, fields and tokens into files. */
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '#api/core/volume.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkDns1123Subdomain } from '#api/validation/names.ts'
import type { PodContext } from './context.ts'
import { validateFieldSelector, validateResourceFieldSelector, volumeFieldPaths } from './field-selectors.ts'
import { checkFileMode, checkNonReservedPath, invalids, requireText } from './values.ts'

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']
const tokenLifetime = { least: 600, most: 2 ** 32 }
const certificateLifetime = { least: 3600, most: 91 * 24 * 3600, mostOfKubernetes: 24 * 3600 }

export function validateKeyToPath(item: KeyToPath, path: string): FieldError[] {
  return [
    ...requireText(`${path}.key`, item.key),
    ...requireText(`${path}.path`, item.path),
    ...checkNonReservedPath(`${path}.path`, item.path ?? ''),
    ...checkFileMode(`${path}.mode`, item.mode),
  ]
}

export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const found = [...requireText(`${path}.path`, file.path), ...checkNonReservedPath(`${path}.path`, file.path ?? '')]
  if (file.fieldRef) {
    found.push(...validateFieldSelector(file.fieldRef, volumeFieldPaths, `${path}.fieldRef`))
    if (file.resourceFieldRef) {
      found.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    }
  } else if (file.resourceFieldRef) {
    found.push(...validateResourceFieldSelector(file.resourceFieldRef, `${path}.resourceFieldRef`, true))
  } else {
    found.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  }
  return [...found, ...checkFileMode(`${path}.mode`, file.mode)]
}

/** Paths that some source of the volume already takes. */
class TakenPaths {
  readonly #taken = new Set<string>()
  readonly #field: string
  constructor(field: string) {
    this.#field = field
  }
  /** `shown` is the value that the message names, by default the path. */
  take(path: string | undefined, shown = path): FieldError[] {
    if (!path) return []
    if (this.#taken.has(path)) return [invalid(this.#field, shown, 'conflicting duplicate paths')]
    this.#taken.add(path)
    return []
  }
}

interface KeyedSource {
  name?: string | undefined
  items?: KeyToPath[] | undefined
}

function validateKeyed(source: KeyedSource, path: string, taken: TakenPaths): FieldError[] {
  const found = requireText(`${path}.name`, source.name)
  for (const [i, item] of (source.items ?? []).entries()) {
    found.push(...validateKeyToPath(item, `${path}.items[${i}]`), ...taken.take(item.path, source.name ?? ''))
  }
  return found
}

function validateToken(token: ServiceAccountTokenProjection, at: { path: string; volume: string }, context: PodContext): FieldError[] {
  const found: FieldError[] = []
  const seconds = token.expirationSeconds ?? 0
  const field = `${at.path}.expirationSeconds`
  if (seconds < tokenLifetime.least) found.push(invalid(field, seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > tokenLifetime.most) found.push(invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (!token.path) found.push(required(`${at.volume}.path`))
  else if (!context.tolerated.nonLocalTokenPaths) found.push(...checkNonReservedPath(`${at.volume}.path`, token.path))
  return found
}

/** `domain/path`: a subdomain with a dot, then a path of subdomain-like segments. */
function validateSignerName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)]
  const segments = name.split('/')
  if (segments.length !== 2)
    return [invalid(field, name, 'must be a fully qualified domain and path of the form "example.com/signer-name"')]
  const [domain = '', path = ''] = segments
  const found = invalids(field, domain, checkDns1123Subdomain(domain))
  if (!domain.includes('.')) found.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'))
  return [...found, ...invalids(field, path, checkDns1123Subdomain(path))]
}

function bundleNameMessages(name: string): string[] {
  const colon = name.lastIndexOf(':')
  const [bare, prefix] = colon < 0 ? [name, ''] : [name.slice(colon + 1), name.slice(0, colon)]
  const messages = checkDns1123Subdomain(bare)
  if (colon === 0 || (prefix !== '' && prefix.includes('/'))) messages.push('ClusterTrustBundle name must not contain a signer name here')
  return messages
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  const found: FieldError[] = []
  if (bundle.name !== undefined && bundle.signerName !== undefined) {
    found.push(invalid(path, bundle, 'only one of name and signerName may be used'))
  } else if (bundle.name !== undefined) {
    if (bundle.name === '') found.push(required(`${path}.name`, 'must be a valid object name'))
    const messages = bundleNameMessages(bundle.name).map((message) => `not a valid clustertrustbundlename: ${message}`)
    found.push(...invalids(`${path}.name`, bundle.name, messages))
    if (bundle.labelSelector) {
      found.push(invalid(`${path}.labelSelector`, bundle.labelSelector, 'labelSelector must be unset if name is specified'))
    }
  } else if (bundle.signerName !== undefined) {
    if (bundle.signerName === '') found.push(required(`${path}.signerName`, 'must be a valid signer name'))
    found.push(...validateSignerName(`${path}.signerName`, bundle.signerName))
    found.push(...validateLabelSelector(bundle.labelSelector, `${path}.labelSelector`))
  } else {
    found.push(required(path, 'either name or signerName must be specified'))
  }
  return [...found, ...requireText(`${path}.path`, bundle.path), ...checkNonReservedPath(`${path}.path`, bundle.path ?? '')]
}

function validateCertificate(certificate: PodCertificateProjection, path: string, taken: TakenPaths): FieldError[] {
  const signer = certificate.signerName ?? ''
  const found = validateSignerName(`${path}.signerName`, signer)
  const keyType = certificate.keyType ?? ''
  if (!keyTypes.includes(keyType)) found.push(notSupported(`${path}.keyType`, keyType, keyTypes))
  const seconds = certificate.maxExpirationSeconds
  if (seconds !== undefined) {
    const most = signer.startsWith('kubernetes.io/') ? certificateLifetime.mostOfKubernetes : certificateLifetime.most
    const field = `${path}.maxExpirationSeconds`
    if (seconds < certificateLifetime.least) found.push(invalid(field, seconds, 'if provided, maxExpirationSeconds must be >= 3600'))
    if (seconds > most) found.push(invalid(field, seconds, `if provided, maxExpirationSeconds must be <= ${most}`))
  }
  let paths = 0
  for (const name of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
    const value = certificate[name]
    if (!value) continue
    paths++
    found.push(...checkNonReservedPath(`${path}.${name}`, value), ...taken.take(value))
  }
  if (paths === 0) found.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  return found
}

interface SourceState {
  volume: string
  taken: TakenPaths
  context: PodContext
}

function validateSource(source: VolumeProjection, path: string, { volume, taken, context }: SourceState): FieldError[] {
  const found: FieldError[] = []
  if (source.secret) found.push(...validateKeyed(source.secret, `${path}.secret`, taken))
  if (source.configMap) found.push(...validateKeyed(source.configMap, `${path}.configMap`, taken))
  for (const file of source.downwardAPI?.items ?? []) {
    found.push(...validateDownwardFile(file, `${path}.downwardAPI`), ...taken.take(file.path))
  }
  const { serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate: certificate } = source
  if (token) found.push(...validateToken(token, { path: `${path}.serviceAccountToken`, volume }, context))
  if (bundle) found.push(...validateTrustBundle(bundle, `${path}.clusterTrustBundle`), ...taken.take(bundle.path))
  if (certificate) found.push(...validateCertificate(certificate, `${path}.podCertificate`, taken))
  const kinds = [source.secret, source.configMap, source.downwardAPI, token, bundle, certificate].filter((kind) => kind !== undefined)
  if (kinds.length > 1) found.push(forbidden(path, 'may not specify more than 1 volume type per source'))
  return found
}

export function validateProjected(projected: ProjectedVolumeSource, path: string, context: PodContext): FieldError[] {
  const state = { volume: path, taken: new TakenPaths(path), context }
  const found = checkFileMode(`${path}.defaultMode`, projected.defaultMode)
  for (const [i, source] of (projected.sources ?? []).entries()) {
    found.push(...validateSource(source, `${path}.sources[${i}]`, state))
  }
  return found
}
