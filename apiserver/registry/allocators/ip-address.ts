/** IPAddress objects: one per service address that is taken, at upstream's own key; made and removed together with the service. */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'

export const parentReferenceSchema = message('io.k8s.api.networking.v1.ParentReference', 'The object that an address belongs to.', {
  group: string(1, 'API group of the owner.'),
  resource: string(2, 'Plural of the owner.', { json: 'always' }),
  namespace: string(3, 'Namespace of the owner.'),
  name: string(4, 'Name of the owner.', { json: 'always' }),
})
export type ParentReference = z.output<typeof parentReferenceSchema>

export const ipAddressSchema = kind('io.k8s.api.networking.v1.IPAddress', 'One address that is taken; its name is the address.', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  spec: object(
    2,
    message('io.k8s.api.networking.v1.IPAddressSpec', 'Whose the address is.', {
      parentRef: object(1, parentReferenceSchema, 'The owner.', { pointer: true }),
    }),
    'Whose the address is.',
    { json: 'always', required: false },
  ),
})
export type IpAddressObject = z.output<typeof ipAddressSchema>

/** Kept by the server for itself; not served. */
export const IpAddresses: Resource<IpAddressObject> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  schema: ipAddressSchema,
  columns: [],
}

/** A node port that is taken; its name is the number. */
export const NodePorts: Resource<IpAddressObject> = {
  group: 'typernetes.io',
  version: 'v1',
  kind: 'NodePort',
  plural: 'servicenodeports',
  storagePrefix: 'ranges/servicenodeports',
  scope: 'Cluster',
  schema: ipAddressSchema,
  columns: [],
}
