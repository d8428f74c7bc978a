/** Cluster roles: rules of what may be done, in all namespaces or in those where a binding refers to them. */
import type { z } from 'zod'
import { kind, list, message, object } from '#api/fields.ts'
import { nameColumn } from '#api/meta/age.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { createdColumn } from './columns.ts'
import { policyRuleSchema } from './role.ts'
import { checkPathSegment, validateAggregation, validateRules } from './validation.ts'

export const aggregationRuleSchema = message('io.k8s.api.rbac.v1.AggregationRule', 'Which other cluster roles a cluster role gathers.', {
  clusterRoleSelectors: list(1, labelSelectorSchema, 'Cluster roles that match one of these lend their rules.', { listType: 'atomic' }),
})
export type AggregationRule = z.output<typeof aggregationRuleSchema>

export const clusterRoleSchema = kind('io.k8s.api.rbac.v1.ClusterRole', 'What may be done, for bindings in any scope.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  rules: list(2, policyRuleSchema, 'What may be done.', { json: 'always', required: false, listType: 'atomic' }),
  aggregationRule: object(3, aggregationRuleSchema, 'How the rules are gathered from other roles; a controller then owns them.', {
    pointer: true,
  }),
})
export type ClusterRole = z.output<typeof clusterRoleSchema>

export const ClusterRoles: Resource<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  schema: clusterRoleSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [nameColumn, createdColumn],
  createOnUpdate: true,
  validateName: checkPathSegment,
  validate: (next, prev) => [...validateRules(next.rules, false), ...validateAggregation(next.aggregationRule, prev?.aggregationRule)],
}
