/** DESCRIBE file api/discovery/endpoint-slice.ts */
import type { z } from 'zod'
import { objectReferenceSchema } from '#api/core/references.ts'
import { bool, int32, kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { endpointSliceColumns } from './columns.ts'
import { validateEndpointSlice } from './validation.ts'
import { endpointSliceWarnings } from './warnings.ts'

export const endpointConditionsSchema = message('io.k8s.api.discovery.v1.EndpointConditions', 'DESCRIBE EndpointConditions', {
  ready: bool(1, 'DESCRIBE EndpointConditions.ready', { pointer: true }),
  serving: bool(2, 'DESCRIBE EndpointConditions.serving', { pointer: true }),
  terminating: bool(3, 'DESCRIBE EndpointConditions.terminating', { pointer: true }),
})
export type EndpointConditions = z.output<typeof endpointConditionsSchema>

export const forZoneSchema = message('io.k8s.api.discovery.v1.ForZone', 'DESCRIBE ForZone', {
  name: string(1, 'DESCRIBE ForZone.name', { json: 'always' }),
})
export type ForZone = z.output<typeof forZoneSchema>

export const forNodeSchema = message('io.k8s.api.discovery.v1.ForNode', 'DESCRIBE ForNode', {
  name: string(1, 'DESCRIBE ForNode.name', { json: 'always' }),
})
export type ForNode = z.output<typeof forNodeSchema>

export const endpointHintsSchema = message('io.k8s.api.discovery.v1.EndpointHints', 'DESCRIBE EndpointHints', {
  forZones: list(1, forZoneSchema, 'DESCRIBE EndpointHints.forZones', { listType: 'atomic' }),
  forNodes: list(2, forNodeSchema, 'DESCRIBE EndpointHints.forNodes', { listType: 'atomic' }),
})
export type EndpointHints = z.output<typeof endpointHintsSchema>

export const endpointSchema = message('io.k8s.api.discovery.v1.Endpoint', 'DESCRIBE Endpoint', {
  addresses: list(1, 'string', 'DESCRIBE Endpoint.addresses', { json: 'always', listType: 'set' }),
  conditions: object(2, endpointConditionsSchema, 'DESCRIBE Endpoint.conditions'),
  hostname: string(3, 'DESCRIBE Endpoint.hostname', { pointer: true }),
  targetRef: object(4, objectReferenceSchema, 'DESCRIBE Endpoint.targetRef', { pointer: true }),
  deprecatedTopology: map(5, 'string', 'DESCRIBE Endpoint.deprecatedTopology'),
  nodeName: string(6, 'DESCRIBE Endpoint.nodeName', { pointer: true }),
  zone: string(7, 'DESCRIBE Endpoint.zone', { pointer: true }),
  hints: object(8, endpointHintsSchema, 'DESCRIBE Endpoint.hints', { pointer: true }),
})
export type Endpoint = z.output<typeof endpointSchema>

export const endpointPortSchema = message(
  'io.k8s.api.discovery.v1.EndpointPort',
  'DESCRIBE EndpointPort',
  {
    name: string(1, 'DESCRIBE EndpointPort.name', { pointer: true }),
    protocol: string(2, 'DESCRIBE EndpointPort.protocol', { pointer: true, enum: ['SCTP', 'TCP', 'UDP'] }),
    port: int32(3, 'DESCRIBE EndpointPort.port', { pointer: true }),
    appProtocol: string(4, 'DESCRIBE EndpointPort.appProtocol', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointPort = z.output<typeof endpointPortSchema>

export const endpointSliceSchema = kind('io.k8s.api.discovery.v1.EndpointSlice', 'DESCRIBE EndpointSlice', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE EndpointSlice.metadata', { json: 'always', required: false }),
  addressType: string(4, 'DESCRIBE EndpointSlice.addressType', { json: 'always', enum: ['FQDN', 'IPv4', 'IPv6'] }),
  endpoints: list(2, endpointSchema, 'DESCRIBE EndpointSlice.endpoints', { json: 'always', listType: 'atomic' }),
  ports: list(3, endpointPortSchema, 'DESCRIBE EndpointSlice.ports', { json: 'always', required: false, listType: 'atomic' }),
})
export type EndpointSlice = z.output<typeof endpointSliceSchema>

function prepareEndpointSlice(next: EndpointSlice, prev: EndpointSlice | undefined): EndpointSlice {
  const generation = prev?.metadata.generation ?? 0
  const content = ({ addressType, endpoints, ports, metadata }: EndpointSlice) => [addressType, endpoints, ports, metadata.labels]
  const same = prev && sameValue(content(next), content(prev))
  next.metadata.generation = same ? generation : generation + 1
  if (!prev || !sameValue(next.endpoints, prev.endpoints)) for (const endpoint of next.endpoints ?? []) delete endpoint.deprecatedTopology
  return next
}

export const EndpointSlices: Resource<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  scope: 'Namespaced',
  schema: endpointSliceSchema,
  columns: endpointSliceColumns,
  generation: false,
  defaults(slice) {
    for (const port of slice.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
    return slice
  },
  prepare: prepareEndpointSlice,
  validate: validateEndpointSlice,
  warnings: endpointSliceWarnings,
}
