/**
 * What the server itself decides about requests for certificates (upstream: pkg/registry/certificates). Who asks is filled in by admission,
 * which knows the user.
 */
import { formatTime } from '#api/meta/time.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.ts'

export function prepareCertificateSigningRequest(
  next: CertificateSigningRequest,
  prev: CertificateSigningRequest | undefined,
): CertificateSigningRequest {
  if (prev) next.spec = prev.spec
  next.status = prev?.status ?? {}
  return next
}

/** The signer's part: everything but the decisions. */
export function prepareStatus(next: CertificateSigningRequest, prev: CertificateSigningRequest, now: Date): CertificateSigningRequest {
  next.spec = prev.spec
  for (const type of ['Approved', 'Denied']) keepConditions(next, prev, type)
  stampConditions(next, prev, now)
  return next
}

/** The approver's part: the conditions. */
export function prepareApproval(next: CertificateSigningRequest, prev: CertificateSigningRequest, now: Date): CertificateSigningRequest {
  stampConditions(next, prev, now)
  const { conditions } = next.status
  next.spec = prev.spec
  const { conditions: _, ...others } = prev.status
  next.status = { ...others, ...(conditions ? { conditions } : {}) }
  return next
}

/** Where their number is the same, conditions of this type stay as they were; otherwise validation refuses the change. */
function keepConditions(next: CertificateSigningRequest, prev: CertificateSigningRequest, type: string): void {
  const isOfType = (condition: CertificateSigningRequestCondition): boolean => condition.type === type
  const old = (prev.status.conditions ?? []).filter(isOfType)
  const conditions = next.status.conditions ?? []
  if (conditions.filter(isOfType).length !== old.length || old.length === 0) return
  next.status.conditions = conditions.map((condition) => (isOfType(condition) ? (old.shift() ?? condition) : condition))
}

/** Fills in the times that a client left out; the transition's stays where the status did. */
function stampConditions(next: CertificateSigningRequest, prev: CertificateSigningRequest, now: Date): void {
  for (const condition of next.status.conditions ?? []) {
    condition.lastUpdateTime ??= formatTime(now)
    const same = (prev.status.conditions ?? []).find(
      ({ type, status, lastTransitionTime }) => type === condition.type && status === condition.status && lastTransitionTime,
    )
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? formatTime(now)
  }
}
