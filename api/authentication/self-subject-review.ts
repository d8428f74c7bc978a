/** Self subject reviews: who am I. */
import type { z } from 'zod'
import { kind, message, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { userInfoSchema } from './token-review.ts'

export const selfSubjectReviewStatusSchema = message('io.k8s.api.authentication.v1.SelfSubjectReviewStatus', 'The answer.', {
  userInfo: object(1, userInfoSchema, 'Who made the request.'),
})
export type SelfSubjectReviewStatus = z.output<typeof selfSubjectReviewStatusSchema>

export const selfSubjectReviewSchema = kind('io.k8s.api.authentication.v1.SelfSubjectReview', 'Who am I?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  status: object(2, selfSubjectReviewStatusSchema, 'The answer.', { json: 'always', required: false }),
})
export type SelfSubjectReview = z.output<typeof selfSubjectReviewSchema>
