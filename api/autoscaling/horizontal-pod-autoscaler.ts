/** DESCRIBE file api/autoscaling/horizontal-pod-autoscaler.ts */
import type { z } from 'zod'
import { int32, int64, kind, list, message, object, quantity, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { crossVersionObjectReferenceSchema, metricSpecSchema, metricStatusSchema } from './metrics.ts'

export const hpaScalingPolicySchema = message('io.k8s.api.autoscaling.v2.HPAScalingPolicy', 'DESCRIBE HPAScalingPolicy', {
  type: string(1, 'DESCRIBE HPAScalingPolicy.type', { json: 'always' }),
  value: int32(2, 'DESCRIBE HPAScalingPolicy.value', { json: 'always' }),
  periodSeconds: int32(3, 'DESCRIBE HPAScalingPolicy.periodSeconds', { json: 'always' }),
})
export type HPAScalingPolicy = z.output<typeof hpaScalingPolicySchema>

export const hpaScalingRulesSchema = message('io.k8s.api.autoscaling.v2.HPAScalingRules', 'DESCRIBE HPAScalingRules', {
  stabilizationWindowSeconds: int32(3, 'DESCRIBE HPAScalingRules.stabilizationWindowSeconds', { pointer: true }),
  selectPolicy: string(1, 'DESCRIBE HPAScalingRules.selectPolicy', { pointer: true }),
  policies: list(2, hpaScalingPolicySchema, 'DESCRIBE HPAScalingRules.policies', { listType: 'atomic' }),
  tolerance: quantity(4, 'DESCRIBE HPAScalingRules.tolerance', { pointer: true }),
})
export type HPAScalingRules = z.output<typeof hpaScalingRulesSchema>

export const horizontalPodAutoscalerBehaviorSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior',
  'DESCRIBE HorizontalPodAutoscalerBehavior',
  {
    scaleUp: object(1, hpaScalingRulesSchema, 'DESCRIBE HorizontalPodAutoscalerBehavior.scaleUp', { pointer: true }),
    scaleDown: object(2, hpaScalingRulesSchema, 'DESCRIBE HorizontalPodAutoscalerBehavior.scaleDown', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerBehavior = z.output<typeof horizontalPodAutoscalerBehaviorSchema>

export const horizontalPodAutoscalerSpecSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec',
  'DESCRIBE HorizontalPodAutoscalerSpec',
  {
    scaleTargetRef: object(1, crossVersionObjectReferenceSchema, 'DESCRIBE HorizontalPodAutoscalerSpec.scaleTargetRef', { json: 'always' }),
    minReplicas: int32(2, 'DESCRIBE HorizontalPodAutoscalerSpec.minReplicas', { pointer: true }),
    maxReplicas: int32(3, 'DESCRIBE HorizontalPodAutoscalerSpec.maxReplicas', { json: 'always' }),
    metrics: list(4, metricSpecSchema, 'DESCRIBE HorizontalPodAutoscalerSpec.metrics', { listType: 'atomic' }),
    behavior: object(5, horizontalPodAutoscalerBehaviorSchema, 'DESCRIBE HorizontalPodAutoscalerSpec.behavior', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerSpec = z.output<typeof horizontalPodAutoscalerSpecSchema>

export const horizontalPodAutoscalerConditionSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition',
  'DESCRIBE HorizontalPodAutoscalerCondition',
  {
    type: string(1, 'DESCRIBE HorizontalPodAutoscalerCondition.type', { json: 'always' }),
    status: string(2, 'DESCRIBE HorizontalPodAutoscalerCondition.status', { json: 'always' }),
    lastTransitionTime: time(3, 'DESCRIBE HorizontalPodAutoscalerCondition.lastTransitionTime'),
    reason: string(4, 'DESCRIBE HorizontalPodAutoscalerCondition.reason'),
    message: string(5, 'DESCRIBE HorizontalPodAutoscalerCondition.message'),
  },
)
export type HorizontalPodAutoscalerCondition = z.output<typeof horizontalPodAutoscalerConditionSchema>

export const horizontalPodAutoscalerStatusSchema = message(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus',
  'DESCRIBE HorizontalPodAutoscalerStatus',
  {
    observedGeneration: int64(1, 'DESCRIBE HorizontalPodAutoscalerStatus.observedGeneration', { pointer: true }),
    lastScaleTime: time(2, 'DESCRIBE HorizontalPodAutoscalerStatus.lastScaleTime', { pointer: true }),
    currentReplicas: int32(3, 'DESCRIBE HorizontalPodAutoscalerStatus.currentReplicas'),
    desiredReplicas: int32(4, 'DESCRIBE HorizontalPodAutoscalerStatus.desiredReplicas', { json: 'always' }),
    currentMetrics: list(5, metricStatusSchema, 'DESCRIBE HorizontalPodAutoscalerStatus.currentMetrics', {
      json: 'always',
      required: false,
      listType: 'atomic',
    }),
    conditions: list(6, horizontalPodAutoscalerConditionSchema, 'DESCRIBE HorizontalPodAutoscalerStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type HorizontalPodAutoscalerStatus = z.output<typeof horizontalPodAutoscalerStatusSchema>

export const horizontalPodAutoscalerSchema = kind('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler', 'DESCRIBE HorizontalPodAutoscaler', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE HorizontalPodAutoscaler.metadata', { json: 'always', required: false }),
  spec: object(2, horizontalPodAutoscalerSpecSchema, 'DESCRIBE HorizontalPodAutoscaler.spec', { json: 'always', required: false }),
  status: object(3, horizontalPodAutoscalerStatusSchema, 'DESCRIBE HorizontalPodAutoscaler.status', { json: 'always', required: false }),
})
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerSchema>
