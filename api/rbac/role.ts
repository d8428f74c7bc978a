/** Roles: rules of what may be done, in one namespace. */
import type { z } from 'zod'
import { kind, list, message, object } from '#api/fields.ts'
import { nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { createdColumn } from './columns.ts'
import { checkPathSegment, validateRules } from './validation.ts'

export const policyRuleSchema = message('io.k8s.api.rbac.v1.PolicyRule', 'What may be done with what.', {
  verbs: list(1, 'string', 'What may be done; a star for everything.', { json: 'always', listType: 'atomic' }),
  apiGroups: list(2, 'string', 'API groups of the resources; a star for all, empty text for the core group.', { listType: 'atomic' }),
  resources: list(3, 'string', 'Plurals, with a subresource as in pods/log; a star for all, a star before the slash for all parents.', {
    listType: 'atomic',
  }),
  resourceNames: list(4, 'string', 'Only objects with these names; all where empty.', { listType: 'atomic' }),
  nonResourceURLs: list(5, 'string', 'Paths that are no resources; a star may end one.', { listType: 'atomic' }),
})
export type PolicyRule = z.output<typeof policyRuleSchema>

export const roleSchema = kind('io.k8s.api.rbac.v1.Role', 'What may be done in one namespace.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  rules: list(2, policyRuleSchema, 'What may be done.', { json: 'always', required: false, listType: 'atomic' }),
})
export type Role = z.output<typeof roleSchema>

export const Roles: Resource<Role> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  schema: roleSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [nameColumn, createdColumn],
  createOnUpdate: true,
  validateName: checkPathSegment,
  validate: (next) => validateRules(next.rules, true),
}
