/** Questions about identity and access: SelfSubjectReview, TokenReview and the access reviews. */

import type { z } from 'zod'
import { selfSubjectReviewSchema, tokenReviewSchema } from '#api/authentication/reviews.ts'
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from '#api/authorization/access-review.ts'
import { badRequest } from '#api/meta/status.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { ServiceAccountTokens } from '#apiserver/authentication/service-account-tokens.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import type { Attributes } from '#apiserver/authorization/rules.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'
import { decodeKind, quietly } from './decode.ts'
import type { Answer, ApiRequest } from './exchange.ts'

export interface ReviewDeps {
  authorizer: Authorizer
  tokens: ServiceAccountTokens
  audiences: readonly string[]
}

type Plain = Record<string, unknown>

/** Undefined for resources that are no reviews. */
export async function reviewAnswer(deps: ReviewDeps, request: ApiRequest): Promise<Answer | undefined> {
  const { group, version, resource } = request.info
  if (version !== 'v1') return undefined
  if (group === 'authentication.k8s.io') {
    if (resource === 'selfsubjectreviews') return created(request, 'SelfSubjectReview', { userInfo: userInfo(request.user) })
    if (resource === 'tokenreviews') return await tokenReview(deps, request)
  }
  if (group !== 'authorization.k8s.io') return undefined
  if (resource === 'selfsubjectaccessreviews')
    return await accessReview(deps, request, { kind: 'SelfSubjectAccessReview', user: request.user })
  if (resource === 'selfsubjectrulesreviews') return rulesReview(deps, request)
  if (resource === 'subjectaccessreviews') return await accessReview(deps, request, { kind: 'SubjectAccessReview' })
  if (resource === 'localsubjectaccessreviews') return await accessReview(deps, request, { kind: 'LocalSubjectAccessReview' })
  return undefined
}

const userInfo = (user: User): object => ({
  username: user.name,
  ...(user.uid ? { uid: user.uid } : {}),
  groups: user.groups,
  ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
})

function created(request: ApiRequest, kind: string, status: object, spec?: Plain): Answer {
  const apiVersion = `${request.info.group}/v1`
  const metadata = { creationTimestamp: kind === 'SelfSubjectReview' ? timestamp(new Date()) : null }
  return { status: 201, object: { kind, apiVersion, metadata, ...(spec ? { spec } : {}), status } }
}

const schemas: Readonly<Record<string, { group: string; schema: z.ZodType }>> = {
  SelfSubjectReview: { group: 'authentication.k8s.io', schema: selfSubjectReviewSchema },
  TokenReview: { group: 'authentication.k8s.io', schema: tokenReviewSchema },
  SelfSubjectAccessReview: { group: 'authorization.k8s.io', schema: selfSubjectAccessReviewSchema },
  SubjectAccessReview: { group: 'authorization.k8s.io', schema: subjectAccessReviewSchema },
  SelfSubjectRulesReview: { group: 'authorization.k8s.io', schema: selfSubjectRulesReviewSchema },
  LocalSubjectAccessReview: { group: 'authorization.k8s.io', schema: localSubjectAccessReviewSchema },
}

/** Throws 400 and 415. */
function specOf(request: ApiRequest, kind: string): Plain {
  const known = schemas[kind]
  if (!known) throw new Error(`no schema of ${kind}`)
  const review = decodeKind<unknown>(request, { ...known, version: 'v1', kind }, quietly)
  return plain((review as Plain)['spec'])
}

const plain = (value: unknown): Plain => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [])

async function tokenReview(deps: ReviewDeps, request: ApiRequest): Promise<Answer> {
  const spec = specOf(request, 'TokenReview')
  const token = text(spec['token'])
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const audiences = texts(spec['audiences'])
  const found = await deps.tokens.review(token, audiences.length > 0 ? audiences : deps.audiences, new Date())
  const status = found
    ? { authenticated: true, user: userInfo(found.user), audiences: found.audiences }
    : { user: {}, error: 'invalid bearer token' }
  return created(request, 'TokenReview', status, spec)
}

async function accessReview(deps: ReviewDeps, request: ApiRequest, at: { kind: string; user?: User }): Promise<Answer> {
  const spec = specOf(request, at.kind)
  const user = at.user ?? { name: text(spec['user']), groups: texts(spec['groups']) }
  if (!at.user && user.name === '' && user.groups.length === 0) throw badRequest('at least one of user or group must be specified')
  const { allowed, reason } = await deps.authorizer.authorize(user, attributesOf(spec))
  return created(request, at.kind, { allowed, ...(reason ? { reason } : {}) }, spec)
}

function rulesReview(deps: ReviewDeps, request: ApiRequest): Answer {
  const spec = specOf(request, 'SelfSubjectRulesReview')
  const namespace = text(spec['namespace'])
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules, incomplete, error } = deps.authorizer.rules(request.user, namespace)
  const status = {
    resourceRules: rules.filter((rule) => (rule.resources?.length ?? 0) > 0).map(resourceRule),
    nonResourceRules: rules
      .filter((rule) => (rule.nonResourceURLs?.length ?? 0) > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete,
    ...(error === '' ? {} : { evaluationError: error }),
  }
  return created(request, 'SelfSubjectRulesReview', status, spec)
}

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object => ({
  verbs,
  ...(apiGroups ? { apiGroups } : {}),
  ...(resources ? { resources } : {}),
  ...(resourceNames ? { resourceNames } : {}),
})

function attributesOf(spec: Plain): Attributes {
  const isResource = spec['resourceAttributes'] !== undefined
  const asked = plain(isResource ? spec['resourceAttributes'] : spec['nonResourceAttributes'])
  return {
    isResource,
    verb: text(asked['verb']),
    path: text(asked['path']),
    group: text(asked['group']),
    version: text(asked['version']),
    resource: text(asked['resource']),
    subresource: text(asked['subresource']),
    namespace: text(asked['namespace']),
    name: text(asked['name']),
  }
}
