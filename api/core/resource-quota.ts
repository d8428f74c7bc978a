/** Resource quotas. */
import type { z } from 'zod'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { resourceQuotaColumns } from './columns/resource-quota.ts'
import { defaultResourceQuota } from './defaults/limits.ts'
import { quotaWarnings } from './quota-warnings.ts'
import { validateResourceQuota, validateResourceQuotaStatus } from './validation/resource-quota.ts'

export const scopedResourceSelectorRequirementSchema = message(
  'io.k8s.api.core.v1.ScopedResourceSelectorRequirement',
  'A test on one property of objects.',
  {
    scopeName: string(1, 'Which property.', {
      json: 'always',
      enum: [
        'BestEffort',
        'CrossNamespacePodAffinity',
        'NotBestEffort',
        'NotTerminating',
        'PriorityClass',
        'Terminating',
        'VolumeAttributesClass',
      ],
      goType: 'v1.ResourceQuotaScope',
    }),
    operator: string(2, 'In, NotIn, Exists or DoesNotExist.', {
      json: 'always',
      enum: ['DoesNotExist', 'Exists', 'In', 'NotIn'],
      goType: 'v1.ScopeSelectorOperator',
    }),
    values: list(3, 'string', 'Values to compare with.', { listType: 'atomic' }),
  },
)
export type ScopedResourceSelectorRequirement = z.output<typeof scopedResourceSelectorRequirementSchema>

export const scopeSelectorSchema = message(
  'io.k8s.api.core.v1.ScopeSelector',
  'Objects that a quota counts.',
  {
    matchExpressions: list(1, scopedResourceSelectorRequirementSchema, 'Tests that must all hold.', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type ScopeSelector = z.output<typeof scopeSelectorSchema>

export const resourceQuotaSpecSchema = message('io.k8s.api.core.v1.ResourceQuotaSpec', 'What a quota allows.', {
  hard: map(1, 'quantity', 'The most there may be, by resource.', { goType: 'v1.ResourceList' }),
  scopes: list(2, 'string', 'Properties of the objects that count.', {
    enum: [
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ],
    listType: 'atomic',
    goType: 'v1.ResourceQuotaScope',
  }),
  scopeSelector: object(3, scopeSelectorSchema, 'Tests on the objects that count.', { pointer: true }),
})
export type ResourceQuotaSpec = z.output<typeof resourceQuotaSpecSchema>

export const resourceQuotaStatusSchema = message('io.k8s.api.core.v1.ResourceQuotaStatus', 'What is seen of a quota.', {
  hard: map(1, 'quantity', 'The most there may be, as enforced.', { goType: 'v1.ResourceList' }),
  used: map(2, 'quantity', 'What is there now.', { goType: 'v1.ResourceList' }),
})
export type ResourceQuotaStatus = z.output<typeof resourceQuotaStatusSchema>

export const resourceQuotaSchema = kind('io.k8s.api.core.v1.ResourceQuota', 'Limits for all objects of a namespace together.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, resourceQuotaSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, resourceQuotaStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type ResourceQuota = z.output<typeof resourceQuotaSchema>

export const ResourceQuotas: Resource<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: resourceQuotaSchema,
  columns: resourceQuotaColumns,
  generation: false,
  defaults: defaultResourceQuota,
  prepare(next, prev) {
    if (!prev) next.status = {}
    return next
  },
  validate: validateResourceQuota,
  warnings: quotaWarnings,
  subresources: { status: { prepare: keepSpec, validate: validateResourceQuotaStatus } },
}
