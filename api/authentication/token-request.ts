/** DESCRIBE file api/authentication/token-request.ts */
import type { z } from 'zod'
import { int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const boundObjectReferenceSchema = message('io.k8s.api.authentication.v1.BoundObjectReference', 'DESCRIBE BoundObjectReference', {
  kind: string(1, 'DESCRIBE BoundObjectReference.kind'),
  apiVersion: string(2, 'DESCRIBE BoundObjectReference.apiVersion'),
  name: string(3, 'DESCRIBE BoundObjectReference.name'),
  uid: string(4, 'DESCRIBE BoundObjectReference.uid'),
})
export type BoundObjectReference = z.output<typeof boundObjectReferenceSchema>

export const tokenRequestSpecSchema = message('io.k8s.api.authentication.v1.TokenRequestSpec', 'DESCRIBE TokenRequestSpec', {
  audiences: list(1, 'string', 'DESCRIBE TokenRequestSpec.audiences', { json: 'always', listType: 'atomic' }),
  expirationSeconds: int64(4, 'DESCRIBE TokenRequestSpec.expirationSeconds', { json: 'always', pointer: true, required: false }),
  boundObjectRef: object(3, boundObjectReferenceSchema, 'DESCRIBE TokenRequestSpec.boundObjectRef', {
    json: 'always',
    pointer: true,
    required: false,
  }),
})
export type TokenRequestSpec = z.output<typeof tokenRequestSpecSchema>

export const tokenRequestStatusSchema = message('io.k8s.api.authentication.v1.TokenRequestStatus', 'DESCRIBE TokenRequestStatus', {
  token: string(1, 'DESCRIBE TokenRequestStatus.token', { json: 'always' }),
  expirationTimestamp: time(2, 'DESCRIBE TokenRequestStatus.expirationTimestamp', { json: 'always' }),
})
export type TokenRequestStatus = z.output<typeof tokenRequestStatusSchema>

export const tokenRequestSchema = kind('io.k8s.api.authentication.v1.TokenRequest', 'DESCRIBE TokenRequest', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE TokenRequest.metadata', { json: 'always', required: false }),
  spec: object(2, tokenRequestSpecSchema, 'DESCRIBE TokenRequest.spec', { json: 'always' }),
  status: object(3, tokenRequestStatusSchema, 'DESCRIBE TokenRequest.status', { json: 'always', required: false }),
})
export type TokenRequest = z.output<typeof tokenRequestSchema>
