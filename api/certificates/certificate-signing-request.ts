/** Requests for certificates. */

import type { z } from 'zod'
import { bytes, int32, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { certificateSigningRequestColumns } from './columns.ts'
import { keyUsages } from './key-usages.ts'
import { prepareApproval, prepareCertificateSigningRequest, prepareStatus } from './prepare.ts'
import { validateApproval, validateCertificateSigningRequest, validateCertificateStatus } from './validation/certificate-signing-request.ts'

export const certificateSigningRequestSpecSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestSpec',
  'What is to be signed, by whom and for whom.',
  {
    request: bytes(1, 'The request in PKCS#10, as PEM.', { json: 'always' }),
    signerName: string(7, 'Signer that is asked.', { json: 'always' }),
    expirationSeconds: int32(8, 'Seconds that the certificate should live; at least 600.', { pointer: true }),
    usages: list(5, 'string', 'What the key may be used for.', {
      enum: keyUsages,
      listType: 'atomic',
      goType: 'v1.KeyUsage',
    }),
    username: string(2, 'The user who asks; set by the server.'),
    uid: string(3, 'Uid of the user who asks; set by the server.'),
    groups: list(4, 'string', 'Groups of the user who asks; set by the server.', { listType: 'atomic' }),
    extra: map(6, list(1, 'string', 'Values of one key.', { json: 'always' }), 'Further data of the user who asks; set by the server.', {
      goType: 'map[string]v1.ExtraValue',
    }),
  },
)
export type CertificateSigningRequestSpec = z.output<typeof certificateSigningRequestSpecSchema>

export const certificateSigningRequestConditionSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
  "One aspect of a request's state.",
  {
    type: string(1, 'Approved, Denied or Failed.', { json: 'always', goType: 'v1.RequestConditionType' }),
    status: string(6, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
    reason: string(2, 'Cause of the last change, one CamelCase word.'),
    message: string(3, 'What happened, for people.'),
    lastUpdateTime: time(4, 'When this was looked at last.'),
    lastTransitionTime: time(5, 'When the status changed last.'),
  },
)
export type CertificateSigningRequestCondition = z.output<typeof certificateSigningRequestConditionSchema>

export const certificateSigningRequestStatusSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus',
  'What was decided, and the certificate.',
  {
    conditions: list(1, certificateSigningRequestConditionSchema, 'Decisions and failures.', {
      listType: 'map',
      listKeys: ['type'],
    }),
    certificate: bytes(2, 'The signed certificate, as PEM.'),
  },
)
export type CertificateSigningRequestStatus = z.output<typeof certificateSigningRequestStatusSchema>

export const certificateSigningRequestSchema = kind(
  'io.k8s.api.certificates.v1.CertificateSigningRequest',
  'A request for a certificate, to be approved and signed.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, certificateSigningRequestSpecSchema, 'The wanted state.', { json: 'always' }),
    status: object(3, certificateSigningRequestStatusSchema, 'The state last seen.', {
      json: 'always',
      required: false,
    }),
  },
)
export type CertificateSigningRequest = z.output<typeof certificateSigningRequestSchema>

export const CertificateSigningRequests: Resource<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  scope: 'Cluster',
  schema: certificateSigningRequestSchema,
  columns: certificateSigningRequestColumns,
  generation: false,
  validateName: () => [],
  prepare: prepareCertificateSigningRequest,
  validate: validateCertificateSigningRequest,
  subresources: {
    approval: { prepare: prepareApproval, validate: validateApproval },
    status: { prepare: prepareStatus, validate: validateCertificateStatus },
  },
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
}
