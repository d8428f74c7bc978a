/** DESCRIBE file api/autoscaling/horizontal-pod-autoscaler-v1.ts */
import type { z } from 'zod'
import { int32, int64, kind, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const crossVersionObjectReferenceSchema = message(
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
  'DESCRIBE CrossVersionObjectReference',
  {
    kind: string(1, 'DESCRIBE CrossVersionObjectReference.kind', { json: 'always' }),
    name: string(2, 'DESCRIBE CrossVersionObjectReference.name', { json: 'always' }),
    apiVersion: string(3, 'DESCRIBE CrossVersionObjectReference.apiVersion'),
  },
  { atomic: true },
)
export type CrossVersionObjectReference = z.output<typeof crossVersionObjectReferenceSchema>

export const horizontalPodAutoscalerSpecSchema = message(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec',
  'DESCRIBE HorizontalPodAutoscalerSpec',
  {
    scaleTargetRef: object(1, crossVersionObjectReferenceSchema, 'DESCRIBE HorizontalPodAutoscalerSpec.scaleTargetRef', { json: 'always' }),
    minReplicas: int32(2, 'DESCRIBE HorizontalPodAutoscalerSpec.minReplicas', { pointer: true }),
    maxReplicas: int32(3, 'DESCRIBE HorizontalPodAutoscalerSpec.maxReplicas', { json: 'always' }),
    targetCPUUtilizationPercentage: int32(4, 'DESCRIBE HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerSpec = z.output<typeof horizontalPodAutoscalerSpecSchema>

export const horizontalPodAutoscalerStatusSchema = message(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus',
  'DESCRIBE HorizontalPodAutoscalerStatus',
  {
    observedGeneration: int64(1, 'DESCRIBE HorizontalPodAutoscalerStatus.observedGeneration', { pointer: true }),
    lastScaleTime: time(2, 'DESCRIBE HorizontalPodAutoscalerStatus.lastScaleTime', { pointer: true }),
    currentReplicas: int32(3, 'DESCRIBE HorizontalPodAutoscalerStatus.currentReplicas', { json: 'always' }),
    desiredReplicas: int32(4, 'DESCRIBE HorizontalPodAutoscalerStatus.desiredReplicas', { json: 'always' }),
    currentCPUUtilizationPercentage: int32(5, 'DESCRIBE HorizontalPodAutoscalerStatus.currentCPUUtilizationPercentage', { pointer: true }),
  },
)
export type HorizontalPodAutoscalerStatus = z.output<typeof horizontalPodAutoscalerStatusSchema>

export const horizontalPodAutoscalerSchema = kind('io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler', 'DESCRIBE HorizontalPodAutoscaler', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE HorizontalPodAutoscaler.metadata', { json: 'always', required: false }),
  spec: object(2, horizontalPodAutoscalerSpecSchema, 'DESCRIBE HorizontalPodAutoscaler.spec', { json: 'always', required: false }),
  status: object(3, horizontalPodAutoscalerStatusSchema, 'DESCRIBE HorizontalPodAutoscaler.status', { json: 'always', required: false }),
})
export type HorizontalPodAutoscaler = z.output<typeof horizontalPodAutoscalerSchema>
