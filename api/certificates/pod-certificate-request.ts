/** Requests of nodes for certificates that pods use (v1beta1, behind the feature gate PodCertificateRequest). */
import type { z } from 'zod'
import { labelsText } from '#api/core/columns/template.ts'
import { bytes, int32, kind, list, map, message, object, string, time } from '#api/fields.ts'
import { column, nameColumn } from '#api/meta/age.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpecAndMetadata } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { validatePodCertificateRequest } from './validation/pod-certificate-request.ts'
import { podCertificateOutcomes, validatePodCertificateStatus } from './validation/pod-certificate-status.ts'

const definition = 'io.k8s.api.certificates.v1beta1'

const podCertificateRequestSpecSchema = message(`${definition}.PodCertificateRequestSpec`, 'What is to be signed, by whom and for whom.', {
  signerName: string(1, 'Signer that is asked.', { json: 'always' }),
  podName: string(2, 'The pod that uses the certificate.', { json: 'always' }),
  podUID: string(3, 'Uid of the pod.', { json: 'always' }),
  serviceAccountName: string(4, 'The service account of the pod.', { json: 'always' }),
  serviceAccountUID: string(5, 'Uid of the service account.', { json: 'always' }),
  nodeName: string(6, 'The node of the pod.', { json: 'always' }),
  nodeUID: string(7, 'Uid of the node.', { json: 'always' }),
  maxExpirationSeconds: int32(8, 'Longest life of the certificate in seconds; at least 3600.', { pointer: true, default: 86400 }),
  pkixPublicKey: bytes(9, 'The public key, as PKIX has it in DER.', { json: 'always' }),
  proofOfPossession: bytes(10, 'The uid of the pod, signed with the private key.', { json: 'always' }),
  unverifiedUserAnnotations: map(11, 'string', 'Data of the author of the pod for the signer.'),
})
export type PodCertificateRequestSpec = z.output<typeof podCertificateRequestSpecSchema>

const podCertificateRequestStatusSchema = message(`${definition}.PodCertificateRequestStatus`, 'What was decided, and the certificate.', {
  conditions: list(1, conditionSchema, 'Issued, Denied or Failed.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  certificateChain: string(2, 'The certificate and those between it and the authority, as PEM.'),
  notBefore: time(4, 'When the certificate begins to be valid.', { pointer: true }),
  beginRefreshAt: time(5, 'When the node should ask for the next one.', { pointer: true }),
  notAfter: time(6, 'When the certificate ends to be valid.', { pointer: true }),
})
export type PodCertificateRequestStatus = z.output<typeof podCertificateRequestStatusSchema>

const podCertificateRequestSchema = kind(`${definition}.PodCertificateRequest`, 'A request for a certificate that a pod uses.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, podCertificateRequestSpecSchema, 'The wanted state. Cannot change.', { json: 'always' }),
  status: object(3, podCertificateRequestStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type PodCertificateRequest = z.output<typeof podCertificateRequestSchema>

const outcome = ({ status }: PodCertificateRequest): string =>
  (status.conditions ?? []).findLast(({ type }) => podCertificateOutcomes.includes(type))?.type ?? 'Pending'

export const podCertificateRequests = (): Resource<PodCertificateRequest> => ({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  singular: 'podcertificaterequest',
  scope: 'Namespaced',
  schema: podCertificateRequestSchema,
  columns: [
    nameColumn,
    column('PodName', 'The pod that uses the certificate.', ({ spec }) => spec.podName),
    column('ServiceAccountName', 'The service account of the pod.', ({ spec }) => spec.serviceAccountName),
    column('NodeName', 'The node of the pod.', ({ spec }) => spec.nodeName),
    column('SignerName', 'Signer that is asked.', ({ spec }) => spec.signerName),
    column('State', 'Is the request Pending, Issued, Denied, or Failed?', outcome),
    column('UnverifiedUserAnnotations', 'Data of the author of the pod for the signer.', ({ spec }) =>
      labelsText(spec.unverifiedUserAnnotations),
    ),
  ],
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName,
    'spec.podName': ({ spec }) => spec.podName,
    'spec.nodeName': ({ spec }) => spec.nodeName,
  },
  generation: false,
  unconditionalUpdate: false,
  validate: validatePodCertificateRequest,
  subresources: {
    status: {
      prepare: keepSpecAndMetadata,
      validate: validatePodCertificateStatus,
    },
  },
})
