/** TokenReviews and SubjectAccessReviews by which the API server says who somebody is and what is allowed. */

import type { TokenReview } from '#api/authentication/token-review.ts'
import type { SubjectAccessReview } from '#api/authorization/access-review.ts'
import type { KubeObject } from '#api/resource.ts'
import type { ResourceType } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import type { Reviews } from './access.ts'

const reviewType = <T extends KubeObject>(group: string, kind: string): ResourceType<T> => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  scope: 'Cluster',
})
const tokenReviews = reviewType<TokenReview>('authentication.k8s.io', 'TokenReview')
const accessReviews = reviewType<SubjectAccessReview>('authorization.k8s.io', 'SubjectAccessReview')
const timeoutMs = 10_000

export function apiReviews(client: Client, nodeName: string): Reviews {
  return {
    async token(token) {
      const { status } = await client.create(tokenReviews, { metadata: {}, spec: { token } }, { timeoutMs })
      const { authenticated, user } = status ?? {}
      if (!authenticated || !user?.username) return undefined
      const { username, uid, groups = [], extra } = user
      return { name: username, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
    },
    async access({ name, groups, uid, extra }, { verb, subresource }) {
      const spec = {
        resourceAttributes: { verb, group: '', version: 'v1', resource: 'nodes', subresource, name: nodeName },
        user: name,
        groups: [...groups],
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
      }
      const { status } = await client.create(accessReviews, { metadata: {}, spec }, { timeoutMs })
      return status?.allowed === true && status.denied !== true
    },
  }
}
