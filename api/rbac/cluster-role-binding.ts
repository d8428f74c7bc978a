/** Cluster role bindings: who has the rules of a cluster role everywhere. */
import type { z } from 'zod'
import { kind, list, object } from '#api/fields.ts'
import { nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { bindingColumns } from './columns.ts'
import { bindingDefaults } from './defaults.ts'
import { roleRefSchema, subjectSchema } from './role-binding.ts'
import { checkPathSegment, validateBinding } from './validation.ts'

export const clusterRoleBindingSchema = kind(
  'io.k8s.api.rbac.v1.ClusterRoleBinding',
  'Gives a cluster role to subjects in all namespaces and the cluster scope.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    subjects: list(2, subjectSchema, 'Who gets it.', { listType: 'atomic' }),
    roleRef: object(3, roleRefSchema, 'What they get; it never changes.', { json: 'always' }),
  },
)
export type ClusterRoleBinding = z.output<typeof clusterRoleBindingSchema>

export const ClusterRoleBindings: Resource<ClusterRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  schema: clusterRoleBindingSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [nameColumn, ...bindingColumns],
  createOnUpdate: true,
  validateName: checkPathSegment,
  defaults: bindingDefaults,
  validate: (next, prev) => validateBinding(next, prev, { kinds: ['ClusterRole'], namespaced: false }),
}
