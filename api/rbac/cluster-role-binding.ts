/** DESCRIBE file api/rbac/cluster-role-binding.ts */
import type { z } from 'zod'
import { kind, list, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { roleRefSchema, subjectSchema } from './role-binding.ts'

export const clusterRoleBindingSchema = kind('io.k8s.api.rbac.v1.ClusterRoleBinding', 'DESCRIBE ClusterRoleBinding', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ClusterRoleBinding.metadata', { json: 'always', required: false }),
  subjects: list(2, subjectSchema, 'DESCRIBE ClusterRoleBinding.subjects', { listType: 'atomic' }),
  roleRef: object(3, roleRefSchema, 'DESCRIBE ClusterRoleBinding.roleRef', { json: 'always' }),
})
export type ClusterRoleBinding = z.output<typeof clusterRoleBindingSchema>
