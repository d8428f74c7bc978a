/** Rules of requests for certificates (upstream: pkg/apis/certificates/validation). */

import { X509Certificate } from 'node:crypto'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '#api/certificates/certificate-signing-request.ts'
import { keyUsages } from '#api/certificates/key-usages.ts'
import { pemBlocks } from '#api/certificates/pem.ts'
import { requestFault } from '#api/certificates/request-signature.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateSignerName } from './signer-name.ts'

type Request = CertificateSigningRequest
type Condition = CertificateSigningRequestCondition

const legacySigner = 'kubernetes.io/legacy-unknown'
const shortestSeconds = 600
const decisions = ['Approved', 'Denied']
const conditionsPath = 'status.conditions'
const certificatePath = 'status.certificate'

const known: readonly string[] = keyUsages

const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
const conditionsOf = ({ status }: Request): readonly Condition[] => status.conditions ?? []
const ofType = (request: Request, type: string): readonly Condition[] =>
  conditionsOf(request).filter((condition) => condition.type === type)
const hasRepeated = (values: readonly string[]): boolean => new Set(values).size < values.length

/** Undefined where all blocks are certificates. */
function certificateFault(base64: string | undefined): string | undefined {
  if (!base64) return undefined
  const blocks = pemBlocks(textOf(base64))
  for (const { type, headers, der } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (headers.length > 0) return 'no PEM block headers are permitted'
    if (der.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    if (!isCertificate(der)) return 'x509: malformed certificate'
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).subject !== null
  } catch {
    return false
  }
}

function validateUsages(usages: readonly string[], prev: Request | undefined): FieldError[] {
  const old = prev?.spec.usages ?? []
  const path = 'spec.usages'
  const found = usages.length === 0 ? [required(path)] : []
  if (old.every((usage) => known.includes(usage))) {
    for (const [i, usage] of usages.entries()) {
      if (!known.includes(usage)) found.push(notSupported(`${path}[${i}]`, usage, known))
    }
  }
  if (hasRepeated(old)) return found
  for (const [i, usage] of usages.entries()) if (usages.indexOf(usage) < i) found.push(duplicate(`${path}[${i}]`, usage))
  return found
}

function validateStatusOf({ type, status }: Condition, at: string): FieldError[] {
  const allowed = [...decisions, 'Failed'].includes(type) ? ['True'] : ['False', 'True', 'Unknown']
  if (status === '') return [required(`${at}.status`)]
  return allowed.includes(status) ? [] : [notSupported(`${at}.status`, status, allowed)]
}

/** What the stored request already has wrong may stay so. */
function validateConditions(next: Request, prev: Request | undefined): FieldError[] {
  const old = prev ? conditionsOf(prev).map(({ type }) => type) : []
  const types = conditionsOf(next).map(({ type }) => type)
  const mayHaveBoth = decisions.every((type) => old.includes(type))
  return conditionsOf(next).flatMap((condition, i) => {
    const { type } = condition
    const at = `${conditionsPath}[${i}]`
    const before = types.slice(0, i)
    const found = type === '' && !old.includes('') ? [required(`${at}.type`)] : []
    found.push(...validateStatusOf(condition, at))
    const other = decisions.includes(type) ? decisions.find((decision) => decision !== type) : undefined
    if (other !== undefined && before.includes(other) && !mayHaveBoth) {
      found.push(invalid(conditionsPath, type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (before.includes(type) && !hasRepeated(old)) found.push(duplicate(`${at}.type`, type))
    return found
  })
}

function validateContent(next: Request, prev: Request | undefined): FieldError[] {
  const { request, usages = [], signerName, expirationSeconds: seconds } = next.spec
  const found = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false, validateName: () => [] })
  const fault = requestFault(textOf(request ?? ''))
  if (fault !== undefined) found.push(invalid('spec.request', request || null, fault))
  found.push(...validateUsages(usages, prev))
  if (signerName === legacySigner && prev?.spec.signerName !== legacySigner) {
    found.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'))
  } else found.push(...validateSignerName('spec.signerName', signerName))
  if (seconds !== undefined && seconds < shortestSeconds) {
    found.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
  }
  return [...found, ...validateConditions(next, prev), ...validateCertificate(next, prev)]
}

function validateCertificate(next: Request, prev: Request | undefined): FieldError[] {
  const { certificate } = next.status
  const untouched = prev !== undefined && (certificate ?? '') === (prev.status.certificate ?? '')
  if (untouched || certificateFault(prev?.status.certificate) !== undefined) return []
  const fault = certificateFault(certificate)
  return fault === undefined ? [] : [invalid(certificatePath, '<certificate data>', fault)]
}

/** Which parts of the status the caller may change. */
interface Rights {
  decisions: boolean
  certificate: boolean
}

function validateChange(next: Request, prev: Request, rights: Rights): FieldError[] {
  const found = validateContent(next, prev)
  const quoted = (type: string): string => JSON.stringify(type)
  for (const type of [...decisions, 'Failed']) {
    if (ofType(next, type).length < ofType(prev, type).length) {
      found.push(forbidden(conditionsPath, `updates may not remove a condition of type ${quoted(type)}`))
    }
  }
  for (const type of rights.decisions ? [] : decisions) {
    const [now, before] = [ofType(next, type), ofType(prev, type)]
    if (now.length > before.length) found.push(forbidden(conditionsPath, `updates may not add a condition of type ${quoted(type)}`))
    else if (now.length === before.length && !sameValue(now, before)) {
      found.push(forbidden(conditionsPath, `updates may not modify a condition of type ${quoted(type)}\n`))
    }
  }
  const [now = '', before = ''] = [next.status.certificate, prev.status.certificate]
  if (now === before) return found
  if (!rights.certificate) found.push(forbidden(certificatePath, 'updates may not set certificate content'))
  else if (before !== '') found.push(forbidden(certificatePath, 'updates may not modify existing certificate content'))
  return found
}

export const validateCertificateSigningRequest = (next: Request, prev: Request | undefined): FieldError[] =>
  prev ? validateChange(next, prev, { decisions: false, certificate: false }) : validateContent(next, prev)

export const validateCertificateStatus = (next: Request, prev: Request): FieldError[] =>
  validateChange(next, prev, { decisions: false, certificate: true })

export const validateApproval = (next: Request, prev: Request): FieldError[] =>
  validateChange(next, prev, { decisions: true, certificate: false })
