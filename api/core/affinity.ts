/** DESCRIBE file api/core/affinity.ts */
import type { z } from 'zod'
import { int32, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'

export const nodeSelectorRequirementSchema = message('io.k8s.api.core.v1.NodeSelectorRequirement', 'DESCRIBE NodeSelectorRequirement', {
  key: string(1, 'DESCRIBE NodeSelectorRequirement.key', { json: 'always' }),
  operator: string(2, 'DESCRIBE NodeSelectorRequirement.operator', {
    json: 'always',
    enum: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'],
  }),
  values: list(3, 'string', 'DESCRIBE NodeSelectorRequirement.values', { listType: 'atomic' }),
})
export type NodeSelectorRequirement = z.output<typeof nodeSelectorRequirementSchema>

export const nodeSelectorTermSchema = message(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'DESCRIBE NodeSelectorTerm',
  {
    matchExpressions: list(1, nodeSelectorRequirementSchema, 'DESCRIBE NodeSelectorTerm.matchExpressions', { listType: 'atomic' }),
    matchFields: list(2, nodeSelectorRequirementSchema, 'DESCRIBE NodeSelectorTerm.matchFields', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type NodeSelectorTerm = z.output<typeof nodeSelectorTermSchema>

export const nodeSelectorSchema = message(
  'io.k8s.api.core.v1.NodeSelector',
  'DESCRIBE NodeSelector',
  {
    nodeSelectorTerms: list(1, nodeSelectorTermSchema, 'DESCRIBE NodeSelector.nodeSelectorTerms', { json: 'always', listType: 'atomic' }),
  },
  { atomic: true },
)
export type NodeSelector = z.output<typeof nodeSelectorSchema>

export const preferredSchedulingTermSchema = message('io.k8s.api.core.v1.PreferredSchedulingTerm', 'DESCRIBE PreferredSchedulingTerm', {
  weight: int32(1, 'DESCRIBE PreferredSchedulingTerm.weight', { json: 'always' }),
  preference: object(2, nodeSelectorTermSchema, 'DESCRIBE PreferredSchedulingTerm.preference', { json: 'always' }),
})
export type PreferredSchedulingTerm = z.output<typeof preferredSchedulingTermSchema>

export const nodeAffinitySchema = message('io.k8s.api.core.v1.NodeAffinity', 'DESCRIBE NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: object(
    1,
    nodeSelectorSchema,
    'DESCRIBE NodeAffinity.requiredDuringSchedulingIgnoredDuringExecution',
    { pointer: true },
  ),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    2,
    preferredSchedulingTermSchema,
    'DESCRIBE NodeAffinity.preferredDuringSchedulingIgnoredDuringExecution',
    { listType: 'atomic' },
  ),
})
export type NodeAffinity = z.output<typeof nodeAffinitySchema>

export const podAffinityTermSchema = message('io.k8s.api.core.v1.PodAffinityTerm', 'DESCRIBE PodAffinityTerm', {
  labelSelector: object(1, labelSelectorSchema, 'DESCRIBE PodAffinityTerm.labelSelector', { pointer: true }),
  namespaces: list(2, 'string', 'DESCRIBE PodAffinityTerm.namespaces', { listType: 'atomic' }),
  topologyKey: string(3, 'DESCRIBE PodAffinityTerm.topologyKey', { json: 'always' }),
  namespaceSelector: object(4, labelSelectorSchema, 'DESCRIBE PodAffinityTerm.namespaceSelector', { pointer: true }),
  matchLabelKeys: list(5, 'string', 'DESCRIBE PodAffinityTerm.matchLabelKeys', { listType: 'atomic' }),
  mismatchLabelKeys: list(6, 'string', 'DESCRIBE PodAffinityTerm.mismatchLabelKeys', { listType: 'atomic' }),
})
export type PodAffinityTerm = z.output<typeof podAffinityTermSchema>

export const weightedPodAffinityTermSchema = message('io.k8s.api.core.v1.WeightedPodAffinityTerm', 'DESCRIBE WeightedPodAffinityTerm', {
  weight: int32(1, 'DESCRIBE WeightedPodAffinityTerm.weight', { json: 'always' }),
  podAffinityTerm: object(2, podAffinityTermSchema, 'DESCRIBE WeightedPodAffinityTerm.podAffinityTerm', { json: 'always' }),
})
export type WeightedPodAffinityTerm = z.output<typeof weightedPodAffinityTermSchema>

export const podAffinitySchema = message('io.k8s.api.core.v1.PodAffinity', 'DESCRIBE PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(
    1,
    podAffinityTermSchema,
    'DESCRIBE PodAffinity.requiredDuringSchedulingIgnoredDuringExecution',
    { listType: 'atomic' },
  ),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    2,
    weightedPodAffinityTermSchema,
    'DESCRIBE PodAffinity.preferredDuringSchedulingIgnoredDuringExecution',
    { listType: 'atomic' },
  ),
})
export type PodAffinity = z.output<typeof podAffinitySchema>

export const podAntiAffinitySchema = message('io.k8s.api.core.v1.PodAntiAffinity', 'DESCRIBE PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(
    1,
    podAffinityTermSchema,
    'DESCRIBE PodAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution',
    { listType: 'atomic' },
  ),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    2,
    weightedPodAffinityTermSchema,
    'DESCRIBE PodAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution',
    { listType: 'atomic' },
  ),
})
export type PodAntiAffinity = z.output<typeof podAntiAffinitySchema>

export const affinitySchema = message('io.k8s.api.core.v1.Affinity', 'DESCRIBE Affinity', {
  nodeAffinity: object(1, nodeAffinitySchema, 'DESCRIBE Affinity.nodeAffinity', { pointer: true }),
  podAffinity: object(2, podAffinitySchema, 'DESCRIBE Affinity.podAffinity', { pointer: true }),
  podAntiAffinity: object(3, podAntiAffinitySchema, 'DESCRIBE Affinity.podAntiAffinity', { pointer: true }),
})
export type Affinity = z.output<typeof affinitySchema>
