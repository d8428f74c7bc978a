/** Questions about identity and access: SelfSubjectReview, TokenReview and the access reviews. Nothing of them is stored. */
import type { z } from 'zod'
import { selfSubjectReviewSchema } from '#api/authentication/self-subject-review.ts'
import { type TokenReview, tokenReviewSchema } from '#api/authentication/token-review.ts'
import {
  localSubjectAccessReviewSchema,
  type SelfSubjectRulesReview,
  type SubjectAccessReview,
  selfSubjectAccessReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
} from '#api/authorization/access-review.ts'
import { type AccessSpec, validateAccessSpec, validateLocal, validateReviewMetadata } from '#api/authorization/validation.ts'
import { canonical } from '#api/canonical.ts'
import { ApiError, badRequest, invalidError } from '#api/meta/status.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { KubeObject } from '#api/resource.ts'
import { partialObjectMetadata } from '#api/table.ts'
import type { TokenReviewer } from '#apiserver/authentication/authenticator.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import { reviewAttributes } from '#apiserver/authorization/review-attributes.ts'
import { notAcceptable } from '#apiserver/filters/negotiation.ts'
import { writeOptions } from '#apiserver/registry/options.ts'
import { matchNamespace, timestamp } from '#apiserver/registry/system-metadata.ts'
import { decodeKind } from './decode.ts'
import type { Answer, ApiRequest } from './exchange.ts'

export interface ReviewDeps {
  authorizer: Authorizer
  tokens: TokenReviewer
  audiences: readonly string[]
}

/** Undefined for resources that are no reviews. Throws 406: reviews have no columns. */
export async function reviewAnswer(deps: ReviewDeps, request: ApiRequest): Promise<Answer | undefined> {
  const answer = answererOf(request.info)
  if (answer === undefined) return undefined
  const { form, version } = request.accepted
  if (form === 'table' || form === 'partialList') throw notAcceptable()
  const full = await answer(deps, request)
  if (form === 'object') return full
  return { status: full.status, object: { ...partialObjectMetadata(full.object as KubeObject), apiVersion: `meta.k8s.io/${version}` } }
}

type Answerer = (deps: ReviewDeps, request: ApiRequest) => Answer | Promise<Answer>

function answererOf({ group, version, resource }: ApiRequest['info']): Answerer | undefined {
  if (version !== 'v1') return undefined
  if (group === 'authentication.k8s.io') {
    if (resource === 'selfsubjectreviews') return (_deps, request) => selfReview(request)
    return resource === 'tokenreviews' ? tokenReview : undefined
  }
  if (group !== 'authorization.k8s.io') return undefined
  if (resource === 'selfsubjectrulesreviews') return rulesReview
  const kind = Object.hasOwn(accessKinds, resource) ? accessKinds[resource] : undefined
  return kind === undefined ? undefined : (deps, request) => accessReview(deps, request, kind)
}

const accessKinds: Readonly<Record<string, string>> = {
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  subjectaccessreviews: 'SubjectAccessReview',
  localsubjectaccessreviews: 'LocalSubjectAccessReview',
}

const schemas: Readonly<Record<string, z.ZodType>> = {
  SelfSubjectReview: selfSubjectReviewSchema,
  TokenReview: tokenReviewSchema,
  SelfSubjectAccessReview: selfSubjectAccessReviewSchema,
  SubjectAccessReview: subjectAccessReviewSchema,
  SelfSubjectRulesReview: selfSubjectRulesReviewSchema,
  LocalSubjectAccessReview: localSubjectAccessReviewSchema,
}

const schemaOf = (kind: string): z.ZodType => {
  const schema = schemas[kind]
  if (!schema) throw new Error(`no schema of ${kind}`)
  return schema
}

/** Throws 400 and 415. */
function reviewOf<T extends KubeObject>(request: ApiRequest, kind: string): T {
  const schema = schemaOf(kind)
  const { fieldValidation } = writeOptions(request.info.query, 'CreateOptions')
  const expected = { group: request.info.group, version: 'v1', kind, schema }
  const decoded = decodeKind<KubeObject>(request, expected as never, { validation: fieldValidation, warn: request.warn })
  return canonical(decoded, schema as z.ZodType<KubeObject>) as T
}

