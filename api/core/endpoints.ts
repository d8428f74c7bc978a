/** Endpoints, the older form of endpoint slices. */
import type { z } from 'zod'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { warningsForIp } from '#api/validation/addresses.ts'
import { endpointsColumns } from './columns/endpoints.ts'
import { objectReferenceSchema } from './references.ts'
import { validateEndpoints } from './validation/endpoints.ts'

export const endpointAddressSchema = message(
  'io.k8s.api.core.v1.EndpointAddress',
  'One address behind a service.',
  {
    ip: string(1, 'The address.', { json: 'always' }),
    hostname: string(3, 'Its hostname.'),
    nodeName: string(4, 'Node that it is on.', { pointer: true }),
    targetRef: object(2, objectReferenceSchema, 'The pod behind it.', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointAddress = z.output<typeof endpointAddressSchema>

export const endpointPortSchema = message(
  'io.k8s.api.core.v1.EndpointPort',
  'A port of endpoints.',
  {
    name: string(1, 'Name of the service port.'),
    port: int32(2, 'Port number.', { json: 'always' }),
    protocol: string(3, 'TCP, UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
    appProtocol: string(4, 'Protocol above the transport.', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointPort = z.output<typeof endpointPortSchema>

export const endpointSubsetSchema = message('io.k8s.api.core.v1.EndpointSubset', 'Addresses that share ports.', {
  addresses: list(1, endpointAddressSchema, 'Addresses that take traffic.', { listType: 'atomic' }),
  notReadyAddresses: list(2, endpointAddressSchema, 'Addresses that do not yet.', { listType: 'atomic' }),
  ports: list(3, endpointPortSchema, 'Their ports.', { listType: 'atomic' }),
})
export type EndpointSubset = z.output<typeof endpointSubsetSchema>

export const endpointsSchema = kind('io.k8s.api.core.v1.Endpoints', 'All endpoints of a service; superseded by endpoint slices.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  subsets: list(2, endpointSubsetSchema, 'Addresses with their ports.', { listType: 'atomic' }),
})
export type Endpoints = z.output<typeof endpointsSchema>

export const EndpointsResource: Resource<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  scope: 'Namespaced',
  storagePrefix: 'services/endpoints',
  schema: endpointsSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: endpointsColumns,
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  validate: validateEndpoints,
  warnings(next) {
    if (next.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
    return (next.subsets ?? []).flatMap((subset, s) =>
      (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
        (subset[list] ?? []).flatMap(({ ip }, i) => warningsForIp(`subsets[${s}].${list}[${i}].ip`, ip)),
      ),
    )
  },
  defaults(endpoints) {
    for (const port of (endpoints.subsets ?? []).flatMap((subset) => subset.ports ?? [])) port.protocol ||= 'TCP'
    return endpoints
  },
}
