/** Pod disruption budgets. */
import type { z } from 'zod'
import { int32, int64, intOrString, kind, list, map, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { checkPathSegmentName } from '#api/validation/names.ts'
import { podDisruptionBudgetColumns } from './columns.ts'
import { validatePodDisruptionBudget, validatePodDisruptionBudgetStatus } from './validation/pod-disruption-budget.ts'

export const podDisruptionBudgetSpecSchema = message(
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec',
  'How many pods may be missing on purpose.',
  {
    minAvailable: intOrString(1, 'Pods that must stay, by number or percent.', { pointer: true }),
    selector: object(2, labelSelectorSchema, 'Labels of the pods; an empty selector means all of the namespace.', {
      pointer: true,
      patchStrategy: 'replace',
    }),
    maxUnavailable: intOrString(3, 'Pods that may be missing, by number or percent.', { pointer: true }),
    unhealthyPodEvictionPolicy: string(4, 'IfHealthyBudget or AlwaysAllow: when pods that are not ready may go.', {
      pointer: true,
      enum: ['AlwaysAllow', 'IfHealthyBudget'],
      goType: 'v1.UnhealthyPodEvictionPolicyType',
    }),
  },
)
export type PodDisruptionBudgetSpec = z.output<typeof podDisruptionBudgetSpecSchema>

export const podDisruptionBudgetStatusSchema = message(
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus',
  'What is seen of a disruption budget.',
  {
    observedGeneration: int64(1, 'Generation that the controller has seen.'),
    disruptedPods: map(2, 'time', 'Pods that were told to go and are still there, with the time.', { goType: 'map[string]v1.Time' }),
    disruptionsAllowed: int32(3, 'Pods that may go now.', { json: 'always' }),
    currentHealthy: int32(4, 'Pods that are ready.', { json: 'always' }),
    desiredHealthy: int32(5, 'Pods that must be ready.', { json: 'always' }),
    expectedPods: int32(6, 'Pods that the budget counts.', { json: 'always' }),
    conditions: list(7, conditionSchema, 'Aspects of its state.', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type PodDisruptionBudgetStatus = z.output<typeof podDisruptionBudgetStatusSchema>

export const podDisruptionBudgetSchema = kind(
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'Limits how many of some pods may be missing on purpose at once.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, podDisruptionBudgetSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, podDisruptionBudgetStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type PodDisruptionBudget = z.output<typeof podDisruptionBudgetSchema>

export const PodDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  scope: 'Namespaced',
  unconditionalUpdate: false,
  schema: podDisruptionBudgetSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: podDisruptionBudgetColumns,
  validateName: checkPathSegmentName,
  validate: validatePodDisruptionBudget,
  prepare(next, prev) {
    if (!prev) next.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
    return next
  },
  subresources: { status: { prepare: keepSpec, validate: validatePodDisruptionBudgetStatus } },
}
