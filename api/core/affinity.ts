/** Affinity: which nodes and which neighbours a pod wants. */
import type { z } from 'zod'
import { int32, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'

export const nodeSelectorRequirementSchema = message('io.k8s.api.core.v1.NodeSelectorRequirement', "A rule on a node's label or field.", {
  key: string(1, 'Key of the label or name of the field.', { json: 'always' }),
  operator: string(2, 'In, NotIn, Exists, DoesNotExist, Gt or Lt.', {
    json: 'always',
    enum: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'],
    goType: 'v1.NodeSelectorOperator',
  }),
  values: list(3, 'string', 'Values to compare with.', { listType: 'atomic' }),
})
export type NodeSelectorRequirement = z.output<typeof nodeSelectorRequirementSchema>

export const nodeSelectorTermSchema = message(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'Rules on a node that must all hold; an empty term matches none.',
  {
    matchExpressions: list(1, nodeSelectorRequirementSchema, 'Rules on labels.', { listType: 'atomic' }),
    matchFields: list(2, nodeSelectorRequirementSchema, 'Rules on fields.', { listType: 'atomic' }),
  },
  { atomic: true },
)
export type NodeSelectorTerm = z.output<typeof nodeSelectorTermSchema>

export const nodeSelectorSchema = message(
  'io.k8s.api.core.v1.NodeSelector',
  'A choice of nodes: one term suffices.',
  {
    nodeSelectorTerms: list(1, nodeSelectorTermSchema, 'The terms.', { json: 'always', listType: 'atomic' }),
  },
  { atomic: true },
)
export type NodeSelector = z.output<typeof nodeSelectorSchema>

export const preferredSchedulingTermSchema = message('io.k8s.api.core.v1.PreferredSchedulingTerm', 'Nodes that are better.', {
  weight: int32(1, '1 to 100.', { json: 'always' }),
  preference: object(2, nodeSelectorTermSchema, 'Which nodes.', { json: 'always' }),
})
export type PreferredSchedulingTerm = z.output<typeof preferredSchedulingTermSchema>

export const nodeAffinitySchema = message('io.k8s.api.core.v1.NodeAffinity', 'Nodes that a pod wants.', {
  requiredDuringSchedulingIgnoredDuringExecution: object(1, nodeSelectorSchema, 'Nodes that alone will do.', { pointer: true }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, preferredSchedulingTermSchema, 'Nodes that are better, with weights.', {
    listType: 'atomic',
  }),
})
export type NodeAffinity = z.output<typeof nodeAffinitySchema>

export const podAffinityTermSchema = message('io.k8s.api.core.v1.PodAffinityTerm', 'Pods of one sort, and what near means.', {
  labelSelector: object(1, labelSelectorSchema, 'Labels of the pods.', { pointer: true }),
  namespaces: list(2, 'string', 'Namespaces of the pods.', { listType: 'atomic' }),
  topologyKey: string(3, 'Node label whose equal values mean one place.', { json: 'always' }),
  namespaceSelector: object(4, labelSelectorSchema, 'Labels of the namespaces of the pods.', { pointer: true }),
  matchLabelKeys: list(5, 'string', 'Keys whose values must be those of this pod.', { listType: 'atomic' }),
  mismatchLabelKeys: list(6, 'string', 'Keys whose values must differ from those of this pod.', { listType: 'atomic' }),
})
export type PodAffinityTerm = z.output<typeof podAffinityTermSchema>

export const weightedPodAffinityTermSchema = message('io.k8s.api.core.v1.WeightedPodAffinityTerm', 'A pod affinity term with a weight.', {
  weight: int32(1, '1 to 100.', { json: 'always' }),
  podAffinityTerm: object(2, podAffinityTermSchema, 'The term.', { json: 'always' }),
})
export type WeightedPodAffinityTerm = z.output<typeof weightedPodAffinityTermSchema>

export const podAffinitySchema = message('io.k8s.api.core.v1.PodAffinity', 'Pods that a pod wants to be near.', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, podAffinityTermSchema, 'Must hold.', { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, weightedPodAffinityTermSchema, 'Better if it holds, with weights.', {
    listType: 'atomic',
  }),
})
export type PodAffinity = z.output<typeof podAffinitySchema>

export const podAntiAffinitySchema = message('io.k8s.api.core.v1.PodAntiAffinity', 'Pods that a pod wants to be away from.', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, podAffinityTermSchema, 'Must hold.', { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, weightedPodAffinityTermSchema, 'Better if it holds, with weights.', {
    listType: 'atomic',
  }),
})
export type PodAntiAffinity = z.output<typeof podAntiAffinitySchema>

export const affinitySchema = message('io.k8s.api.core.v1.Affinity', 'Rules that draw a pod to nodes or other pods, or keep it away.', {
  nodeAffinity: object(1, nodeAffinitySchema, 'Nodes that the pod wants.', { pointer: true }),
  podAffinity: object(2, podAffinitySchema, 'Pods that it wants to be near.', { pointer: true }),
  podAntiAffinity: object(3, podAntiAffinitySchema, 'Pods that it wants to be away from.', { pointer: true }),
})
export type Affinity = z.output<typeof affinitySchema>
