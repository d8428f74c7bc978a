/** DESCRIBE file api/core/resource-quota.ts */
import type { z } from 'zod'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const scopedResourceSelectorRequirementSchema = message(
  'io.k8s.api.core.v1.ScopedResourceSelectorRequirement',
  'DESCRIBE ScopedResourceSelectorRequirement',
  {
    scopeName: string(1, 'DESCRIBE ScopedResourceSelectorRequirement.scopeName', {
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
    }),
    operator: string(2, 'DESCRIBE ScopedResourceSelectorRequirement.operator', {
      json: 'always',
      enum: ['DoesNotExist', 'Exists', 'In', 'NotIn'],
    }),
    values: list(3, 'string', 'DESCRIBE ScopedResourceSelectorRequirement.values', { listType: 'atomic' }),
  },
)
export type ScopedResourceSelectorRequirement = z.output<typeof scopedResourceSelectorRequirementSchema>

export const scopeSelectorSchema = message(
  'io.k8s.api.core.v1.ScopeSelector',
  'DESCRIBE ScopeSelector',
  {
    matchExpressions: list(1, scopedResourceSelectorRequirementSchema, 'DESCRIBE ScopeSelector.matchExpressions', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type ScopeSelector = z.output<typeof scopeSelectorSchema>

export const resourceQuotaSpecSchema = message('io.k8s.api.core.v1.ResourceQuotaSpec', 'DESCRIBE ResourceQuotaSpec', {
  hard: map(1, 'quantity', 'DESCRIBE ResourceQuotaSpec.hard'),
  scopes: list(2, 'string', 'DESCRIBE ResourceQuotaSpec.scopes', {
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
  }),
  scopeSelector: object(3, scopeSelectorSchema, 'DESCRIBE ResourceQuotaSpec.scopeSelector', { pointer: true }),
})
export type ResourceQuotaSpec = z.output<typeof resourceQuotaSpecSchema>

export const resourceQuotaStatusSchema = message('io.k8s.api.core.v1.ResourceQuotaStatus', 'DESCRIBE ResourceQuotaStatus', {
  hard: map(1, 'quantity', 'DESCRIBE ResourceQuotaStatus.hard'),
  used: map(2, 'quantity', 'DESCRIBE ResourceQuotaStatus.used'),
})
export type ResourceQuotaStatus = z.output<typeof resourceQuotaStatusSchema>

export const resourceQuotaSchema = kind('io.k8s.api.core.v1.ResourceQuota', 'DESCRIBE ResourceQuota', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ResourceQuota.metadata', { json: 'always', required: false }),
  spec: object(2, resourceQuotaSpecSchema, 'DESCRIBE ResourceQuota.spec', { json: 'always', required: false }),
  status: object(3, resourceQuotaStatusSchema, 'DESCRIBE ResourceQuota.status', { json: 'always', required: false }),
})
export type ResourceQuota = z.output<typeof resourceQuotaSchema>
