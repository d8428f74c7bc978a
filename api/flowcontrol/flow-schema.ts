/** DESCRIBE file api/flowcontrol/flow-schema.ts */
import type { z } from 'zod'
import { bool, int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const priorityLevelConfigurationReferenceSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference',
  'DESCRIBE PriorityLevelConfigurationReference',
  {
    name: string(1, 'DESCRIBE PriorityLevelConfigurationReference.name', { json: 'always' }),
  },
)
export type PriorityLevelConfigurationReference = z.output<typeof priorityLevelConfigurationReferenceSchema>

export const flowDistinguisherMethodSchema = message(
  'io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod',
  'DESCRIBE FlowDistinguisherMethod',
  {
    type: string(1, 'DESCRIBE FlowDistinguisherMethod.type', { json: 'always' }),
  },
)
export type FlowDistinguisherMethod = z.output<typeof flowDistinguisherMethodSchema>

export const userSubjectSchema = message('io.k8s.api.flowcontrol.v1.UserSubject', 'DESCRIBE UserSubject', {
  name: string(1, 'DESCRIBE UserSubject.name', { json: 'always' }),
})
export type UserSubject = z.output<typeof userSubjectSchema>

export const groupSubjectSchema = message('io.k8s.api.flowcontrol.v1.GroupSubject', 'DESCRIBE GroupSubject', {
  name: string(1, 'DESCRIBE GroupSubject.name', { json: 'always' }),
})
export type GroupSubject = z.output<typeof groupSubjectSchema>

export const serviceAccountSubjectSchema = message('io.k8s.api.flowcontrol.v1.ServiceAccountSubject', 'DESCRIBE ServiceAccountSubject', {
  namespace: string(1, 'DESCRIBE ServiceAccountSubject.namespace', { json: 'always' }),
  name: string(2, 'DESCRIBE ServiceAccountSubject.name', { json: 'always' }),
})
export type ServiceAccountSubject = z.output<typeof serviceAccountSubjectSchema>

export const subjectSchema = message('io.k8s.api.flowcontrol.v1.Subject', 'DESCRIBE Subject', {
  kind: string(1, 'DESCRIBE Subject.kind', { json: 'always' }),
  user: object(2, userSubjectSchema, 'DESCRIBE Subject.user', { pointer: true }),
  group: object(3, groupSubjectSchema, 'DESCRIBE Subject.group', { pointer: true }),
  serviceAccount: object(4, serviceAccountSubjectSchema, 'DESCRIBE Subject.serviceAccount', { pointer: true }),
})
export type Subject = z.output<typeof subjectSchema>

export const resourcePolicyRuleSchema = message('io.k8s.api.flowcontrol.v1.ResourcePolicyRule', 'DESCRIBE ResourcePolicyRule', {
  verbs: list(1, 'string', 'DESCRIBE ResourcePolicyRule.verbs', { json: 'always', listType: 'set' }),
  apiGroups: list(2, 'string', 'DESCRIBE ResourcePolicyRule.apiGroups', { json: 'always', listType: 'set' }),
  resources: list(3, 'string', 'DESCRIBE ResourcePolicyRule.resources', { json: 'always', listType: 'set' }),
  clusterScope: bool(4, 'DESCRIBE ResourcePolicyRule.clusterScope'),
  namespaces: list(5, 'string', 'DESCRIBE ResourcePolicyRule.namespaces', { json: 'always', required: false, listType: 'set' }),
})
export type ResourcePolicyRule = z.output<typeof resourcePolicyRuleSchema>

export const nonResourcePolicyRuleSchema = message('io.k8s.api.flowcontrol.v1.NonResourcePolicyRule', 'DESCRIBE NonResourcePolicyRule', {
  verbs: list(1, 'string', 'DESCRIBE NonResourcePolicyRule.verbs', { json: 'always', listType: 'set' }),
  nonResourceURLs: list(6, 'string', 'DESCRIBE NonResourcePolicyRule.nonResourceURLs', { json: 'always', listType: 'set' }),
})
export type NonResourcePolicyRule = z.output<typeof nonResourcePolicyRuleSchema>

export const policyRulesWithSubjectsSchema = message(
  'io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects',
  'DESCRIBE PolicyRulesWithSubjects',
  {
    subjects: list(1, subjectSchema, 'DESCRIBE PolicyRulesWithSubjects.subjects', { json: 'always', listType: 'atomic' }),
    resourceRules: list(2, resourcePolicyRuleSchema, 'DESCRIBE PolicyRulesWithSubjects.resourceRules', { listType: 'atomic' }),
    nonResourceRules: list(3, nonResourcePolicyRuleSchema, 'DESCRIBE PolicyRulesWithSubjects.nonResourceRules', { listType: 'atomic' }),
  },
)
export type PolicyRulesWithSubjects = z.output<typeof policyRulesWithSubjectsSchema>

export const flowSchemaSpecSchema = message('io.k8s.api.flowcontrol.v1.FlowSchemaSpec', 'DESCRIBE FlowSchemaSpec', {
  priorityLevelConfiguration: object(1, priorityLevelConfigurationReferenceSchema, 'DESCRIBE FlowSchemaSpec.priorityLevelConfiguration', {
    json: 'always',
  }),
  matchingPrecedence: int32(2, 'DESCRIBE FlowSchemaSpec.matchingPrecedence', { json: 'always', required: false }),
  distinguisherMethod: object(3, flowDistinguisherMethodSchema, 'DESCRIBE FlowSchemaSpec.distinguisherMethod', { pointer: true }),
  rules: list(4, policyRulesWithSubjectsSchema, 'DESCRIBE FlowSchemaSpec.rules', { listType: 'atomic' }),
})
export type FlowSchemaSpec = z.output<typeof flowSchemaSpecSchema>

export const flowSchemaConditionSchema = message('io.k8s.api.flowcontrol.v1.FlowSchemaCondition', 'DESCRIBE FlowSchemaCondition', {
  type: string(1, 'DESCRIBE FlowSchemaCondition.type'),
  status: string(2, 'DESCRIBE FlowSchemaCondition.status'),
  lastTransitionTime: time(3, 'DESCRIBE FlowSchemaCondition.lastTransitionTime'),
  reason: string(4, 'DESCRIBE FlowSchemaCondition.reason'),
  message: string(5, 'DESCRIBE FlowSchemaCondition.message'),
})
export type FlowSchemaCondition = z.output<typeof flowSchemaConditionSchema>

export const flowSchemaStatusSchema = message('io.k8s.api.flowcontrol.v1.FlowSchemaStatus', 'DESCRIBE FlowSchemaStatus', {
  conditions: list(1, flowSchemaConditionSchema, 'DESCRIBE FlowSchemaStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type FlowSchemaStatus = z.output<typeof flowSchemaStatusSchema>

export const flowSchemaSchema = kind('io.k8s.api.flowcontrol.v1.FlowSchema', 'DESCRIBE FlowSchema', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE FlowSchema.metadata', { json: 'always', required: false }),
  spec: object(2, flowSchemaSpecSchema, 'DESCRIBE FlowSchema.spec', { json: 'always', required: false }),
  status: object(3, flowSchemaStatusSchema, 'DESCRIBE FlowSchema.status', { json: 'always', required: false }),
})
export type FlowSchema = z.output<typeof flowSchemaSchema>
