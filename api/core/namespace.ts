/** DESCRIBE file api/core/namespace.ts */
import type { z } from 'zod'
import { kind, list, message, object, string, time } from '#api/fields.ts'
import { ageColumn, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'

export const namespaceSpecSchema = message('io.k8s.api.core.v1.NamespaceSpec', 'DESCRIBE NamespaceSpec', {
  finalizers: list(1, 'string', 'DESCRIBE NamespaceSpec.finalizers', { listType: 'atomic' }),
})
export type NamespaceSpec = z.output<typeof namespaceSpecSchema>

export const namespaceConditionSchema = message('io.k8s.api.core.v1.NamespaceCondition', 'DESCRIBE NamespaceCondition', {
  type: string(1, 'DESCRIBE NamespaceCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE NamespaceCondition.status', { json: 'always' }),
  lastTransitionTime: time(4, 'DESCRIBE NamespaceCondition.lastTransitionTime'),
  reason: string(5, 'DESCRIBE NamespaceCondition.reason'),
  message: string(6, 'DESCRIBE NamespaceCondition.message'),
})
export type NamespaceCondition = z.output<typeof namespaceConditionSchema>

export const namespaceStatusSchema = message('io.k8s.api.core.v1.NamespaceStatus', 'DESCRIBE NamespaceStatus', {
  phase: string(1, 'DESCRIBE NamespaceStatus.phase', { enum: ['Active', 'Terminating'] }),
  conditions: list(2, namespaceConditionSchema, 'DESCRIBE NamespaceStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type NamespaceStatus = z.output<typeof namespaceStatusSchema>

export const namespaceSchema = kind('io.k8s.api.core.v1.Namespace', 'DESCRIBE Namespace', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Namespace.metadata', { json: 'always', required: false }),
  spec: object(2, namespaceSpecSchema, 'DESCRIBE Namespace.spec', { json: 'always', required: false }),
  status: object(3, namespaceStatusSchema, 'DESCRIBE Namespace.status', { json: 'always', required: false }),
})
export type Namespace = z.output<typeof namespaceSchema>

export const Namespaces: Resource<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  scope: 'Cluster',
  schema: namespaceSchema,
  columns: [nameColumn, ageColumn],
}
