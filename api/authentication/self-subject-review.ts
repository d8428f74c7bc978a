/** DESCRIBE file api/authentication/self-subject-review.ts */
import type { z } from 'zod'
import { kind, message, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { userInfoSchema } from './token-review.ts'

export const selfSubjectReviewStatusSchema = message(
  'io.k8s.api.authentication.v1.SelfSubjectReviewStatus',
  'DESCRIBE SelfSubjectReviewStatus',
  {
    userInfo: object(1, userInfoSchema, 'DESCRIBE SelfSubjectReviewStatus.userInfo'),
  },
)
export type SelfSubjectReviewStatus = z.output<typeof selfSubjectReviewStatusSchema>

export const selfSubjectReviewSchema = kind('io.k8s.api.authentication.v1.SelfSubjectReview', 'DESCRIBE SelfSubjectReview', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE SelfSubjectReview.metadata', { json: 'always', required: false }),
  status: object(2, selfSubjectReviewStatusSchema, 'DESCRIBE SelfSubjectReview.status', { json: 'always', required: false }),
})
export type SelfSubjectReview = z.output<typeof selfSubjectReviewSchema>
