/** API services: who serves a group version, this server or another one behind a service. */
import type { z } from 'zod'
import { bool, bytes, int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepMetadataOfStatus } from '#api/meta/status-metadata.ts'
import type { Resource } from '#api/resource.ts'
import { validateApiService, validateApiServiceStatus } from './validation.ts'

export const serviceReferenceSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference',
  'The service that serves an API.',
  {
    namespace: string(1, 'Namespace of the service.'),
    name: string(2, 'Name of the service.'),
    port: int32(3, 'Port of the service; 443 by default.', { pointer: true }),
  },
)
export type ServiceReference = z.output<typeof serviceReferenceSchema>

export const apiServiceSpecSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec',
  'Who serves a group version, and how it ranks.',
  {
    service: object(1, serviceReferenceSchema, 'The service that serves it; this server does where absent.', { pointer: true }),
    group: string(2, 'The API group.'),
    version: string(3, 'The version of the group.'),
    insecureSkipTLSVerify: bool(4, 'Do not verify the certificate of the service.'),
    caBundle: bytes(5, 'PEM of the authorities that sign the certificate of the service.', { listType: 'atomic' }),
    groupPriorityMinimum: int32(7, 'Rank of the group at least; groups of higher rank come first.', { json: 'always' }),
    versionPriority: int32(8, 'Rank of the version in its group; higher ones come first.', { json: 'always' }),
  },
)
export type APIServiceSpec = z.output<typeof apiServiceSpecSchema>

export const apiServiceConditionSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition',
  'One thing known about an API service.',
  {
    type: string(1, 'What it is about: Available.', { json: 'always', goType: 'v1.APIServiceConditionType' }),
    status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
    lastTransitionTime: time(3, 'When the status changed last.'),
    reason: string(4, 'Why, as one word.'),
    message: string(5, 'Why, as a sentence.'),
  },
)
export type APIServiceCondition = z.output<typeof apiServiceConditionSchema>

export const apiServiceStatusSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus',
  'What is known about an API service.',
  {
    conditions: list(1, apiServiceConditionSchema, 'What is known, by type.', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type APIServiceStatus = z.output<typeof apiServiceStatusSchema>

export const apiServiceSchema = kind(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  'Registers who serves a group version.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, apiServiceSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, apiServiceStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type APIService = z.output<typeof apiServiceSchema>

/** What upstream says of a group version that the server itself serves. */
export const localCondition = (now: string | undefined): APIServiceCondition => ({
  type: 'Available',
  status: 'True',
  ...(now === undefined ? {} : { lastTransitionTime: now }),
  reason: 'Local',
  message: 'Local APIServices are always available',
})

export const availableCondition = ({ status }: APIService): APIServiceCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Available')

function availability(service: APIService): string {
  const condition = availableCondition(service)
  if (!condition) return 'Unknown'
  const { status, reason } = condition
  return status === 'True' || !reason ? status : `${status} (${reason})`
}

export const APIServices: Resource<APIService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  schema: apiServiceSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [
    nameColumn,
    column('Service', 'The service that serves the API.', ({ spec: { service } }) =>
      service ? `${service.namespace}/${service.name}` : 'Local',
    ),
    column('Available', 'Whether the API is available.', availability),
    ageColumn,
  ],
  generation: false,
  unconditionalUpdate: false,
  validateName: () => [],
  defaults(service) {
    if (service.spec.service) service.spec.service.port ??= 443
    return service
  },
  prepare(next, prev) {
    if (!prev) next.status = next.spec.service ? {} : { conditions: [localCondition(next.metadata.creationTimestamp)] }
    return next
  },
  validate: validateApiService,
  subresources: {
    status: {
      prepare: (next, prev) => keepMetadataOfStatus({ ...next, spec: prev.spec }, prev),
      validate: validateApiServiceStatus,
    },
  },
}
