/** RBAC: what the roles bound to a user allow. Answers are remembered until a role or a binding changes. */
import type { Binding } from '#api/rbac/defaults.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Authorizer, Decision, UserRules } from './authorizer.ts'
import { type Bound, boundTo, describeBound, missingRole, type RoleIndex, type RoleObjects, roleIndexOf, rulesOf } from './role-index.ts'
import { type Attributes, coversAllButName } from './rules.ts'

export interface RoleSource {
  /** Grows with every change of a role or binding. */
  version(): number
  read(): RoleObjects
  /** Resolves once what `read` gives is not of the past: a server that starts may begin there. False where there is nothing to read yet. */
  settled?(): Promise<boolean>
}

/** What is known of one question, whatever the name of the object. */
interface Answer {
  /** For all names. */
  whole: Decision
  /** For certain names, where `whole` refuses. */
  named: ReadonlyMap<string, Decision> | undefined
}

type Answers = Map<string, Answer>

const mostUsers = 5_000
const mostAnswers = 2_000

export class RbacAuthorizer implements Authorizer {
  readonly #source: RoleSource
  #isSettled = false
  #version = -1
  #index: RoleIndex = roleIndexOf({ clusterRoleBindings: [], roleBindings: [], clusterRoles: [], roles: [] })
  #answers = new Map<string, Answers>()
  #answersOfObject = new WeakMap<User, Answers>()

  constructor(source: RoleSource) {
    this.#source = source
  }

  authorize(user: User, attributes: Attributes): Decision | Promise<Decision> {
    return this.#isSettled ? this.#decide(user, attributes) : this.#decideSettled(user, attributes)
  }

  async #decideSettled(user: User, attributes: Attributes): Promise<Decision> {
    this.#isSettled = (await this.#source.settled?.()) ?? true
    return this.#decide(user, attributes)
  }

  #decide(user: User, attributes: Attributes): Decision {
    const index = this.#current()
    const answers = this.#answersOf(user)
    const key = questionOf(attributes)
    let answer = answers.get(key)
    if (!answer) {
      if (answers.size >= mostAnswers) answers.clear()
      answer = answerOf(index, user, attributes)
      answers.set(key, answer)
    }
    return answer.named?.get(attributes.name) ?? answer.whole
  }

  rules(user: User, namespace: string): UserRules {
    const { rules, errors } = collected(this.#current(), user, namespace)
    return { rules, incomplete: false, error: aggregate(errors) }
  }

  /** What the user holds, and the names of roles that are given to them and are not there. */
  held(user: User, namespace: string): { rules: readonly PolicyRule[]; missing: readonly string[] } {
    return collected(this.#current(), user, namespace)
  }

  /** Rules of the role that a binding gives; undefined where it is not there. */
  rulesOf(binding: Binding): readonly PolicyRule[] | undefined {
    return rulesOf(this.#current(), binding)
  }

  #current(): RoleIndex {
    const version = this.#source.version()
    if (version !== this.#version) {
      this.#version = version
      this.#index = roleIndexOf(this.#source.read())
      this.#answers = new Map()
      this.#answersOfObject = new WeakMap()
    }
    return this.#index
  }

  /** The same object stands for the same user (a connection's, a token's); equal ones share their answers. */
  #answersOf(user: User): Answers {
    const known = this.#answersOfObject.get(user)
    if (known) return known
    const key = JSON.stringify([user.name, ...user.groups])
    let answers = this.#answers.get(key)
    if (!answers) {
      if (this.#answers.size >= mostUsers) this.#answers.clear()
      answers = new Map()
      this.#answers.set(key, answers)
    }
    this.#answersOfObject.set(user, answers)
    return answers
  }
}

/** Names are in no alphabet: only the lengths of all parts but the last keep two questions apart. */
const questionOf = (a: Attributes): string =>
  a.isResource
    ? `${a.verb.length} ${a.group.length} ${a.resource.length} ${a.subresource.length} ${a.verb}${a.group}${a.resource}${a.subresource}${a.namespace}`
    : `${a.verb.length} ${a.verb}${a.path}`

function* boundRules(
  index: RoleIndex,
  user: User,
  namespace: string,
): Generator<{ bound: Bound; rules: readonly PolicyRule[] | undefined }> {
  const all = [...boundTo(user, index.cluster), ...(namespace === '' ? [] : boundTo(user, index.namespaced.get(namespace)))]
  for (const bound of all) yield { bound, rules: rulesOf(index, bound.binding) }
}

function answerOf(index: RoleIndex, user: User, attributes: Attributes): Answer {
  const named = new Map<string, Decision>()
  const errors: string[] = []
  for (const { bound, rules } of boundRules(index, user, attributes.namespace)) {
    if (!rules) errors.push(missingRole(bound.binding))
    for (const rule of rules ?? []) {
      if (!coversAllButName(rule, attributes)) continue
      const decision = { allowed: true, reason: `RBAC: allowed by ${describeBound(bound)}` }
      const names = attributes.isResource ? (rule.resourceNames ?? []) : []
      if (names.length === 0) return { whole: decision, named: named.size > 0 ? named : undefined }
      for (const name of names) if (!named.has(name)) named.set(name, decision)
    }
  }
  const error = aggregate(errors)
  return { whole: { allowed: false, reason: error === '' ? '' : `RBAC: ${error}` }, named: named.size > 0 ? named : undefined }
}

interface Collected {
  rules: PolicyRule[]
  errors: string[]
  missing: string[]
}

function collected(index: RoleIndex, user: User, namespace: string): Collected {
  const found: Collected = { rules: [], errors: [], missing: [] }
  for (const { bound, rules } of boundRules(index, user, namespace)) {
    if (rules) found.rules.push(...rules)
    else {
      found.errors.push(missingRole(bound.binding))
      found.missing.push(bound.binding.roleRef.name)
    }
  }
  return found
}

/** Go prints one error as it is and several in brackets. */
function aggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)]
  return different.length <= 1 ? (different[0] ?? '') : `[${different.join(', ')}]`
}
