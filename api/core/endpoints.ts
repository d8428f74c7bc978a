/** DESCRIBE file api/core/endpoints.ts */
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
  'DESCRIBE EndpointAddress',
  {
    ip: string(1, 'DESCRIBE EndpointAddress.ip', { json: 'always' }),
    hostname: string(3, 'DESCRIBE EndpointAddress.hostname'),
    nodeName: string(4, 'DESCRIBE EndpointAddress.nodeName', { pointer: true }),
    targetRef: object(2, objectReferenceSchema, 'DESCRIBE EndpointAddress.targetRef', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointAddress = z.output<typeof endpointAddressSchema>

export const endpointPortSchema = message(
  'io.k8s.api.core.v1.EndpointPort',
  'DESCRIBE EndpointPort',
  {
    name: string(1, 'DESCRIBE EndpointPort.name'),
    port: int32(2, 'DESCRIBE EndpointPort.port', { json: 'always' }),
    protocol: string(3, 'DESCRIBE EndpointPort.protocol', { enum: ['SCTP', 'TCP', 'UDP'] }),
    appProtocol: string(4, 'DESCRIBE EndpointPort.appProtocol', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointPort = z.output<typeof endpointPortSchema>

export const endpointSubsetSchema = message('io.k8s.api.core.v1.EndpointSubset', 'DESCRIBE EndpointSubset', {
  addresses: list(1, endpointAddressSchema, 'DESCRIBE EndpointSubset.addresses', { listType: 'atomic' }),
  notReadyAddresses: list(2, endpointAddressSchema, 'DESCRIBE EndpointSubset.notReadyAddresses', { listType: 'atomic' }),
  ports: list(3, endpointPortSchema, 'DESCRIBE EndpointSubset.ports', { listType: 'atomic' }),
})
export type EndpointSubset = z.output<typeof endpointSubsetSchema>

export const endpointsSchema = kind('io.k8s.api.core.v1.Endpoints', 'DESCRIBE Endpoints', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Endpoints.metadata', { json: 'always', required: false }),
  subsets: list(2, endpointSubsetSchema, 'DESCRIBE Endpoints.subsets', { listType: 'atomic' }),
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
  columns: endpointsColumns,
  createOnUpdate: true,
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
