/** Role bindings: who has the rules of a role in one namespace. */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { bindingColumns } from './columns.ts'
import { bindingDefaults } from './defaults.ts'
import { checkPathSegment, validateBinding } from './validation.ts'

export const subjectSchema = message(
  'io.k8s.api.rbac.v1.Subject',
  'A user, a group or a service account.',
  {
    kind: string(1, 'User, Group or ServiceAccount.', { json: 'always' }),
    apiGroup: string(2, 'API group of the kind; empty for service accounts.'),
    name: string(3, 'Name of the subject.', { json: 'always' }),
    namespace: string(4, 'Namespace of a service account.'),
  },
  { atomic: true },
)
export type Subject = z.output<typeof subjectSchema>

export const roleRefSchema = message(
  'io.k8s.api.rbac.v1.RoleRef',
  'The role that is given.',
  {
    apiGroup: string(1, 'API group of the role.', { json: 'always' }),
    kind: string(2, 'Role or ClusterRole.', { json: 'always' }),
    name: string(3, 'Name of the role.', { json: 'always' }),
  },
  { atomic: true },
)
export type RoleRef = z.output<typeof roleRefSchema>

export const roleBindingSchema = kind('io.k8s.api.rbac.v1.RoleBinding', 'Gives a role to subjects in one namespace.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  subjects: list(2, subjectSchema, 'Who gets it.', { listType: 'atomic' }),
  roleRef: object(3, roleRefSchema, 'What they get; it never changes.', { json: 'always' }),
})
export type RoleBinding = z.output<typeof roleBindingSchema>

export const RoleBindings: Resource<RoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  schema: roleBindingSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [nameColumn, ...bindingColumns],
  createOnUpdate: true,
  validateName: checkPathSegment,
  defaults: bindingDefaults,
  validate: (next, prev) => validateBinding(next, prev, { kinds: ['Role', 'ClusterRole'], namespaced: true }),
}
