/** Rules of pod disruption budgets. */
import { validateAtMost100Percent, validateIntOrPercent } from '#api/apps/validation/amounts.ts'
import { checkNonnegative } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported } from '#api/meta/field-error.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '#api/policy/pod-disruption-budget.ts'
import { validateConditions } from '#api/validation/conditions.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'

const policies = ['AlwaysAllow', 'IfHealthyBudget']

/** Upstream prints its own struct. */
const shownSpec = ({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: PodDisruptionBudgetSpec) => ({
  MinAvailable: minAvailable ?? null,
  Selector: selector ?? null,
  MaxUnavailable: maxUnavailable ?? null,
  UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
})

export function validatePodDisruptionBudget(next: PodDisruptionBudget, prev: PodDisruptionBudget | undefined): FieldError[] {
  const { spec } = next
  const found: FieldError[] = []
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    found.push(invalid('spec', shownSpec(spec), 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const name of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[name]
    if (value === undefined) continue
    found.push(...validateIntOrPercent(value, `spec.${name}`), ...validateAtMost100Percent(value, `spec.${name}`))
  }
  const allowInvalidValues = prev?.spec.selector !== undefined && validateLabelSelector(prev.spec.selector, '').length > 0
  found.push(...validateLabelSelector(spec.selector, 'spec.selector', { allowInvalidValues }))
  const policy = spec.unhealthyPodEvictionPolicy
  if (policy !== undefined && !policies.includes(policy)) found.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, policies))
  return found
}

export const validatePodDisruptionBudgetStatus = ({ status }: PodDisruptionBudget): FieldError[] => [
  ...validateConditions(status.conditions ?? [], 'status.conditions'),
  ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((name) =>
    checkNonnegative(`status.${name}`, status[name]),
  ),
]
