/** Rules of daemon sets, in upstream's order. */
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '#api/apps/daemon-set.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateTemplateOf } from '#api/core/validation/template.ts'
import { checkNonnegative, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from './amounts.ts'
import { isUsable, validateCollisions, validateCounts } from './replicas.ts'

function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet, path: string): FieldError[] {
  const [unavailable, surge] = [`${path}.maxUnavailable`, `${path}.maxSurge`]
  const found = [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, surge),
    ...validateAtMost100Percent(maxUnavailable, unavailable),
    ...validateAtMost100Percent(maxSurge, surge),
  ]
  const [hasUnavailable, hasSurge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (hasUnavailable && hasSurge) found.push(invalid(surge, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!hasUnavailable && !hasSurge) found.push(required(unavailable, 'cannot be 0 when maxSurge is 0'))
  return found
}

function validateStrategy({ type = '', rollingUpdate }: DaemonSetUpdateStrategy, path: string): FieldError[] {
  if (type === 'OnDelete') return []
  if (type === 'RollingUpdate') {
    return rollingUpdate ? validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`) : [required(`${path}.rollingUpdate`)]
  }
  // upstream prints its own struct
  const rolling = rollingUpdate ? { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 } : null
  return [notSupported(path, { Type: type, RollingUpdate: rolling }, ['RollingUpdate', 'OnDelete'])]
}

function validateSelected({ selector: given, template }: DaemonSetSpec): FieldError[] {
  // the canonical form has null here
  const selector = given ?? undefined
  const found = validateLabelSelector(selector, 'spec.selector')
  const labels = template.metadata?.labels
  if (isUsable(selector) && !matches(selectorFromLabelSelector(selector), labels)) {
    found.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  if (!selector) return found
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length
  return terms > 0 ? found : [...found, invalid('spec.selector', selector, 'empty selector is invalid for daemonset')]
}

function validateSpec(spec: DaemonSetSpec, prev: DaemonSetSpec | undefined): FieldError[] {
  const { restartPolicy = '', activeDeadlineSeconds } = spec.template.spec ?? { containers: [] }
  const path = 'spec.template.spec'
  return [
    ...validateSelected(spec),
    ...validateTemplateOf(spec.template, 'spec.template', prev?.template),
    ...(restartPolicy === 'Always' ? [] : [notSupported(`${path}.restartPolicy`, restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden(`${path}.activeDeadlineSeconds`, 'activeDeadlineSeconds in DaemonSet is not Supported')]),
    ...checkNonnegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...checkNonnegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}

export function validateDaemonSet(next: DaemonSet, prev: DaemonSet | undefined): FieldError[] {
  const changed = prev && !sameValue(next.spec.selector, prev.spec.selector)
  return [
    ...validateKubeFinalizers(next.metadata),
    ...(changed ? [invalid('spec.selector', next.spec.selector, immutableMessage)] : []),
    ...validateSpec(next.spec, prev?.spec),
  ]
}

export function validateDaemonSetStatus(next: DaemonSet, prev: DaemonSet): FieldError[] {
  return [
    ...validateKubeFinalizers(next.metadata),
    ...validateCounts(next.status, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...validateCollisions(next.status, prev.status),
  ]
}
