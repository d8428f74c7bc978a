/** Token requests: the body of the token subresource of service accounts. */
import type { z } from 'zod'
import { int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const boundObjectReferenceSchema = message(
  'io.k8s.api.authentication.v1.BoundObjectReference',
  'The object whose life bounds that of a token.',
  {
    kind: string(1, 'Kind of the object: Pod, Secret or Node.'),
    apiVersion: string(2, 'Group and version of the object.'),
    name: string(3, 'Name of the object.'),
    uid: string(4, 'Uid of the object.', { goType: 'types.UID' }),
  },
)
export type BoundObjectReference = z.output<typeof boundObjectReferenceSchema>

export const tokenRequestSpecSchema = message('io.k8s.api.authentication.v1.TokenRequestSpec', 'What token is asked for.', {
  audiences: list(1, 'string', 'Whom it is for.', { json: 'always', listType: 'atomic' }),
  expirationSeconds: int64(4, 'Seconds it is to be good for.', { json: 'always', pointer: true, required: false }),
  boundObjectRef: object(3, boundObjectReferenceSchema, 'Object without which it is no longer good.', {
    json: 'always',
    pointer: true,
    required: false,
  }),
})
export type TokenRequestSpec = z.output<typeof tokenRequestSpecSchema>

export const tokenRequestStatusSchema = message('io.k8s.api.authentication.v1.TokenRequestStatus', 'The token.', {
  token: string(1, 'The token itself.', { json: 'always' }),
  expirationTimestamp: time(2, 'When it ends.', { json: 'always' }),
})
export type TokenRequestStatus = z.output<typeof tokenRequestStatusSchema>

export const tokenRequestSchema = kind('io.k8s.api.authentication.v1.TokenRequest', 'Asks for a token of a service account.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, tokenRequestSpecSchema, 'The wanted state.', { json: 'always' }),
  status: object(3, tokenRequestStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type TokenRequest = z.output<typeof tokenRequestSchema>
