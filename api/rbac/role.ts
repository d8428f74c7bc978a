/** DESCRIBE file api/rbac/role.ts */
import type { z } from 'zod'
import { kind, list, message, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const policyRuleSchema = message('io.k8s.api.rbac.v1.PolicyRule', 'DESCRIBE PolicyRule', {
  verbs: list(1, 'string', 'DESCRIBE PolicyRule.verbs', { json: 'always', listType: 'atomic' }),
  apiGroups: list(2, 'string', 'DESCRIBE PolicyRule.apiGroups', { listType: 'atomic' }),
  resources: list(3, 'string', 'DESCRIBE PolicyRule.resources', { listType: 'atomic' }),
  resourceNames: list(4, 'string', 'DESCRIBE PolicyRule.resourceNames', { listType: 'atomic' }),
  nonResourceURLs: list(5, 'string', 'DESCRIBE PolicyRule.nonResourceURLs', { listType: 'atomic' }),
})
export type PolicyRule = z.output<typeof policyRuleSchema>

export const roleSchema = kind('io.k8s.api.rbac.v1.Role', 'DESCRIBE Role', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Role.metadata', { json: 'always', required: false }),
  rules: list(2, policyRuleSchema, 'DESCRIBE Role.rules', { json: 'always', required: false, listType: 'atomic' }),
})
export type Role = z.output<typeof roleSchema>
