/** May this user do this? The interface, and the sentence of a refusal. */
import { goQuote as quoted } from '#api/meta/go-quote.ts'
import { ApiError, forbiddenError } from '#api/meta/status.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Attributes, Rule } from './rules.ts'

export interface Decision {
  allowed: boolean
  /** Why, for access reviews and for the refusal; may be empty. */
  reason: string
}

export interface Authorizer {
  authorize(user: User, attributes: Attributes): Promise<Decision>
  /** What the user may do, for SelfSubjectRulesReview; `incomplete` where not all of it can be listed. */
  rules(user: User): { rules: readonly Rule[]; incomplete: boolean }
}

/** `User "x" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function refusal(user: User, attributes: Attributes): string {
  const { verb, group, namespace } = attributes
  if (!attributes.isResource) return `User ${quoted(user.name)} cannot ${verb} path ${quoted(attributes.path)}`
  const resource = attributes.subresource === '' ? attributes.resource : `${attributes.resource}/${attributes.subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quoted(namespace)}`
  return `User ${quoted(user.name)} cannot ${verb} resource ${quoted(resource)} in API group ${quoted(group)} ${where}`
}

export function forbiddenRequest(user: User, attributes: Attributes, reason: string): ApiError {
  const why = reason === '' ? refusal(user, attributes) : `${refusal(user, attributes)}: ${reason}`
  if (!attributes.isResource) return new ApiError(403, 'Forbidden', `forbidden: ${why}`, {})
  return forbiddenError({ group: attributes.group, plural: attributes.resource, kind: '' }, attributes.name, why)
}
