/** What may become of a pod's certificate request (upstream: pkg/apis/certificates/validation). */
import { X509Certificate } from 'node:crypto'
import { pemBlocks } from '#api/certificates/pem.ts'
import type { PodCertificateRequest, PodCertificateRequestStatus } from '#api/certificates/pod-certificate-request.ts'
import { invalidUnshown } from '#api/core/validation/values.ts'
import type { Condition } from '#api/meta/conditions.ts'
import { type FieldError, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { formatTime } from '#api/meta/time.ts'
import { validateConditions } from '#api/validation/conditions.ts'
import { byteLength } from '#api/validation/names.ts'
import { publicKeyOf } from './pod-certificate-request.ts'

/** How a request ends. */
export const podCertificateOutcomes: readonly string[] = ['Issued', 'Denied', 'Failed']
const mostChainBytes = 100 * 1024
const minuteMs = 60_000
const chainAt = 'status.certificateChain'

/** Just one outcome, and it is a fact. */
function validateOutcomes(conditions: readonly Condition[]): FieldError[] {
  const found: FieldError[] = []
  let known = 0
  for (const [i, { type, status }] of conditions.entries()) {
    const at = `status.conditions.[${i}]`
    if (!podCertificateOutcomes.includes(type)) {
      found.push(notSupported(`${at}.type`, type, podCertificateOutcomes))
      continue
    }
    known++
    if (known > 1) found.push(invalid(`${at}.type`, type, 'There may be at most one condition with type "Issued", "Denied", or "Failed"'))
    if (status !== 'True') found.push(notSupported(`${at}.status`, status, ['True']))
  }
  return [...found, ...validateConditions(conditions, 'status.conditions')]
}

const outcomeOf = ({ conditions }: PodCertificateRequestStatus): string | undefined =>
  conditions?.find(({ type, status }) => podCertificateOutcomes.includes(type) && status === 'True')?.type

export function validatePodCertificateStatus(next: PodCertificateRequest, prev: PodCertificateRequest, now: Date): FieldError[] {
  const { status } = next
  const found = validateOutcomes(status.conditions ?? [])
  if (found.length > 0) return found
  const unless = (isFine: boolean, detail: string): FieldError[] => (isFine ? [] : [invalidUnshown('status', detail)])
  if (outcomeOf(prev.status) !== undefined)
    return unless(sameValue(status, prev.status), 'immutable after PodCertificateRequest is issued, denied, or failed')
  const outcome = outcomeOf(status)
  if (outcome === 'Issued') return validateIssued(next, prev, now)
  if (outcome === undefined)
    return unless(sameValue(status, prev.status), 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"')
  return unless(
    sameValue(status, { conditions: status.conditions }),
    'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
  )
}

function certificateOf(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

const hasKey = (leaf: X509Certificate, pkix: string): boolean => publicKeyOf(pkix)?.equals(leaf.publicKey) ?? false

/** DNS names that nobody could have. */
function validateNames({ subjectAltName = '' }: X509Certificate): FieldError[] {
  const names = subjectAltName.split(', ').flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4)] : []))
  return names.flatMap((name) => [
    ...(name === '' ? [invalid(chainAt, name, 'leaf certificate should not contain empty DNSName')] : []),
    ...(name.includes('..') ? [invalid(chainAt, name, "leaf certificate's DNSName should not contain '..'")] : []),
    ...(/^\.|\.$/.test(name) ? [invalid(chainAt, name, "leaf certificate's DNSName should not start or end with '.'")] : []),
  ])
}

function validateIssued(next: PodCertificateRequest, prev: PodCertificateRequest, now: Date): FieldError[] {
  const { certificateChain: chain = '', notBefore, notAfter, beginRefreshAt } = next.status
  if (byteLength(chain) > mostChainBytes) return [tooLong(chainAt, mostChainBytes)]
  const wrong = (detail: string): FieldError[] => [invalid(chainAt, chain, detail)]
  const [first, ...others] = pemBlocks(chain)
  if (!first) return wrong('issued certificate chain must contain at least one certificate')
  if (first.type !== 'CERTIFICATE') return wrong('issued certificate chain must consist entirely of CERTIFICATE PEM blocks')
  const leaf = certificateOf(first.der)
  if (!leaf) return wrong('leaf certificate does not parse as valid X.509')
  const names = validateNames(leaf)
  if (!hasKey(leaf, prev.spec.pkixPublicKey ?? ''))
    return [...names, ...wrong('leaf certificate was not issued to the requested public key')]
  const times = [
    ...names,
    ...(notBefore ? [] : [required('status.notBefore', 'must be present and consistent with the issued certificate')]),
    ...(notAfter ? [] : [required('status.notAfter', 'must be present and consistent with the issued certificate')]),
    ...(beginRefreshAt ? [] : [required('status.beginRefreshAt', 'must be present and in the range [notbefore+10min, notafter-10min]')]),
  ]
  if (times.length > 0) return times
  const faults = validateTimes(next, leaf, now)
  if (faults.length > 0) return faults
  if (others.some(({ type }) => type !== 'CERTIFICATE'))
    return wrong('issued certificate chain must consist entirely of CERTFICATE PEM blocks')
  return others.every(({ der }) => certificateOf(der)) ? [] : wrong('intermediate certificate does not parse as valid X.509')
}

/** Only the first fault is told. */
function validateTimes({ spec, status }: PodCertificateRequest, leaf: X509Certificate, now: Date): FieldError[] {
  const { notBefore = '', notAfter = '', beginRefreshAt = '' } = status
  const [begin, end, refresh] = [notBefore, notAfter, beginRefreshAt].map((text) => Date.parse(text)) as [number, number, number]
  const { validFromDate, validToDate } = leaf
  const wrong = (name: string, value: unknown, detail: string): FieldError[] => [invalid(`status.${name}`, value, detail)]
  if (begin !== validFromDate.getTime())
    return wrong('notBefore', notBefore, 'must be set to the NotBefore time encoded in the leaf certificate')
  if (Math.abs(begin - now.getTime()) >= 5 * minuteMs)
    return wrong('notBefore', notBefore, "must be set to within 5 minutes of kube-apiserver's current time")
  if (end !== validToDate.getTime()) return wrong('notAfter', notAfter, 'must be set to the NotAfter time encoded in the leaf certificate')
  const lifeMs = end - begin
  // Go prints a duration in nanoseconds here.
  const life = lifeMs * 1e6
  if (lifeMs < 60 * minuteMs) return wrong('certificateChain', life, 'leaf certificate lifetime must be >= 1 hour')
  const longest = spec.maxExpirationSeconds ?? 0
  if (lifeMs > longest * 1000)
    return wrong('certificateChain', life, `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${longest})`)
  const edge = 10 * minuteMs
  if (refresh < begin + edge)
    return wrong('beginRefreshAt', formatTime(new Date(refresh)), 'must be at least 10 minutes after status.notBefore')
  if (refresh > end - edge)
    return wrong('beginRefreshAt', formatTime(new Date(refresh)), 'must be at least 10 minutes before status.notAfter')
  return []
}
