/** What the controllers of pods share: selector, template, counts. */
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { validateTemplateOf } from '#api/core/validation/template.ts'
import { checkNonnegative } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { type LabelSelector, matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'

/** Whether upstream could make a selector of it at all; where not, it looks no further. */
export function isUsable(selector: LabelSelector | undefined): boolean {
  const pairs = Object.entries(selector?.matchLabels ?? {})
  const wrongPair = pairs.some(([key, value]) => checkQualifiedName(key).length + checkLabelValue(value).length > 0)
  if (wrongPair) return false
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    if (checkQualifiedName(key).length > 0) return false
    if (operator === 'Exists' || operator === 'DoesNotExist') return values.length === 0
    const listed = operator === 'In' || operator === 'NotIn'
    return listed && values.length > 0 && values.every((value) => checkLabelValue(value).length === 0)
  })
}

export function validateSelector(selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [required('spec.selector')]
  const found = validateLabelSelector(selector, 'spec.selector')
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length
  return terms > 0 ? found : [...found, invalid('spec.selector', selector, 'empty selector is invalid for deployment')]
}

/** A template whose pods run for ever and carry the labels that select them. */
export function validateTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
  prev: PodTemplateSpec | undefined,
): FieldError[] {
  const path = 'spec.template'
  if (!isUsable(selector ?? undefined)) return [invalid('spec.selector', selector, 'invalid label selector')]
  const { metadata, spec } = template ?? {}
  const labels = metadata?.labels
  const found = matches(selectorFromLabelSelector(selector ?? undefined), labels)
    ? []
    : [invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`')]
  found.push(...validateTemplateOf(template ?? {}, path, prev))
  if (spec?.restartPolicy !== 'Always') found.push(notSupported(`${path}.spec.restartPolicy`, spec?.restartPolicy ?? '', ['Always']))
  if (spec?.activeDeadlineSeconds !== undefined) {
    found.push(forbidden(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'))
  }
  return found
}

/** Counts of a status that may not be negative, in upstream's order. */
export function validateCounts<T extends object>(status: T, names: readonly (keyof T & string)[]): FieldError[] {
  return names.flatMap((name) => {
    const value = status[name]
    return typeof value === 'number' ? checkNonnegative(`status.${name}`, value) : []
  })
}

/** The count of name clashes never falls. */
export function validateCollisions(
  next: { collisionCount?: number | undefined },
  prev: { collisionCount?: number | undefined },
): FieldError[] {
  const { collisionCount: before } = prev
  if (before === undefined || (next.collisionCount ?? Number.NEGATIVE_INFINITY) >= before) return []
  return [invalid('status.collisionCount', next.collisionCount ?? 0, 'cannot be decremented')]
}

interface ReplicaCounts {
  replicas?: number | undefined
  readyReplicas?: number | undefined
  availableReplicas?: number | undefined
}

/** No part is more than the whole; `first` is a count that one of the kinds has besides. */
export function validateShares(status: ReplicaCounts, first: { name: string; value: number }): FieldError[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const found: FieldError[] = []
  const shares: [string, number][] = [
    [first.name, first.value],
    ['readyReplicas', readyReplicas],
    ['availableReplicas', availableReplicas],
  ]
  for (const [name, value] of shares) {
    if (value > replicas) found.push(invalid(`status.${name}`, value, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) {
    found.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'))
  }
  return found
}
