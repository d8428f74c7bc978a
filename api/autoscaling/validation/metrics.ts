/** Rules of what an autoscaler goes by. */
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from '#api/autoscaling/metrics.ts'
import { validateContainerResourceName } from '#api/core/validation/resource-amounts.ts'
import { checkLabelName, invalids } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { parseQuantity } from '#api/meta/quantity.ts'
import { checkPathSegmentName } from '#api/validation/names.ts'

export interface ReferenceRules {
  anyVersion: boolean
  emptyGroup: boolean
}

const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const targetTypes = ['Utilization', 'Value', 'AverageValue']

/** What is wrong with an apiVersion, in upstream's words. */
function versionFault(apiVersion: string, { emptyGroup }: ReferenceRules): string | undefined {
  const parts = apiVersion === '' || apiVersion === '/' ? [''] : apiVersion.split('/')
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`
  const group = parts.length === 2 ? parts[0] : ''
  return group === '' && !emptyGroup ? 'apiVersion must specify API group' : undefined
}

export const hasVersionFault = (ref: CrossVersionObjectReference, rules: ReferenceRules): boolean =>
  !rules.anyVersion && versionFault(ref.apiVersion ?? '', rules) !== undefined

const requireSegment = (field: string, text: string): FieldError[] =>
  text === '' ? [required(field)] : invalids(field, text, checkPathSegmentName(text))

export function validateReference(ref: CrossVersionObjectReference, path: string, rules: ReferenceRules): FieldError[] {
  const { kind, name, apiVersion = '' } = ref
  const found = [...requireSegment(`${path}.kind`, kind), ...requireSegment(`${path}.name`, name)]
  const fault = rules.anyVersion ? undefined : versionFault(apiVersion, rules)
  return fault === undefined ? found : [...found, invalid(`${path}.apiVersion`, apiVersion, fault)]
}

function validateTarget(target: MetricTarget, path: string): FieldError[] {
  const { type, value, averageValue, averageUtilization: use } = target
  const found = type === '' ? [required(`${path}.type`, 'must specify a metric target type')] : []
  if (!targetTypes.includes(type)) found.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && parseQuantity(amount).nano <= 0n) found.push(invalid(`${path}.${name}`, amount, 'must be positive'))
  }
  if (use !== undefined && use < 1) found.push(invalid(`${path}.averageUtilization`, use, 'must be greater than 0'))
  return found
}

const validateIdentifier = ({ name }: MetricIdentifier, path: string): FieldError[] =>
  name === '' ? [required(`${path}.name`, 'must specify a metric name')] : invalids(`${path}.name`, name, checkPathSegmentName(name))

/** Either a use in percent or an amount. */
function validateUse(target: MetricTarget, path: string): FieldError[] {
  const { averageUtilization: use, averageValue: amount } = target
  const found = validateTarget(target, path)
  if (use === undefined && amount === undefined) {
    found.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'))
  }
  if (use !== undefined && amount !== undefined) {
    found.push(forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'))
  }
  return found
}

type Checks = {
  [K in keyof Required<Omit<MetricSpec, 'type'>>]: (source: NonNullable<MetricSpec[K]>, path: string, rules: ReferenceRules) => FieldError[]
}

/** In upstream's order; only the first that is given is looked at. */
const checks: Checks = {
  object({ describedObject, metric, target }, path, rules) {
    const found = [
      ...validateReference(describedObject, `${path}.describedObject`, rules),
      ...validateIdentifier(metric, `${path}.metric`),
      ...validateTarget(target, `${path}.target`),
    ]
    if (target.value !== undefined || target.averageValue !== undefined) return found
    return [...found, required(`${path}.target.averageValue`, 'must set either a target value or averageValue')]
  },
  external({ metric, target }, path) {
    const found = [...validateIdentifier(metric, `${path}.metric`), ...validateTarget(target, `${path}.target`)]
    const { value, averageValue } = target
    if (value === undefined && averageValue === undefined) {
      found.push(required(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target'))
    }
    if (value !== undefined && averageValue !== undefined) {
      found.push(forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'))
    }
    return found
  },
  pods({ metric, target }, path) {
    const found = [...validateIdentifier(metric, `${path}.metric`), ...validateTarget(target, `${path}.target`)]
    if (target.averageValue !== undefined) return found
    return [...found, required(`${path}.target.averageValue`, 'must specify a positive target averageValue')]
  },
  resource: ({ name, target }, path) => [
    ...(name === '' ? [required(`${path}.name`, 'must specify a resource name')] : []),
    ...validateUse(target, `${path}.target`),
  ],
  containerResource: ({ name, container, target }, path) => [
    ...(name === '' ? [required(`${path}.name`, 'must specify a resource name')] : validateContainerResourceName(name, `${path}.name`)),
    ...(container === '' ? [required(`${path}.container`, 'must specify a container')] : checkLabelName(`${path}.container`, container)),
    ...validateUse(target, `${path}.target`),
  ],
}
const sources = Object.keys(checks) as (keyof Checks)[]

function checkSource<K extends keyof Checks>(metric: MetricSpec, name: K, path: string, rules: ReferenceRules): FieldError[] {
  return checks[name](metric[name] as NonNullable<MetricSpec[K]>, `${path}.${name}`, rules)
}

export function validateMetric(metric: MetricSpec, path: string, rules: ReferenceRules): FieldError[] {
  const { type } = metric
  const unknown = notSupported(`${path}.type`, type, types)
  const found = type === '' ? [required(`${path}.type`, 'must specify a metric source type')] : []
  const known = types.includes(type)
  if (!known) found.push(unknown)
  const given = sources.filter((name) => metric[name] !== undefined)
  const [first] = given
  if (first) found.push(...checkSource(metric, first, path, rules))
  const expected = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
  if (!known) found.push(unknown)
  else if (!given.some((name) => name === expected)) {
    found.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  }
  if (given.length === 1) return found
  return [
    ...found,
    ...given.filter((name) => name !== expected).map((name) => forbidden(`${path}.${name}`, 'must populate the given metric source only')),
  ]
}
