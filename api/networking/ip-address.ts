/** DESCRIBE file api/networking/ip-address.ts */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const parentReferenceSchema = message('io.k8s.api.networking.v1.ParentReference', 'DESCRIBE ParentReference', {
  group: string(1, 'DESCRIBE ParentReference.group'),
  resource: string(2, 'DESCRIBE ParentReference.resource', { required: true }),
  namespace: string(3, 'DESCRIBE ParentReference.namespace'),
  name: string(4, 'DESCRIBE ParentReference.name', { required: true }),
})
export type ParentReference = z.output<typeof parentReferenceSchema>

export const ipAddressSpecSchema = message('io.k8s.api.networking.v1.IPAddressSpec', 'DESCRIBE IPAddressSpec', {
  parentRef: object(1, parentReferenceSchema, 'DESCRIBE IPAddressSpec.parentRef', { pointer: true, required: true }),
})
export type IPAddressSpec = z.output<typeof ipAddressSpecSchema>

export const ipAddressSchema = kind('io.k8s.api.networking.v1.IPAddress', 'DESCRIBE IPAddress', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE IPAddress.metadata', { json: 'always', required: false }),
  spec: object(2, ipAddressSpecSchema, 'DESCRIBE IPAddress.spec', { json: 'always', required: false }),
})
export type IPAddress = z.output<typeof ipAddressSchema>
