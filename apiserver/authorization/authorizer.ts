/** May this user do this? The interface, and the sentence of a refusal. */
import { goQuote as quoted } from '#api/meta/go-quote.ts'
import { ApiError, forbiddenError } from '#api/meta/status.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import { mastersGroup, type User } from '#apiserver/authentication/user.ts'
import { type Attributes, resourceOf } from './rules.ts'

export interface Decision {
  allowed: boolean
  /** Why, for access reviews and for the refusal; may be empty. */
  reason: string
}

export interface Authorizer {
  /** At once where nothing has to be waited for: this is asked for every request. */
  authorize(user: User, attributes: Attributes): Decision | Promise<Decision>
  /** What the user may do in a namespace, for SelfSubjectRulesReview. */
  rules(user: User, namespace: string): UserRules
}

export interface UserRules {
  rules: readonly PolicyRule[]
  /** Not all that the user may do can be listed. */
  incomplete: boolean
  /** What could not be looked up; empty where all could. */
  error: string
}

/** The first that allows decides; a refusal carries the reasons of all. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize: (user, attributes) => ask(authorizers, 0, { user, attributes, reasons: [] }),
    rules(user, namespace) {
      const all = authorizers.map((authorizer) => authorizer.rules(user, namespace))
      const errors = all.map(({ error }) => error).filter((error) => error !== '')
      return {
        rules: all.flatMap(({ rules }) => rules),
        incomplete: all.some(({ incomplete }) => incomplete),
        error: errors.length <= 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`,
      }
    },
  }
}

interface Asked {
  user: User
  attributes: Attributes
  /** Of those that refused so far. */
  reasons: string[]
}

/** Those from `first` on. */
function ask(authorizers: readonly Authorizer[], first: number, asked: Asked): Decision | Promise<Decision> {
  for (let i = first; i < authorizers.length; i++) {
    const decision = (authorizers[i] as Authorizer).authorize(asked.user, asked.attributes)
    if (decision instanceof Promise) return decision.then((late) => (isFinal(late, asked) ? late : ask(authorizers, i + 1, asked)))
    if (isFinal(decision, asked)) return decision
  }
  return { allowed: false, reason: asked.reasons.join('\n') }
}

function isFinal({ allowed, reason }: Decision, { reasons }: Asked): boolean {
  if (!allowed && reason !== '') reasons.push(reason)
  return allowed
}

/** The group with which a cluster is set up: it may do everything, whatever roles say. */
export const mastersAuthorizer: Authorizer = {
  authorize: (user) => ({ allowed: user.groups.includes(mastersGroup), reason: '' }),
  /** They are listed by the binding of cluster-admin. */
  rules: () => ({ rules: [], incomplete: false, error: '' }),
}

/** `User "x" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function refusal(user: User, attributes: Attributes): string {
  const { verb, group, namespace } = attributes
  if (!attributes.isResource) return `User ${quoted(user.name)} cannot ${verb} path ${quoted(attributes.path)}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quoted(namespace)}`
  return `User ${quoted(user.name)} cannot ${verb} resource ${quoted(resourceOf(attributes))} in API group ${quoted(group)} ${where}`
}

export function forbiddenRequest(user: User, attributes: Attributes, reason: string): ApiError {
  const why = reason === '' ? refusal(user, attributes) : `${refusal(user, attributes)}: ${reason}`
  if (!attributes.isResource) return new ApiError(403, 'Forbidden', `forbidden: ${why}`, {})
  return forbiddenError({ group: attributes.group, plural: attributes.resource, kind: '' }, attributes.name, why)
}
