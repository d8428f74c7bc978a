/** Validating admission policies. */
import type { z } from 'zod'
import { inline, int64, kind, list, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpecAndMetadata } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { validatingAdmissionPolicyColumns } from './columns.ts'
import { defaultValidatingAdmissionPolicy } from './defaults.ts'
import { matchConditionSchema, ruleWithOperationsSchema } from './rules.ts'
import { validateValidatingAdmissionPolicy, validateValidatingAdmissionPolicyStatus } from './validation/policies.ts'

export const paramKindSchema = message(
  'io.k8s.api.admissionregistration.v1.ParamKind',
  'A kind whose objects set up a policy.',
  {
    apiVersion: string(1, 'Its group and version.'),
    kind: string(2, 'Its kind.'),
  },
  { atomic: true },
)
export type ParamKind = z.output<typeof paramKindSchema>

export const namedRuleWithOperationsSchema = message(
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
  'Requests, also by names of the objects.',
  {
    resourceNames: list(1, 'string', 'Names of the objects; all where empty.', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, ruleWithOperationsSchema),
  },
  { atomic: true },
)
export type NamedRuleWithOperations = z.output<typeof namedRuleWithOperationsSchema>

export const matchResourcesSchema = message(
  'io.k8s.api.admissionregistration.v1.MatchResources',
  'Requests that a policy is for.',
  {
    namespaceSelector: object(1, labelSelectorSchema, 'Labels of the namespaces.', { pointer: true }),
    objectSelector: object(2, labelSelectorSchema, 'Labels of the objects.', { pointer: true }),
    resourceRules: list(3, namedRuleWithOperationsSchema, 'Requests that it is for.', { listType: 'atomic' }),
    excludeResourceRules: list(4, namedRuleWithOperationsSchema, 'Requests that it is not for, even if resourceRules has them.', {
      listType: 'atomic',
    }),
    matchPolicy: string(7, 'Exact or Equivalent.', { pointer: true, enum: ['Equivalent', 'Exact'], goType: 'v1.MatchPolicyType' }),
  },
  { atomic: true },
)
export type MatchResources = z.output<typeof matchResourcesSchema>

export const validationSchema = message('io.k8s.api.admissionregistration.v1.Validation', 'One rule of a policy.', {
  expression: string(1, 'CEL expression that must be true.', { json: 'always' }),
  message: string(2, 'What the user is told.'),
  reason: string(3, 'Reason of the refusal.', { pointer: true, goType: 'v1.StatusReason' }),
  messageExpression: string(4, 'CEL expression for what the user is told.'),
})
export type Validation = z.output<typeof validationSchema>

export const auditAnnotationSchema = message(
  'io.k8s.api.admissionregistration.v1.AuditAnnotation',
  'A note of a policy in the audit log.',
  {
    key: string(1, 'Key of the note.', { json: 'always' }),
    valueExpression: string(2, 'CEL expression for its text.', { json: 'always' }),
  },
)
export type AuditAnnotation = z.output<typeof auditAnnotationSchema>

export const variableSchema = message(
  'io.k8s.api.admissionregistration.v1.Variable',
  'An expression with a name.',
  {
    name: string(1, 'Name by which others use it.', { json: 'always' }),
    expression: string(2, 'CEL expression for its value.', { json: 'always' }),
  },
  { atomic: true },
)
export type Variable = z.output<typeof variableSchema>

export const validatingAdmissionPolicySpecSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec',
  'The rules and what they are for.',
  {
    paramKind: object(1, paramKindSchema, 'Kind whose objects set up the policy.', { pointer: true }),
    matchConstraints: object(2, matchResourcesSchema, 'Requests that the policy is for.', { pointer: true }),
    validations: list(3, validationSchema, 'The rules.', { listType: 'atomic' }),
    failurePolicy: string(4, 'What happens when a rule fails to run: Fail or Ignore.', {
      pointer: true,
      enum: ['Fail', 'Ignore'],
      goType: 'v1.FailurePolicyType',
    }),
    auditAnnotations: list(5, auditAnnotationSchema, 'Notes in the audit log.', { listType: 'atomic' }),
    matchConditions: list(6, matchConditionSchema, 'Conditions that requests must meet, at most 64.', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
    variables: list(7, variableSchema, 'Expressions that others can use by name.', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
  },
)
export type ValidatingAdmissionPolicySpec = z.output<typeof validatingAdmissionPolicySpecSchema>

export const expressionWarningSchema = message('io.k8s.api.admissionregistration.v1.ExpressionWarning', 'A doubt about an expression.', {
  fieldRef: string(2, "Path of the expression's field.", { json: 'always' }),
  warning: string(3, 'The doubt, for people.', { json: 'always' }),
})
export type ExpressionWarning = z.output<typeof expressionWarningSchema>

export const typeCheckingSchema = message(
  'io.k8s.api.admissionregistration.v1.TypeChecking',
  'What was found when the expressions of a policy were checked.',
  {
    expressionWarnings: list(1, expressionWarningSchema, 'The doubts.', { listType: 'atomic' }),
  },
)
export type TypeChecking = z.output<typeof typeCheckingSchema>

export const validatingAdmissionPolicyStatusSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'What is seen of a policy.',
  {
    observedGeneration: int64(1, 'Generation that the controller has seen.'),
    typeChecking: object(2, typeCheckingSchema, 'What was found when its expressions were checked.', { pointer: true }),
    conditions: list(3, conditionSchema, 'Aspects of its state.', { listType: 'map', listKeys: ['type'] }),
  },
)
export type ValidatingAdmissionPolicyStatus = z.output<typeof validatingAdmissionPolicyStatusSchema>

export const validatingAdmissionPolicySchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  'Rules in CEL that requests must meet.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, validatingAdmissionPolicySpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, validatingAdmissionPolicyStatusSchema, 'The state last seen.', {
      json: 'always',
      required: false,
    }),
  },
)
export type ValidatingAdmissionPolicy = z.output<typeof validatingAdmissionPolicySchema>

export const ValidatingAdmissionPolicies: Resource<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  scope: 'Cluster',
  schema: validatingAdmissionPolicySchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: validatingAdmissionPolicyColumns,
  unconditionalUpdate: false,
  defaults: defaultValidatingAdmissionPolicy,
  prepare(next, prev) {
    next.status = prev?.status ?? {}
    return next
  },
  validate: validateValidatingAdmissionPolicy,
  subresources: {
    status: {
      prepare: keepSpecAndMetadata,
      validate: validateValidatingAdmissionPolicyStatus,
    },
  },
}
