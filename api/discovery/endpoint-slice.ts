/** Endpoint slices. */
import type { z } from 'zod'
import { objectReferenceSchema } from '#api/core/references.ts'
import { bool, int32, kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { endpointSliceColumns } from './columns.ts'
import { sameEndpoints, validateEndpointSlice } from './validation.ts'
import { endpointSliceWarnings } from './warnings.ts'

export const endpointConditionsSchema = message('io.k8s.api.discovery.v1.EndpointConditions', 'Whether an endpoint takes traffic.', {
  ready: bool(1, 'Takes new connections.', { pointer: true }),
  serving: bool(2, 'Would take them if it were not ending.', { pointer: true }),
  terminating: bool(3, 'Is on its way out.', { pointer: true }),
})
export type EndpointConditions = z.output<typeof endpointConditionsSchema>

export const forZoneSchema = message('io.k8s.api.discovery.v1.ForZone', 'A zone that an endpoint should serve.', {
  name: string(1, 'Name of the zone.', { json: 'always' }),
})
export type ForZone = z.output<typeof forZoneSchema>

export const forNodeSchema = message('io.k8s.api.discovery.v1.ForNode', 'A node that an endpoint should serve.', {
  name: string(1, 'Name of the node.', { json: 'always' }),
})
export type ForNode = z.output<typeof forNodeSchema>

export const endpointHintsSchema = message('io.k8s.api.discovery.v1.EndpointHints', 'Who is best served by an endpoint.', {
  forZones: list(1, forZoneSchema, 'Zones.', { listType: 'atomic' }),
  forNodes: list(2, forNodeSchema, 'Nodes.', { listType: 'atomic' }),
})
export type EndpointHints = z.output<typeof endpointHintsSchema>

export const endpointSchema = message('io.k8s.api.discovery.v1.Endpoint', 'One backend of a service.', {
  addresses: list(1, 'string', 'Its addresses; all lead to the same.', { json: 'always', listType: 'set' }),
  conditions: object(2, endpointConditionsSchema, 'Whether it takes traffic.'),
  hostname: string(3, 'Its hostname.', { pointer: true }),
  targetRef: object(4, objectReferenceSchema, 'The pod behind it.', { pointer: true }),
  deprecatedTopology: map(5, 'string', 'Not used any more.'),
  nodeName: string(6, 'Node that it runs on.', { pointer: true }),
  zone: string(7, 'Zone that it is in.', { pointer: true }),
  hints: object(8, endpointHintsSchema, 'Who is best served by it.', { pointer: true }),
})
export type Endpoint = z.output<typeof endpointSchema>

export const endpointPortSchema = message(
  'io.k8s.api.discovery.v1.EndpointPort',
  'A port of endpoints.',
  {
    name: string(1, 'Name of the service port.', { pointer: true }),
    protocol: string(2, 'TCP, UDP or SCTP.', { pointer: true, enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
    port: int32(3, 'Port number.', { pointer: true }),
    appProtocol: string(4, 'Protocol above the transport.', { pointer: true }),
  },
  { atomic: true },
)
export type EndpointPort = z.output<typeof endpointPortSchema>

export const endpointSliceSchema = kind('io.k8s.api.discovery.v1.EndpointSlice', "Part of a service's endpoints.", {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  addressType: string(4, 'IPv4, IPv6 or FQDN; cannot change.', {
    json: 'always',
    enum: ['FQDN', 'IPv4', 'IPv6'],
    goType: 'v1.AddressType',
  }),
  endpoints: list(2, endpointSchema, 'The endpoints, at most 1000.', { json: 'always', listType: 'atomic' }),
  ports: list(3, endpointPortSchema, 'Ports of each endpoint.', { json: 'always', required: false, listType: 'atomic' }),
})
export type EndpointSlice = z.output<typeof endpointSliceSchema>

function prepareEndpointSlice(next: EndpointSlice, prev: EndpointSlice | undefined): EndpointSlice {
  const generation = prev?.metadata.generation ?? 0
  const content = ({ addressType, ports, metadata }: EndpointSlice) => [addressType, ports, metadata.labels]
  const keepsEndpoints = prev !== undefined && sameEndpoints(next.endpoints, prev.endpoints)
  const same = keepsEndpoints && sameValue(content(next), content(prev))
  next.metadata.generation = same ? generation : generation + 1
  if (!keepsEndpoints) for (const endpoint of next.endpoints ?? []) delete endpoint.deprecatedTopology
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
  metadataOnUpdate: 'left to the rules of the kind',
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
