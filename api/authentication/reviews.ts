/** Questions about identity: SelfSubjectReview (who am I) and TokenReview (whose token is this). */
import type { z } from 'zod'
import { bool, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const selfSubjectReviewSchema = kind('io.k8s.api.authentication.v1.SelfSubjectReview', 'Who am I?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
})

export const tokenReviewSchema = kind('io.k8s.api.authentication.v1.TokenReview', 'Whose token is this?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  spec: object(
    2,
    message('io.k8s.api.authentication.v1.TokenReviewSpec', 'The token in question.', {
      token: string(1, 'The bearer token.'),
      audiences: list(2, 'string', 'Audiences one of which it must be for; those of the server by default.', { listType: 'atomic' }),
    }),
    'The token in question.',
    { json: 'always' },
  ),
  status: object(
    3,
    message('io.k8s.api.authentication.v1.TokenReviewStatus', 'The answer.', {
      authenticated: bool(1, 'Whether the token is valid.'),
      error: string(3, 'Why it is not.'),
    }),
    'The answer.',
    { json: 'always', required: false },
  ),
})
export type TokenReview = z.output<typeof tokenReviewSchema>
