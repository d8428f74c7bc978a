/** DESCRIBE file api/rbac/role-binding.ts */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const subjectSchema = message(
  'io.k8s.api.rbac.v1.Subject',
  'DESCRIBE Subject',
  {
    kind: string(1, 'DESCRIBE Subject.kind', { json: 'always' }),
    apiGroup: string(2, 'DESCRIBE Subject.apiGroup'),
    name: string(3, 'DESCRIBE Subject.name', { json: 'always' }),
    namespace: string(4, 'DESCRIBE Subject.namespace'),
  },
  { atomic: true },
)
export type Subject = z.output<typeof subjectSchema>

export const roleRefSchema = message(
  'io.k8s.api.rbac.v1.RoleRef',
  'DESCRIBE RoleRef',
  {
    apiGroup: string(1, 'DESCRIBE RoleRef.apiGroup', { json: 'always' }),
    kind: string(2, 'DESCRIBE RoleRef.kind', { json: 'always' }),
    name: string(3, 'DESCRIBE RoleRef.name', { json: 'always' }),
  },
  { atomic: true },
)
export type RoleRef = z.output<typeof roleRefSchema>

export const roleBindingSchema = kind('io.k8s.api.rbac.v1.RoleBinding', 'DESCRIBE RoleBinding', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE RoleBinding.metadata', { json: 'always', required: false }),
  subjects: list(2, subjectSchema, 'DESCRIBE RoleBinding.subjects', { listType: 'atomic' }),
  roleRef: object(3, roleRefSchema, 'DESCRIBE RoleBinding.roleRef', { json: 'always' }),
})
export type RoleBinding = z.output<typeof roleBindingSchema>
