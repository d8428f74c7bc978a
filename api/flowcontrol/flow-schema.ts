/** Flow schemas: which requests belong together. */
import type { z } from 'zod'
import { bool, int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepAllButStatus } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { flowSchemaColumns } from './columns.ts'
import { validateFlowSchema, validateFlowSchemaStatus } from './validation/flow-schema.ts'

export const priorityLevelConfigurationReferenceSchema = message(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference',
  'The priority level of a schema.',
  {
    name: string(1, 'Name of the level.', { json: 'always' }),
  },
)
export type PriorityLevelConfigurationReference = z.output<typeof priorityLevelConfigurationReferenceSchema>

export const flowDistinguisherMethodSchema = message(
  'io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod',
  'How requests of a schema are told apart.',
  {
    type: string(1, 'ByUser or ByNamespace.', { json: 'always', goType: 'v1.FlowDistinguisherMethodType' }),
  },
)
export type FlowDistinguisherMethod = z.output<typeof flowDistinguisherMethodSchema>

export const userSubjectSchema = message('io.k8s.api.flowcontrol.v1.UserSubject', 'A user.', {
  name: string(1, 'Name of the user, or * for all.', { json: 'always' }),
})
export type UserSubject = z.output<typeof userSubjectSchema>

export const groupSubjectSchema = message('io.k8s.api.flowcontrol.v1.GroupSubject', 'A group of users.', {
  name: string(1, 'Name of the group, or * for all.', { json: 'always' }),
})
export type GroupSubject = z.output<typeof groupSubjectSchema>

export const serviceAccountSubjectSchema = message('io.k8s.api.flowcontrol.v1.ServiceAccountSubject', 'A service account.', {
  namespace: string(1, 'Namespace of the account.', { json: 'always' }),
  name: string(2, 'Name of the account, or * for all.', { json: 'always' }),
})
export type ServiceAccountSubject = z.output<typeof serviceAccountSubjectSchema>

export const subjectSchema = message('io.k8s.api.flowcontrol.v1.Subject', 'Who a rule is about.', {
  kind: string(1, 'User, Group or ServiceAccount.', { json: 'always', goType: 'v1.SubjectKind' }),
  user: object(2, userSubjectSchema, 'The user, for kind User.', { pointer: true }),
  group: object(3, groupSubjectSchema, 'The group, for kind Group.', { pointer: true }),
  serviceAccount: object(4, serviceAccountSubjectSchema, 'The account, for kind ServiceAccount.', { pointer: true }),
})
export type Subject = z.output<typeof subjectSchema>

export const resourcePolicyRuleSchema = message('io.k8s.api.flowcontrol.v1.ResourcePolicyRule', 'Requests for objects.', {
  verbs: list(1, 'string', 'Verbs, or * for all.', { json: 'always', listType: 'set' }),
  apiGroups: list(2, 'string', 'API groups, or * for all.', { json: 'always', listType: 'set' }),
  resources: list(3, 'string', 'Resources in the plural, or * for all.', { json: 'always', listType: 'set' }),
  clusterScope: bool(4, 'Whether requests without a namespace are meant.'),
  namespaces: list(5, 'string', 'Namespaces, or * for all.', { json: 'always', required: false, listType: 'set' }),
})
export type ResourcePolicyRule = z.output<typeof resourcePolicyRuleSchema>

export const nonResourcePolicyRuleSchema = message(
  'io.k8s.api.flowcontrol.v1.NonResourcePolicyRule',
  'Requests for paths that are no objects.',
  {
    verbs: list(1, 'string', 'Verbs, or * for all.', { json: 'always', listType: 'set' }),
    nonResourceURLs: list(6, 'string', 'Paths, which may end in *.', { json: 'always', listType: 'set' }),
  },
)
export type NonResourcePolicyRule = z.output<typeof nonResourcePolicyRuleSchema>

export const policyRulesWithSubjectsSchema = message('io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects', 'Requests of some users.', {
  subjects: list(1, subjectSchema, 'The users.', { json: 'always', listType: 'atomic' }),
  resourceRules: list(2, resourcePolicyRuleSchema, 'Requests for objects.', { listType: 'atomic' }),
  nonResourceRules: list(3, nonResourcePolicyRuleSchema, 'Requests for paths that are no objects.', { listType: 'atomic' }),
})
export type PolicyRulesWithSubjects = z.output<typeof policyRulesWithSubjectsSchema>

export const flowSchemaSpecSchema = message(
  'io.k8s.api.flowcontrol.v1.FlowSchemaSpec',
  'Which requests a schema is for and what they get.',
  {
    priorityLevelConfiguration: object(1, priorityLevelConfigurationReferenceSchema, 'The priority level.', {
      json: 'always',
    }),
    matchingPrecedence: int32(2, 'Order among the schemas, lowest first, 1 to 10000.', { json: 'always', required: false }),
    distinguisherMethod: object(3, flowDistinguisherMethodSchema, 'How its requests are told apart; not at all where absent.', {
      pointer: true,
    }),
    rules: list(4, policyRulesWithSubjectsSchema, 'Requests that it is for.', { listType: 'atomic' }),
  },
)
export type FlowSchemaSpec = z.output<typeof flowSchemaSpecSchema>

export const flowSchemaConditionSchema = message('io.k8s.api.flowcontrol.v1.FlowSchemaCondition', "One aspect of a schema's state.", {
  type: string(1, 'Name of the aspect.', { goType: 'v1.FlowSchemaConditionType' }),
  status: string(2, 'True, False or Unknown.', { goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(3, 'When the status changed last.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  message: string(5, 'What happened, for people.'),
})
export type FlowSchemaCondition = z.output<typeof flowSchemaConditionSchema>

export const flowSchemaStatusSchema = message('io.k8s.api.flowcontrol.v1.FlowSchemaStatus', 'What is seen of a schema.', {
  conditions: list(1, flowSchemaConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type FlowSchemaStatus = z.output<typeof flowSchemaStatusSchema>

export const flowSchemaSchema = kind(
  'io.k8s.api.flowcontrol.v1.FlowSchema',
  'Which requests belong together and which priority level they get.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, flowSchemaSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, flowSchemaStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type FlowSchema = z.output<typeof flowSchemaSchema>

export const FlowSchemas: Resource<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  scope: 'Cluster',
  schema: flowSchemaSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: flowSchemaColumns,
  defaults(schema) {
    schema.spec.matchingPrecedence ||= 1000
    return schema
  },
  prepare(next, prev) {
    next.status = prev?.status ?? {}
    return next
  },
  validate: (next, prev) => validateFlowSchema(next, prev, flowSchemaSpecSchema),
  subresources: {
    status: {
      prepare: keepAllButStatus,
      validate: validateFlowSchemaStatus,
    },
  },
}
