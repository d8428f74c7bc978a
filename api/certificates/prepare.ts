/**
 * What the server itself decides about requests for certificates (upstream: pkg/registry/certificates). Who asks is filled in by admission,
 * which knows the user, and so are the times of conditions.
 */
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
export function prepareStatus(next: CertificateSigningRequest, prev: CertificateSigningRequest): CertificateSigningRequest {
  next.spec = prev.spec
  for (const type of ['Approved', 'Denied']) keepConditions(next, prev, type)
  return next
}

/** The approver's part: the conditions. */
export function prepareApproval(next: CertificateSigningRequest, prev: CertificateSigningRequest): CertificateSigningRequest {
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
