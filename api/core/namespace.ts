/** DESCRIBE file api/core/namespace.ts */
import type { z } from 'zod'
import { kind, list, message, object, string, time } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { checkDns1123Label } from '#api/validation/names.ts'
import { validateNamespace, validateNamespaceFinalize, validateNamespaceStatus } from './validation/namespace.ts'

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

/** Carries the namespace's own name, so that selectors can name namespaces. */
const nameLabel = 'kubernetes.io/metadata.name'
/** Keeps a deleted namespace until its content is gone. */
const contentFinalizer = 'kubernetes'

function prepareNamespace(next: Namespace, prev: Namespace | undefined): Namespace {
  if (prev) {
    next.spec = structuredClone(prev.spec)
    next.status = structuredClone(prev.status)
    return next
  }
  next.status = { phase: 'Active' }
  const finalizers = next.spec.finalizers ?? []
  next.spec.finalizers = finalizers.includes(contentFinalizer) ? finalizers : [...finalizers, contentFinalizer]
  // names that were generated are only known after defaulting
  if (next.metadata.name) next.metadata.labels = { ...next.metadata.labels, [nameLabel]: next.metadata.name }
  return next
}

export const Namespaces: Resource<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  scope: 'Cluster',
  schema: namespaceSchema,
  columns: [nameColumn, column('Status', 'Active or Terminating.', (namespace) => namespace.status.phase ?? ''), ageColumn],
  generation: false,
  validateName: checkDns1123Label,
  defaults(namespace) {
    const { name } = namespace.metadata
    if (name) namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: name }
    namespace.status ??= {}
    namespace.status.phase ||= 'Active'
    return namespace
  },
  prepare: prepareNamespace,
  validate: validateNamespace,
  subresources: {
    status: {
      prepare(next, prev) {
        next.spec = prev.spec
        return next
      },
      validate: validateNamespaceStatus,
    },
    finalize: {
      prepare(next, prev) {
        next.status = prev.status
        return next
      },
      validate: validateNamespaceFinalize,
    },
  },
  selectableFields: {
    'status.phase': (namespace) => namespace.status.phase ?? '',
    name: (namespace) => namespace.metadata.name ?? '',
  },
}
