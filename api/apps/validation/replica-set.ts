/** Rules of replica sets. */
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkNonnegative, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateCounts, validateSelector, validateShares, validateTemplate } from './replicas.ts'

export function validateReplicaSet(next: ReplicaSet, prev: ReplicaSet | undefined): FieldError[] {
  const { spec } = next
  const found = [
    ...validateKubeFinalizers(next.metadata),
    ...checkNonnegative('spec.replicas', spec.replicas),
    ...checkNonnegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelector(spec.selector),
    ...validateTemplate(spec.template, spec.selector, prev?.spec.template),
  ]
  if (prev && !sameValue(spec.selector, prev.spec.selector)) found.push(invalid('spec.selector', spec.selector, immutableMessage))
  return found
}

export function validateReplicaSetStatus(next: ReplicaSet): FieldError[] {
  const { status } = next
  return [
    ...validateKubeFinalizers(next.metadata),
    ...validateCounts(status, [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ]),
    ...validateShares(status, { name: 'fullyLabeledReplicas', value: status.fullyLabeledReplicas ?? 0 }),
  ]
}
