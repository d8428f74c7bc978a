/** Rules of pods' certificate requests (upstream: pkg/apis/certificates/validation). */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { PodCertificateRequest, PodCertificateRequestSpec } from '#api/certificates/pod-certificate-request.ts'
import { immutableMessage, invalids, invalidUnshown } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { byteLength, checkDns1123Subdomain, checkQualifiedName } from '#api/validation/names.ts'
import { validateSignerName } from './signer-name.ts'

const longestUid = 128
const most = { keyBytes: 10 * 1024, annotationBytes: 256 * 1024 }
const day = 86_400
/** Of a certificate's life in seconds; signers of Kubernetes itself have a shorter one. */
const life = { least: 3600, most: 91 * day, mostOfKubernetes: day }

const keyAt = 'spec.pkixPublicKey'
const proofAt = 'spec.proofOfPossession'
const unproven = invalidUnshown(proofAt, 'could not verify proof-of-possession signature')

function validateUid(field: string, uid: string): FieldError[] {
  if (uid === '') return [invalid(field, uid, 'must not be empty')]
  return byteLength(uid) > longestUid ? [tooLong(field, longestUid)] : []
}

function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const field = 'spec.unverifiedUserAnnotations'
  const entries = Object.entries(annotations ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const found = entries.flatMap(([name]) => {
    const key = name.toLowerCase()
    if (key === '') return [required(field)]
    const faults = checkQualifiedName(key)
    if (faults.length > 0) return invalids(field, key, faults)
    return key.includes('/') ? [] : [invalid(field, key, 'must be a domain-prefixed key (such as "acme.io/foo")')]
  })
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return bytes > most.annotationBytes ? [...found, tooLong(field, most.annotationBytes)] : found
}

function validateLife({ signerName, maxExpirationSeconds: seconds }: PodCertificateRequestSpec): FieldError[] {
  const field = 'spec.maxExpirationSeconds'
  if (seconds === undefined) return [required(field, 'must be set')]
  const [host = ''] = signerName.split('/')
  const isOwn = host === 'kubernetes.io' || host.endsWith('.kubernetes.io')
  const longest = isOwn ? life.mostOfKubernetes : life.most
  if (seconds >= life.least && seconds <= longest) return []
  return [invalid(field, seconds, `must be in the range [${life.least}, ${longest}]`)]
}

/** Undefined where the bytes (base64) are no public key that is known here. */
export function publicKeyOf(pkix: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(pkix, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

const goCurves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp224r1: 'P-224',
}

function keyFault(key: KeyObject): FieldError | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return undefined
    case 'ec':
      if (['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve)) return undefined
      return invalid(keyAt, `curve ${goCurves[namedCurve] ?? namedCurve}`, 'elliptic public keys must use curve P256 or P384')
    case 'rsa':
      if (modulusLength === 3072 || modulusLength === 4096) return undefined
      return invalid(keyAt, `${modulusLength}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')
    default:
      return invalid(keyAt, `${key.asymmetricKeyType} key`, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA')
  }
}

function isProven(key: KeyObject, text: string, proof: Buffer): boolean {
  const isRsa = key.asymmetricKeyType === 'rsa'
  const padding = isRsa ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : {}
  return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(text), { key, ...padding }, proof)
}

/** Only the first fault of key and proof is told. */
function validateKey({ pkixPublicKey, proofOfPossession, podUID }: PodCertificateRequestSpec): FieldError[] {
  const proof = Buffer.from(proofOfPossession ?? '', 'base64')
  if (Buffer.byteLength(pkixPublicKey ?? '', 'base64') > most.keyBytes) return [tooLong(keyAt, most.keyBytes)]
  if (proof.length > most.keyBytes) return [tooLong(proofAt, most.keyBytes)]
  const key = publicKeyOf(pkixPublicKey ?? '')
  if (!key) return [invalid(keyAt, pkixPublicKey || undefined, 'must be a valid PKIX-serialized public key')]
  const fault = keyFault(key)
  if (fault) return [fault]
  return isProven(key, podUID, proof) ? [] : [unproven]
}

export function validatePodCertificateRequest({ spec }: PodCertificateRequest, prev: PodCertificateRequest | undefined): FieldError[] {
  if (prev) return sameValue(spec, prev.spec) ? [] : [invalid('spec', shown(spec), immutableMessage)]
  const names = (['podName', 'serviceAccountName', 'nodeName'] as const).map((name) =>
    invalids(`spec.${name}`, spec[name], checkDns1123Subdomain(spec[name])),
  )
  const uids = (['podUID', 'serviceAccountUID', 'nodeUID'] as const).map((name) => validateUid(`spec.${name}`, spec[name]))
  const found = [...validateSignerName('spec.signerName', spec.signerName), ...validateAnnotations(spec.unverifiedUserAnnotations)]
  for (const [i, faults] of names.entries()) found.push(...faults, ...(uids[i] ?? []))
  const short = validateLife(spec)
  return [...found, ...short, ...(spec.maxExpirationSeconds === undefined ? [] : validateKey(spec))]
}

/** As Go prints its own struct. */
function shown(spec: PodCertificateRequestSpec): object {
  return {
    SignerName: spec.signerName,
    PodName: spec.podName,
    PodUID: spec.podUID,
    ServiceAccountName: spec.serviceAccountName,
    ServiceAccountUID: spec.serviceAccountUID,
    NodeName: spec.nodeName,
    NodeUID: spec.nodeUID,
    MaxExpirationSeconds: spec.maxExpirationSeconds ?? null,
    PKIXPublicKey: spec.pkixPublicKey,
    ProofOfPossession: spec.proofOfPossession,
    UnverifiedUserAnnotations: spec.unverifiedUserAnnotations ?? null,
  }
}
