/** DESCRIBE file api/authentication/token-review.ts */
import type { z } from 'zod'
import { bool, kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const tokenReviewSpecSchema = message('io.k8s.api.authentication.v1.TokenReviewSpec', 'DESCRIBE TokenReviewSpec', {
  token: string(1, 'DESCRIBE TokenReviewSpec.token'),
  audiences: list(2, 'string', 'DESCRIBE TokenReviewSpec.audiences', { listType: 'atomic' }),
})
export type TokenReviewSpec = z.output<typeof tokenReviewSpecSchema>

export const userInfoSchema = message('io.k8s.api.authentication.v1.UserInfo', 'DESCRIBE UserInfo', {
  username: string(1, 'DESCRIBE UserInfo.username'),
  uid: string(2, 'DESCRIBE UserInfo.uid'),
  groups: list(3, 'string', 'DESCRIBE UserInfo.groups', { listType: 'atomic' }),
  extra: map(4, list(1, 'string', 'DESCRIBE authentication.ExtraValue', { json: 'always' }), 'DESCRIBE UserInfo.extra'),
})
export type UserInfo = z.output<typeof userInfoSchema>

export const tokenReviewStatusSchema = message('io.k8s.api.authentication.v1.TokenReviewStatus', 'DESCRIBE TokenReviewStatus', {
  authenticated: bool(1, 'DESCRIBE TokenReviewStatus.authenticated'),
  user: object(2, userInfoSchema, 'DESCRIBE TokenReviewStatus.user'),
  audiences: list(4, 'string', 'DESCRIBE TokenReviewStatus.audiences', { listType: 'atomic' }),
  error: string(3, 'DESCRIBE TokenReviewStatus.error'),
})
export type TokenReviewStatus = z.output<typeof tokenReviewStatusSchema>

export const tokenReviewSchema = kind('io.k8s.api.authentication.v1.TokenReview', 'DESCRIBE TokenReview', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE TokenReview.metadata', { json: 'always', required: false }),
  spec: object(2, tokenReviewSpecSchema, 'DESCRIBE TokenReview.spec', { json: 'always' }),
  status: object(3, tokenReviewStatusSchema, 'DESCRIBE TokenReview.status', { json: 'always', required: false }),
})
export type TokenReview = z.output<typeof tokenReviewSchema>
