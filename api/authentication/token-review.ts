/** Token reviews: whose token is this, and for whom. */
import type { z } from 'zod'
import { bool, kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const tokenReviewSpecSchema = message('io.k8s.api.authentication.v1.TokenReviewSpec', 'The token in question.', {
  token: string(1, 'The bearer token.'),
  audiences: list(2, 'string', 'Audiences one of which it must be for; those of the server by default.', { listType: 'atomic' }),
})
export type TokenReviewSpec = z.output<typeof tokenReviewSpecSchema>

export const userInfoSchema = message('io.k8s.api.authentication.v1.UserInfo', 'Who somebody is.', {
  username: string(1, 'Name of the user.'),
  uid: string(2, 'Id of the user, unique over time.'),
  groups: list(3, 'string', 'Groups of the user.', { listType: 'atomic' }),
  extra: map(4, list(1, 'string', 'Values of one fact.', { json: 'always' }), 'Other facts that the way of proof gave.'),
})
export type UserInfo = z.output<typeof userInfoSchema>

export const tokenReviewStatusSchema = message('io.k8s.api.authentication.v1.TokenReviewStatus', 'The answer.', {
  authenticated: bool(1, 'Whether the token is valid.'),
  user: object(2, userInfoSchema, 'Whose it is.'),
  audiences: list(4, 'string', 'Audiences that were asked for and that the token is for.', { listType: 'atomic' }),
  error: string(3, 'Why it could not be checked.'),
})
export type TokenReviewStatus = z.output<typeof tokenReviewStatusSchema>

export const tokenReviewSchema = kind('io.k8s.api.authentication.v1.TokenReview', 'Whose token is this?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  spec: object(2, tokenReviewSpecSchema, 'The token in question.', { json: 'always' }),
  status: object(3, tokenReviewStatusSchema, 'The answer.', { json: 'always', required: false }),
})
export type TokenReview = z.output<typeof tokenReviewSchema>
