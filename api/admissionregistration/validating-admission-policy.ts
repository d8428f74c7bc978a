/** DESCRIBE file api/admissionregistration/validating-admission-policy.ts */
import type { z } from 'zod'
import { inline, int64, kind, list, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { matchConditionSchema, ruleWithOperationsSchema } from './rules.ts'

export const paramKindSchema = message(
  'io.k8s.api.admissionregistration.v1.ParamKind',
  'DESCRIBE ParamKind',
  {
    apiVersion: string(1, 'DESCRIBE ParamKind.apiVersion'),
    kind: string(2, 'DESCRIBE ParamKind.kind'),
  },
  { atomic: true },
)
export type ParamKind = z.output<typeof paramKindSchema>

export const namedRuleWithOperationsSchema = message(
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
  'DESCRIBE NamedRuleWithOperations',
  {
    resourceNames: list(1, 'string', 'DESCRIBE NamedRuleWithOperations.resourceNames', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, ruleWithOperationsSchema),
  },
  { atomic: true },
)
export type NamedRuleWithOperations = z.output<typeof namedRuleWithOperationsSchema>

export const matchResourcesSchema = message(
  'io.k8s.api.admissionregistration.v1.MatchResources',
  'DESCRIBE MatchResources',
  {
    namespaceSelector: object(1, labelSelectorSchema, 'DESCRIBE MatchResources.namespaceSelector', { pointer: true }),
    objectSelector: object(2, labelSelectorSchema, 'DESCRIBE MatchResources.objectSelector', { pointer: true }),
    resourceRules: list(3, namedRuleWithOperationsSchema, 'DESCRIBE MatchResources.resourceRules', { listType: 'atomic' }),
    excludeResourceRules: list(4, namedRuleWithOperationsSchema, 'DESCRIBE MatchResources.excludeResourceRules', { listType: 'atomic' }),
    matchPolicy: string(7, 'DESCRIBE MatchResources.matchPolicy', { pointer: true, enum: ['Equivalent', 'Exact'] }),
  },
  { atomic: true },
)
export type MatchResources = z.output<typeof matchResourcesSchema>

export const validationSchema = message('io.k8s.api.admissionregistration.v1.Validation', 'DESCRIBE Validation', {
  expression: string(1, 'DESCRIBE Validation.expression', { json: 'always' }),
  message: string(2, 'DESCRIBE Validation.message'),
  reason: string(3, 'DESCRIBE Validation.reason', { pointer: true }),
  messageExpression: string(4, 'DESCRIBE Validation.messageExpression'),
})
export type Validation = z.output<typeof validationSchema>

export const auditAnnotationSchema = message('io.k8s.api.admissionregistration.v1.AuditAnnotation', 'DESCRIBE AuditAnnotation', {
  key: string(1, 'DESCRIBE AuditAnnotation.key', { json: 'always' }),
  valueExpression: string(2, 'DESCRIBE AuditAnnotation.valueExpression', { json: 'always' }),
})
export type AuditAnnotation = z.output<typeof auditAnnotationSchema>

export const variableSchema = message(
  'io.k8s.api.admissionregistration.v1.Variable',
  'DESCRIBE Variable',
  {
    name: string(1, 'DESCRIBE Variable.name', { json: 'always' }),
    expression: string(2, 'DESCRIBE Variable.expression', { json: 'always' }),
  },
  { atomic: true },
)
export type Variable = z.output<typeof variableSchema>

export const validatingAdmissionPolicySpecSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec',
  'DESCRIBE ValidatingAdmissionPolicySpec',
  {
    paramKind: object(1, paramKindSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.paramKind', { pointer: true }),
    matchConstraints: object(2, matchResourcesSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.matchConstraints', { pointer: true }),
    validations: list(3, validationSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.validations', { listType: 'atomic' }),
    failurePolicy: string(4, 'DESCRIBE ValidatingAdmissionPolicySpec.failurePolicy', { pointer: true, enum: ['Fail', 'Ignore'] }),
    auditAnnotations: list(5, auditAnnotationSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.auditAnnotations', { listType: 'atomic' }),
    matchConditions: list(6, matchConditionSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.matchConditions', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
    variables: list(7, variableSchema, 'DESCRIBE ValidatingAdmissionPolicySpec.variables', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
  },
)
export type ValidatingAdmissionPolicySpec = z.output<typeof validatingAdmissionPolicySpecSchema>

export const expressionWarningSchema = message('io.k8s.api.admissionregistration.v1.ExpressionWarning', 'DESCRIBE ExpressionWarning', {
  fieldRef: string(2, 'DESCRIBE ExpressionWarning.fieldRef', { json: 'always' }),
  warning: string(3, 'DESCRIBE ExpressionWarning.warning', { json: 'always' }),
})
export type ExpressionWarning = z.output<typeof expressionWarningSchema>

export const typeCheckingSchema = message('io.k8s.api.admissionregistration.v1.TypeChecking', 'DESCRIBE TypeChecking', {
  expressionWarnings: list(1, expressionWarningSchema, 'DESCRIBE TypeChecking.expressionWarnings', { listType: 'atomic' }),
})
export type TypeChecking = z.output<typeof typeCheckingSchema>

export const validatingAdmissionPolicyStatusSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'DESCRIBE ValidatingAdmissionPolicyStatus',
  {
    observedGeneration: int64(1, 'DESCRIBE ValidatingAdmissionPolicyStatus.observedGeneration'),
    typeChecking: object(2, typeCheckingSchema, 'DESCRIBE ValidatingAdmissionPolicyStatus.typeChecking', { pointer: true }),
    conditions: list(3, conditionSchema, 'DESCRIBE ValidatingAdmissionPolicyStatus.conditions', { listType: 'map', listKeys: ['type'] }),
  },
)
export type ValidatingAdmissionPolicyStatus = z.output<typeof validatingAdmissionPolicyStatusSchema>

export const validatingAdmissionPolicySchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  'DESCRIBE ValidatingAdmissionPolicy',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE ValidatingAdmissionPolicy.metadata', { json: 'always', required: false }),
    spec: object(2, validatingAdmissionPolicySpecSchema, 'DESCRIBE ValidatingAdmissionPolicy.spec', { json: 'always', required: false }),
    status: object(3, validatingAdmissionPolicyStatusSchema, 'DESCRIBE ValidatingAdmissionPolicy.status', {
      json: 'always',
      required: false,
    }),
  },
)
export type ValidatingAdmissionPolicy = z.output<typeof validatingAdmissionPolicySchema>
