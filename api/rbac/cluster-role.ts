/** DESCRIBE file api/rbac/cluster-role.ts */
import type { z } from 'zod'
import { kind, list, message, object } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { policyRuleSchema } from './role.ts'

export const aggregationRuleSchema = message('io.k8s.api.rbac.v1.AggregationRule', 'DESCRIBE AggregationRule', {
  clusterRoleSelectors: list(1, labelSelectorSchema, 'DESCRIBE AggregationRule.clusterRoleSelectors', { listType: 'atomic' }),
})
export type AggregationRule = z.output<typeof aggregationRuleSchema>

export const clusterRoleSchema = kind('io.k8s.api.rbac.v1.ClusterRole', 'DESCRIBE ClusterRole', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ClusterRole.metadata', { json: 'always', required: false }),
  rules: list(2, policyRuleSchema, 'DESCRIBE ClusterRole.rules', { json: 'always', required: false, listType: 'atomic' }),
  aggregationRule: object(3, aggregationRuleSchema, 'DESCRIBE ClusterRole.aggregationRule', { pointer: true }),
})
export type ClusterRole = z.output<typeof clusterRoleSchema>
