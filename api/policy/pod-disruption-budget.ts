/** DESCRIBE file api/policy/pod-disruption-budget.ts */
import type { z } from 'zod'
import { int32, int64, intOrString, kind, list, map, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const podDisruptionBudgetSpecSchema = message('io.k8s.api.policy.v1.PodDisruptionBudgetSpec', 'DESCRIBE PodDisruptionBudgetSpec', {
  minAvailable: intOrString(1, 'DESCRIBE PodDisruptionBudgetSpec.minAvailable', { pointer: true }),
  selector: object(2, labelSelectorSchema, 'DESCRIBE PodDisruptionBudgetSpec.selector', { pointer: true, patchStrategy: 'replace' }),
  maxUnavailable: intOrString(3, 'DESCRIBE PodDisruptionBudgetSpec.maxUnavailable', { pointer: true }),
  unhealthyPodEvictionPolicy: string(4, 'DESCRIBE PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy', {
    pointer: true,
    enum: ['AlwaysAllow', 'IfHealthyBudget'],
  }),
})
export type PodDisruptionBudgetSpec = z.output<typeof podDisruptionBudgetSpecSchema>

export const podDisruptionBudgetStatusSchema = message(
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus',
  'DESCRIBE PodDisruptionBudgetStatus',
  {
    observedGeneration: int64(1, 'DESCRIBE PodDisruptionBudgetStatus.observedGeneration'),
    disruptedPods: map(2, 'time', 'DESCRIBE PodDisruptionBudgetStatus.disruptedPods'),
    disruptionsAllowed: int32(3, 'DESCRIBE PodDisruptionBudgetStatus.disruptionsAllowed', { json: 'always' }),
    currentHealthy: int32(4, 'DESCRIBE PodDisruptionBudgetStatus.currentHealthy', { json: 'always' }),
    desiredHealthy: int32(5, 'DESCRIBE PodDisruptionBudgetStatus.desiredHealthy', { json: 'always' }),
    expectedPods: int32(6, 'DESCRIBE PodDisruptionBudgetStatus.expectedPods', { json: 'always' }),
    conditions: list(7, conditionSchema, 'DESCRIBE PodDisruptionBudgetStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type PodDisruptionBudgetStatus = z.output<typeof podDisruptionBudgetStatusSchema>

export const podDisruptionBudgetSchema = kind('io.k8s.api.policy.v1.PodDisruptionBudget', 'DESCRIBE PodDisruptionBudget', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PodDisruptionBudget.metadata', { json: 'always', required: false }),
  spec: object(2, podDisruptionBudgetSpecSchema, 'DESCRIBE PodDisruptionBudget.spec', { json: 'always', required: false }),
  status: object(3, podDisruptionBudgetStatusSchema, 'DESCRIBE PodDisruptionBudget.status', { json: 'always', required: false }),
})
export type PodDisruptionBudget = z.output<typeof podDisruptionBudgetSchema>
