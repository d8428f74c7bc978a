/** Questions whether somebody may do something: SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview. */
import type { z } from 'zod'
import { bool, kind, list, map, message, object, string } from '#api/fields.ts'
import { labelSelectorRequirementSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const fieldSelectorRequirementSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  'One condition on a field.',
  {
    key: string(1, 'The field.', { json: 'always' }),
    operator: string(2, 'In, NotIn, Exists or DoesNotExist.', { json: 'always' }),
    values: list(3, 'string', 'Values for In and NotIn.', { listType: 'atomic' }),
  },
)
export type FieldSelectorRequirement = z.output<typeof fieldSelectorRequirementSchema>

const fieldSelectorAttributesSchema = message(
  'io.k8s.api.authorization.v1.FieldSelectorAttributes',
  'The field selector of the request; one of the two forms.',
  {
    rawSelector: string(1, 'As it stands in the query.'),
    requirements: list(2, fieldSelectorRequirementSchema, 'Conditions that all hold.', { listType: 'atomic' }),
  },
)
const labelSelectorAttributesSchema = message(
  'io.k8s.api.authorization.v1.LabelSelectorAttributes',
  'The label selector of the request; one of the two forms.',
  {
    rawSelector: string(1, 'As it stands in the query.'),
    requirements: list(2, labelSelectorRequirementSchema, 'Conditions that all hold.', { listType: 'atomic' }),
  },
)

export const resourceAttributesSchema = message('io.k8s.api.authorization.v1.ResourceAttributes', 'A request on a resource.', {
  namespace: string(1, 'Namespace of the object; empty for all, or for the cluster scope.'),
  verb: string(2, 'What is to be done: get, list, watch, create, update, patch, delete, or a star.'),
  group: string(3, 'API group; a star for all.'),
  version: string(4, 'API version; a star for all.'),
  resource: string(5, 'Plural of the kind; a star for all.'),
  subresource: string(6, 'Part of the resource, such as status.'),
  name: string(7, 'Name of the object; empty for all.'),
  fieldSelector: object(8, fieldSelectorAttributesSchema, 'Fields to which the request is limited.', { pointer: true }),
  labelSelector: object(9, labelSelectorAttributesSchema, 'Labels to which the request is limited.', { pointer: true }),
})
export type ResourceAttributes = z.output<typeof resourceAttributesSchema>

export const nonResourceAttributesSchema = message(
  'io.k8s.api.authorization.v1.NonResourceAttributes',
  'A request on a path that is no resource.',
  {
    path: string(1, 'Path of the address.'),
    verb: string(2, 'HTTP method in lower case.'),
  },
)

export type NonResourceAttributes = z.output<typeof nonResourceAttributesSchema>

export const subjectAccessReviewStatusSchema = message('io.k8s.api.authorization.v1.SubjectAccessReviewStatus', 'The answer.', {
  allowed: bool(1, 'Whether it is allowed.', { json: 'always' }),
  denied: bool(4, 'Whether it is forbidden outright.'),
  reason: string(2, 'Why.'),
  evaluationError: string(3, 'What went wrong while it was judged.'),
})

export const selfSubjectAccessReviewSchema = kind('io.k8s.api.authorization.v1.SelfSubjectAccessReview', 'May I do this?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  spec: object(
    2,
    message('io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec', 'What is asked; one of the two.', {
      resourceAttributes: object(1, resourceAttributesSchema, 'A request on a resource.', { pointer: true }),
      nonResourceAttributes: object(2, nonResourceAttributesSchema, 'A request on another path.', { pointer: true }),
    }),
    'What is asked.',
    { json: 'always' },
  ),
  status: object(3, subjectAccessReviewStatusSchema, 'The answer.', { json: 'always', required: false }),
})
export type SelfSubjectAccessReview = z.output<typeof selfSubjectAccessReviewSchema>

const subjectSpec = message('io.k8s.api.authorization.v1.SubjectAccessReviewSpec', 'What is asked, and about whom.', {
  resourceAttributes: object(1, resourceAttributesSchema, 'A request on a resource.', { pointer: true }),
  nonResourceAttributes: object(2, nonResourceAttributesSchema, 'A request on another path.', { pointer: true }),
  user: string(3, 'Name of the user.'),
  groups: list(4, 'string', 'Groups of the user.', { listType: 'atomic' }),
  extra: map(5, list(1, 'string', 'Values of one fact.', { json: 'always' }), 'Other facts about the user.'),
  uid: string(6, 'Unique id of the user.'),
})

const subjectReview = (name: string, description: string) =>
  kind(`io.k8s.api.authorization.v1.${name}`, description, {
    metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
    spec: object(2, subjectSpec, 'What is asked, and about whom.', { json: 'always' }),
    status: object(3, subjectAccessReviewStatusSchema, 'The answer.', { json: 'always', required: false }),
  })

export const subjectAccessReviewSchema = subjectReview('SubjectAccessReview', 'May this user do this?')
export type SubjectAccessReview = z.output<typeof subjectAccessReviewSchema>
export const localSubjectAccessReviewSchema = subjectReview(
  'LocalSubjectAccessReview',
  'May this user do this in the namespace of the path?',
)

const resourceRuleSchema = message('io.k8s.api.authorization.v1.ResourceRule', 'What may be done with resources.', {
  verbs: list(1, 'string', 'What may be done; a star for everything.', { json: 'always', listType: 'atomic' }),
  apiGroups: list(2, 'string', 'API groups of the resources; a star for all.', { listType: 'atomic' }),
  resources: list(3, 'string', 'Plurals, with a subresource as in pods/log; a star for all.', { listType: 'atomic' }),
  resourceNames: list(4, 'string', 'Only objects with these names; all where empty.', { listType: 'atomic' }),
})
const nonResourceRuleSchema = message('io.k8s.api.authorization.v1.NonResourceRule', 'What may be done with other paths.', {
  verbs: list(1, 'string', 'HTTP methods in lower case; a star for all.', { json: 'always', listType: 'atomic' }),
  nonResourceURLs: list(2, 'string', 'Paths; a star may end one.', { listType: 'atomic' }),
})

export const selfSubjectRulesReviewSchema = kind('io.k8s.api.authorization.v1.SelfSubjectRulesReview', 'What may I do in this namespace?', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.', { json: 'always', required: false }),
  spec: object(
    2,
    message('io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec', 'The namespace in question.', {
      namespace: string(1, 'Namespace whose rules are asked for.'),
    }),
    'The namespace in question.',
    { json: 'always' },
  ),
  status: object(
    3,
    message('io.k8s.api.authorization.v1.SubjectRulesReviewStatus', 'The rules.', {
      resourceRules: list(1, resourceRuleSchema, 'Rules of resources.', { json: 'always', listType: 'atomic' }),
      nonResourceRules: list(2, nonResourceRuleSchema, 'Rules of other paths.', { json: 'always', listType: 'atomic' }),
      incomplete: bool(3, 'Whether there may be more than these.', { json: 'always' }),
      evaluationError: string(4, 'What could not be looked up.'),
    }),
    'The rules.',
    { json: 'always', required: false },
  ),
})
export type SelfSubjectRulesReview = z.output<typeof selfSubjectRulesReviewSchema>
