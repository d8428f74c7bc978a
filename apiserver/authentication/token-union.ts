/** Several kinds of bearer tokens as one: the first that knows a token decides; errors are told together. */
import type { TokenReviewer } from './authenticator.ts'

const invalid = 'invalid bearer token'

export function tokenUnion(reviewers: readonly TokenReviewer[]): TokenReviewer {
  return {
    async review(token, audiences, now) {
      const errors: string[] = []
      for (const reviewer of reviewers) {
        const reviewed = await reviewer.review(token, audiences, now)
        if ('user' in reviewed) return reviewed
        if (reviewed.error !== '') errors.push(reviewed.error)
      }
      return { error: errors.length === 0 ? invalid : `[${[invalid, ...errors].join(', ')}]` }
    },
  }
}
