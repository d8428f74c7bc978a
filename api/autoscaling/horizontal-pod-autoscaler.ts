/** Horizontal pod autoscalers, in the form in which they are stored. */
import type { z } from 'zod'
import { int32, int64, kind, list, message, object, quantity, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { autoscalerColumns } from './columns.ts'
import { defaultAutoscaler } from './defaults.ts'
import { crossVersionObjectReferenceSchema, metricSpecSchema, metricStatusSchema } from './metrics.ts'
import { validateAutoscaler, validateAutoscalerStatus } from './validation/horizontal-pod-autoscaler.ts'

export const hpaScalingPolicySchema = message('io.k8s.api.autoscaling.v2.HPAScalingPolicy', 'A limit on how fast to scale.', {
  type: string(1, 'Pods or Percent.', { json: 'always', goType: 'v2.HPAScalingPolicyType' }),
  value: int32(2, 'Change that is allowed.', { json: 'always' }),
  periodSeconds: int32(3, 'Seconds in which that much may change.', { json: 'always' }),
})
export type HPAScalingPolicy = z.output<typeof hpaScalingPolicySchema>

export const hpaScalingRulesSchema = message('io.k8s.api.autoscaling.v2.HPAScalingRules', 'How fast to scale in one direction.', {
  stabilizationWindowSeconds: int32(3, 'Seconds of past wishes that are looked back on.', { pointer: true }),
  selectPolicy: string(1, 'Max, Min or Disabled: which policy counts.', { pointer: true, goType: 'v2.ScalingPolicySelect' }),
  policies: list(2, hpaScalingPolicySchema, 'Limits on how fast to scale.', { listType: 'atomic' }),
  tolerance: quantity(4, 'Difference from the target that is let pass.', { pointer: true }),
})
export type HPAScalingRules = z.output<typeof hpaScalingRulesSchema>

export const horizontalPodAutoscalerBehaviorSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior',
  'How fast to scale up and down.',
  {
    scaleUp: object(1, hpaScalingRulesSchema, 'How fast to scale up.', { pointer: true }),
    scaleDown: object(2, hpaScalingRulesSchema, 'How fast to scale down.', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerBehavior = z.output<typeof horizontalPodAutoscalerBehaviorSchema>

export const horizontalPodAutoscalerSpecSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec',
  'What is scaled, between which bounds and by what.',
  {
    scaleTargetRef: object(1, crossVersionObjectReferenceSchema, 'Object whose replicas are changed.', { json: 'always' }),
    minReplicas: int32(2, 'Fewest replicas.', { pointer: true }),
    maxReplicas: int32(3, 'Most replicas.', { json: 'always' }),
    metrics: list(4, metricSpecSchema, 'Measures to go by; the one that asks for most wins.', { listType: 'atomic' }),
    behavior: object(5, horizontalPodAutoscalerBehaviorSchema, 'How fast to scale.', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerSpec = z.output<typeof horizontalPodAutoscalerSpecSchema>

export const horizontalPodAutoscalerConditionSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition',
  "One aspect of an autoscaler's state.",
  {
    type: string(1, 'Which aspect, such as AbleToScale.', { json: 'always', goType: 'v2.HorizontalPodAutoscalerConditionType' }),
    status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
    lastTransitionTime: time(3, 'When the status changed last.'),
    reason: string(4, 'Cause of the last change, one CamelCase word.'),
    message: string(5, 'What happened, for people.'),
  },
)
export type HorizontalPodAutoscalerCondition = z.output<typeof horizontalPodAutoscalerConditionSchema>

export const horizontalPodAutoscalerStatusSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus',
  'What is seen of an autoscaler.',
  {
    observedGeneration: int64(1, 'Generation that the controller has seen.', { pointer: true }),
    lastScaleTime: time(2, 'When the number of replicas was changed last.', { pointer: true }),
    currentReplicas: int32(3, 'Replicas that exist.'),
    desiredReplicas: int32(4, 'Replicas that the autoscaler wants.', { json: 'always' }),
    currentMetrics: list(5, metricStatusSchema, 'Measures as they were seen last.', {
      json: 'always',
      required: false,
      listType: 'atomic',
    }),
    conditions: list(6, horizontalPodAutoscalerConditionSchema, 'Aspects of its state.', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type HorizontalPodAutoscalerStatus = z.output<typeof horizontalPodAutoscalerStatusSchema>

export const horizontalPodAutoscalerSchema = kind(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'Changes the number of replicas of an object as measures rise and fall.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, horizontalPodAutoscalerSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, horizontalPodAutoscalerStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerSchema>

export const HorizontalPodAutoscalers: Resource<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: horizontalPodAutoscalerSchema,
  columns: autoscalerColumns,
  generation: false,
  defaults: defaultAutoscaler,
  validate: validateAutoscaler,
  prepare(next, prev) {
    if (!prev) next.status = { desiredReplicas: 0, currentMetrics: [] }
    return next
  },
  subresources: { status: { prepare: keepSpec, validate: validateAutoscalerStatus } },
}
