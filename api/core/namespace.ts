/** Namespaces. */
import type { z } from 'zod'
import { kind, list, message, object, string, time } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { checkDns1123Label } from '#api/validation/names.ts'
import { validateNamespace, validateNamespaceFinalize, validateNamespaceStatus } from './validation/namespace.ts'

export const namespaceSpecSchema = message('io.k8s.api.core.v1.NamespaceSpec', 'What holds a namespace up.', {
  finalizers: list(1, 'string', 'Who must agree before it is gone.', { listType: 'atomic', goType: 'v1.FinalizerName' }),
})
export type NamespaceSpec = z.output<typeof namespaceSpecSchema>

export const namespaceConditionSchema = message('io.k8s.api.core.v1.NamespaceCondition', "One aspect of a namespace's state.", {
  type: string(1, 'Name of the aspect.', { json: 'always', goType: 'v1.NamespaceConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(4, 'When the status changed last.'),
  reason: string(5, 'Cause of the last change, one CamelCase word.'),
  message: string(6, 'What happened, for people.'),
})
export type NamespaceCondition = z.output<typeof namespaceConditionSchema>

export const namespaceStatusSchema = message('io.k8s.api.core.v1.NamespaceStatus', 'What is seen of a namespace.', {
  phase: string(1, 'Active or Terminating.', { enum: ['Active', 'Terminating'], goType: 'v1.NamespacePhase' }),
  conditions: list(2, namespaceConditionSchema, 'What holds its deletion up.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type NamespaceStatus = z.output<typeof namespaceStatusSchema>

export const namespaceSchema = kind('io.k8s.api.core.v1.Namespace', 'A room for objects, so that names need to differ in it alone.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, namespaceSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, namespaceStatusSchema, 'The state last seen.', { json: 'always', required: false }),
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
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  returnsDeleted: true,
  schema: namespaceSchema,
  metadataOnUpdate: 'checked as of a new object',
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
      prepare: keepSpec,
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
  },
}
