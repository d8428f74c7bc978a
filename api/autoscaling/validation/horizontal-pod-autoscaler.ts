/** Rules of horizontal pod autoscalers, in upstream's order. */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '#api/autoscaling/horizontal-pod-autoscaler.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkNonnegative, checkNonnegativeQuantity } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { hasVersionFault, type ReferenceRules, validateMetric, validateReference } from './metrics.ts'

const longestPeriodSeconds = 1800
const longestWindowSeconds = 3600
const selections = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']
const objectRules: ReferenceRules = { anyVersion: false, emptyGroup: true }

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string): FieldError[] {
  const found = policyTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, policyTypes)]
  if (value <= 0) found.push(invalid(`${path}.value`, value, 'must be greater than zero'))
  const field = `${path}.periodSeconds`
  if (periodSeconds <= 0) found.push(invalid(field, periodSeconds, 'must be greater than zero'))
  if (periodSeconds > longestPeriodSeconds) {
    found.push(invalid(field, periodSeconds, `must be less than or equal to ${longestPeriodSeconds}`))
  }
  return found
}

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return []
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules
  const field = `${path}.stabilizationWindowSeconds`
  const found: FieldError[] = []
  if (window < 0) found.push(invalid(field, window, 'must be greater than or equal to zero'))
  if (window > longestWindowSeconds) found.push(invalid(field, window, `must be less than or equal to ${longestWindowSeconds}`))
  if (selectPolicy !== undefined && !selections.includes(selectPolicy)) {
    found.push(notSupported(`${path}.selectPolicy`, selectPolicy, selections))
  }
  if (policies.length === 0) found.push(required(`${path}.policies`, 'must specify at least one Policy'))
  found.push(...policies.flatMap((policy, i) => validatePolicy(policy, `${path}.policies[${i}]`)))
  return tolerance === undefined ? found : [...found, ...checkNonnegativeQuantity(`${path}.tolerance`, tolerance)]
}

/** References of stored objects may stay as they are; replication controllers have no group. */
function targetRules({ scaleTargetRef: next }: HorizontalPodAutoscalerSpec, prev: HorizontalPodAutoscalerSpec | undefined): ReferenceRules {
  const was = prev?.scaleTargetRef
  const same = was !== undefined && (was.apiVersion ?? '') === (next.apiVersion ?? '') && was.kind === next.kind
  return { anyVersion: same, emptyGroup: !same && next.kind === 'ReplicationController' }
}

function validateMetrics(spec: HorizontalPodAutoscalerSpec, prev: HorizontalPodAutoscalerSpec | undefined): FieldError[] {
  const metrics = spec.metrics ?? []
  const anyVersion = (prev?.metrics ?? []).some(
    ({ type, object }) => type === 'Object' && object && hasVersionFault(object.describedObject, objectRules),
  )
  const found = metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`, { ...objectRules, anyVersion }))
  if (spec.minReplicas !== 0 || metrics.some(({ type }) => type === 'Object' || type === 'External')) return found
  const text = 'must specify at least one Object or External metric to support scaling to zero replicas'
  return [...found, forbidden('spec.metrics', text)]
}

function validateSpec(spec: HorizontalPodAutoscalerSpec, prev: HorizontalPodAutoscalerSpec | undefined): FieldError[] {
  const { minReplicas: min, maxReplicas: max, behavior } = spec
  // scaling to zero is off in v1.35 by default: only who has it keeps it
  const least = prev?.minReplicas === 0 ? 0 : 1
  const found: FieldError[] = []
  if (min !== undefined && min < least) found.push(invalid('spec.minReplicas', min, `must be greater than or equal to ${least}`))
  if (max < 1) found.push(invalid('spec.maxReplicas', max, 'must be greater than 0'))
  if (min !== undefined && max < min) found.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'))
  found.push(...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef', targetRules(spec, prev)), ...validateMetrics(spec, prev))
  if (!behavior) return found
  return [
    ...found,
    ...validateRules(behavior.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior.scaleDown, 'spec.behavior.scaleDown'),
  ]
}

export const validateAutoscaler = (next: HorizontalPodAutoscaler, prev: HorizontalPodAutoscaler | undefined): FieldError[] => [
  ...validateKubeFinalizers(next.metadata),
  ...validateSpec(next.spec, prev?.spec),
]

export const validateAutoscalerStatus = ({ metadata, status }: HorizontalPodAutoscaler): FieldError[] => [
  ...validateKubeFinalizers(metadata),
  ...checkNonnegative('status.currentReplicas', status.currentReplicas),
  ...checkNonnegative('status.desiredReplicas', status.desiredReplicas),
]