function created(request: ApiRequest, kind: string, review: object): Answer {
  const object = { kind, apiVersion: `${request.info.group}/v1`, ...review } as KubeObject
  return { status: 201, object: canonical(object, schemaOf(kind) as z.ZodType<KubeObject>) }
}

const userInfo = (user: User): object => ({
  username: user.name,
  ...(user.uid ? { uid: user.uid } : {}),
  groups: user.groups,
  ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
})

function selfReview(request: ApiRequest): Answer {
  reviewOf(request, 'SelfSubjectReview')
  const metadata = { creationTimestamp: timestamp(new Date()) }
  return created(request, 'SelfSubjectReview', { metadata, status: { userInfo: userInfo(request.user) } })
}

async function tokenReview(deps: ReviewDeps, request: ApiRequest): Promise<Answer> {
  const review = reviewOf<TokenReview>(request, 'TokenReview')
  const { token = '', audiences = [] } = review.spec
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const found = await deps.tokens.review(token, audiences.length > 0 ? audiences : deps.audiences, new Date())
  const status =
    'user' in found
      ? { authenticated: true, user: userInfo(found.user), audiences: found.audiences }
      : { user: {}, ...(found.error === '' ? {} : { error: found.error }) }
  return created(request, 'TokenReview', { ...review, status })
}

async function accessReview(deps: ReviewDeps, request: ApiRequest, kind: string): Promise<Answer> {
  const review = reviewOf<SubjectAccessReview>(request, kind)
  const { spec } = review
  const isSelf = kind === 'SelfSubjectAccessReview'
  const user: User = isSelf ? request.user : subjectOf(spec)
  const asked: AccessSpec = { ...spec, ...(isSelf ? {} : { subject: { user: user.name, groups: user.groups } }) }
  const isLocal = kind === 'LocalSubjectAccessReview'
  const { namespace } = request.info
  matchNamespace(review.metadata, namespace)
  const errors = [
    ...validateAccessSpec(asked),
    ...validateReviewMetadata(review.metadata, isLocal),
    ...(isLocal ? validateLocal(asked, review.metadata.namespace ?? '') : []),
  ]
  if (errors.length > 0) throw withoutKind(invalidError({ group: 'authorization.k8s.io', plural: '', kind: '' }, '', errors))
  if (isLocal && review.metadata.namespace !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
  const { attributes, errors: unread } = reviewAttributes(spec.resourceAttributes, spec.nonResourceAttributes)
  const { allowed, reason } = await deps.authorizer.authorize(user, attributes)
  const status = { allowed, ...(reason ? { reason } : {}), ...(unread.length > 0 ? { evaluationError: unread.join('; ') } : {}) }
  return created(request, kind, { ...review, status })
}

/** Upstream forgets the kind here. */
function withoutKind(error: ApiError): ApiError {
  const { kind: _kind, ...details } = error.details ?? {}
  return new ApiError(error.code, error.reason, error.message, details)
}

const subjectOf = (spec: SubjectAccessReview['spec']): User => ({
  name: spec.user ?? '',
  groups: spec.groups ?? [],
  ...(spec.uid ? { uid: spec.uid } : {}),
  ...(spec.extra ? { extra: spec.extra } : {}),
})

/** The answer does not repeat what was asked. */
function rulesReview(deps: ReviewDeps, request: ApiRequest): Answer {
  const { spec } = reviewOf<SelfSubjectRulesReview>(request, 'SelfSubjectRulesReview')
  const namespace = spec.namespace ?? ''
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
  return created(request, 'SelfSubjectRulesReview', { metadata: {}, spec: {}, status })
}

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object => ({
  verbs,
  ...(apiGroups ? { apiGroups } : {}),
  ...(resources ? { resources } : {}),
  ...(resourceNames ? { resourceNames } : {}),
})
