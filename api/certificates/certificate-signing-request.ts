/** DESCRIBE file api/certificates/certificate-signing-request.ts */
import type { z } from 'zod'
import { bytes, int32, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const certificateSigningRequestSpecSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestSpec',
  'DESCRIBE CertificateSigningRequestSpec',
  {
    request: bytes(1, 'DESCRIBE CertificateSigningRequestSpec.request', { json: 'always' }),
    signerName: string(7, 'DESCRIBE CertificateSigningRequestSpec.signerName', { json: 'always' }),
    expirationSeconds: int32(8, 'DESCRIBE CertificateSigningRequestSpec.expirationSeconds', { pointer: true }),
    usages: list(5, 'string', 'DESCRIBE CertificateSigningRequestSpec.usages', {
      enum: [
        'any',
        'cert sign',
        'client auth',
        'code signing',
        'content commitment',
        'crl sign',
        'data encipherment',
        'decipher only',
        'digital signature',
        'email protection',
        'encipher only',
        'ipsec end system',
        'ipsec tunnel',
        'ipsec user',
        'key agreement',
        'key encipherment',
        'microsoft sgc',
        'netscape sgc',
        'ocsp signing',
        's/mime',
        'server auth',
        'signing',
        'timestamping',
      ],
      listType: 'atomic',
    }),
    username: string(2, 'DESCRIBE CertificateSigningRequestSpec.username'),
    uid: string(3, 'DESCRIBE CertificateSigningRequestSpec.uid'),
    groups: list(4, 'string', 'DESCRIBE CertificateSigningRequestSpec.groups', { listType: 'atomic' }),
    extra: map(
      6,
      list(1, 'string', 'DESCRIBE certificates.ExtraValue', { json: 'always' }),
      'DESCRIBE CertificateSigningRequestSpec.extra',
    ),
  },
)
export type CertificateSigningRequestSpec = z.output<typeof certificateSigningRequestSpecSchema>

export const certificateSigningRequestConditionSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
  'DESCRIBE CertificateSigningRequestCondition',
  {
    type: string(1, 'DESCRIBE CertificateSigningRequestCondition.type', { json: 'always' }),
    status: string(6, 'DESCRIBE CertificateSigningRequestCondition.status', { json: 'always' }),
    reason: string(2, 'DESCRIBE CertificateSigningRequestCondition.reason'),
    message: string(3, 'DESCRIBE CertificateSigningRequestCondition.message'),
    lastUpdateTime: time(4, 'DESCRIBE CertificateSigningRequestCondition.lastUpdateTime'),
    lastTransitionTime: time(5, 'DESCRIBE CertificateSigningRequestCondition.lastTransitionTime'),
  },
)
export type CertificateSigningRequestCondition = z.output<typeof certificateSigningRequestConditionSchema>

export const certificateSigningRequestStatusSchema = message(
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus',
  'DESCRIBE CertificateSigningRequestStatus',
  {
    conditions: list(1, certificateSigningRequestConditionSchema, 'DESCRIBE CertificateSigningRequestStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
    }),
    certificate: bytes(2, 'DESCRIBE CertificateSigningRequestStatus.certificate'),
  },
)
export type CertificateSigningRequestStatus = z.output<typeof certificateSigningRequestStatusSchema>

export const certificateSigningRequestSchema = kind(
  'io.k8s.api.certificates.v1.CertificateSigningRequest',
  'DESCRIBE CertificateSigningRequest',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE CertificateSigningRequest.metadata', { json: 'always', required: false }),
    spec: object(2, certificateSigningRequestSpecSchema, 'DESCRIBE CertificateSigningRequest.spec', { json: 'always' }),
    status: object(3, certificateSigningRequestStatusSchema, 'DESCRIBE CertificateSigningRequest.status', {
      json: 'always',
      required: false,
    }),
  },
)
export type CertificateSigningRequest = z.output<typeof certificateSigningRequestSchema>
