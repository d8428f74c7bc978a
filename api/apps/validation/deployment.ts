/** Rules of deployments. */
import type { Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment } from '#api/apps/deployment.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkNonnegative, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from './amounts.ts'
import { validateCollisions, validateCounts, validateSelector, validateShares, validateTemplate } from './replicas.ts'

function validateRollingUpdate(rolling: RollingUpdateDeployment, path: string): FieldError[] {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling
  const field = `${path}.maxUnavailable`
  const found = [...validateIntOrPercent(maxUnavailable, field), ...validateIntOrPercent(maxSurge, `${path}.maxSurge`)]
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    found.push(invalid(field, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...found, ...validateAtMost100Percent(maxUnavailable, field)]
}

function validateStrategy(strategy: DeploymentStrategy, path: string): FieldError[] {
  const field = `${path}.rollingUpdate`
  switch (strategy.type) {
    case 'Recreate':
      return strategy.rollingUpdate ? [forbidden(field, "may not be specified when strategy `type` is 'Recreate'")] : []
    case 'RollingUpdate':
      if (!strategy.rollingUpdate) return [required(field, 'this should be defaulted and never be nil')]
      return validateRollingUpdate(strategy.rollingUpdate, field)
    default: {
      // upstream prints its own struct
      const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {}
      const rolling = strategy.rollingUpdate ? { MaxUnavailable: maxUnavailable ?? 0, MaxSurge: maxSurge ?? 0 } : null
      return [notSupported(path, { Type: strategy.type ?? '', RollingUpdate: rolling }, ['Recreate', 'RollingUpdate'])]
    }
  }
}

function validateSpec(spec: DeploymentSpec, prev: DeploymentSpec | undefined): FieldError[] {
  const { minReadySeconds = 0, revisionHistoryLimit: history, progressDeadlineSeconds: deadline } = spec
  const found = [
    ...checkNonnegative('spec.replicas', spec.replicas),
    ...validateSelector(spec.selector),
    ...validateTemplate(spec.template, spec.selector, prev?.template),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...checkNonnegative('spec.minReadySeconds', minReadySeconds),
    ...checkNonnegative('spec.revisionHistoryLimit', history),
    ...checkNonnegative('spec.progressDeadlineSeconds', deadline),
  ]
  if (deadline !== undefined && deadline <= minReadySeconds) {
    found.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return found
}

export function validateDeployment(next: Deployment, prev: Deployment | undefined): FieldError[] {
  const found = [...validateKubeFinalizers(next.metadata), ...validateSpec(next.spec, prev?.spec)]
  if (prev && !sameValue(next.spec.selector, prev.spec.selector)) {
    found.push(invalid('spec.selector', next.spec.selector, immutableMessage))
  }
  return found
}

export function validateDeploymentStatus(next: Deployment, prev: Deployment): FieldError[] {
  const { status } = next
  const found = [
    ...validateKubeFinalizers(next.metadata),
    ...validateCounts(status, [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ]),
    ...validateShares(status, { name: 'updatedReplicas', value: status.updatedReplicas ?? 0 }),
  ]
  return [...found, ...validateCollisions(status, prev.status)]
}
