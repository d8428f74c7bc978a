/** Table columns of requests for certificates. */
import { ageColumn, column, humanDuration, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { CertificateSigningRequest } from './certificate-signing-request.ts'

function conditionText({ status }: CertificateSigningRequest): string {
  const types = new Set((status.conditions ?? []).map(({ type }) => type))
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'
  return [decision, ...(types.has('Failed') ? ['Failed'] : []), ...(status.certificate ? ['Issued'] : [])].join(',')
}

export const certificateSigningRequestColumns: readonly Column<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  column('SignerName', 'Signer that is asked.', ({ spec }) => spec.signerName || '<none>'),
  column('Requestor', 'The user who asks.', ({ spec }) => spec.username ?? ''),
  column('RequestedDuration', 'How long the certificate should live.', ({ spec }) =>
    spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds),
  ),
  column('Condition', 'What was decided.', conditionText),
]
