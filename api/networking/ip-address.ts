/** Addresses of services that are in use. */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { ipAddressColumns } from './columns.ts'
import { checkAddressName, validateIPAddress } from './validation/addresses.ts'

export const parentReferenceSchema = message('io.k8s.api.networking.v1.ParentReference', 'An object that owns something.', {
  group: string(1, 'API group of the object.'),
  resource: string(2, 'Resource of the object, in the plural.', { required: true }),
  namespace: string(3, 'Namespace of the object.'),
  name: string(4, 'Name of the object.', { required: true }),
})
export type ParentReference = z.output<typeof parentReferenceSchema>

export const ipAddressSpecSchema = message('io.k8s.api.networking.v1.IPAddressSpec', 'Who an address belongs to.', {
  parentRef: object(1, parentReferenceSchema, 'Object that uses the address.', { pointer: true, required: true }),
})
export type IPAddressSpec = z.output<typeof ipAddressSpecSchema>

export const ipAddressSchema = kind(
  'io.k8s.api.networking.v1.IPAddress',
  'One address of a service range that is in use; named after the address.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, ipAddressSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  },
)
export type IPAddress = z.output<typeof ipAddressSchema>

export const IPAddresses: Resource<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  scope: 'Cluster',
  schema: ipAddressSchema,
  columns: ipAddressColumns,
  generation: false,
  validateName: checkAddressName,
  validate: validateIPAddress,
}
