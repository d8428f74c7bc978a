/** Rules of the policies of jobs: which failures count, when success is early. */
import { countIndexes, IndexesError } from '#api/batch/indexes.ts'
import type { JobSpec } from '#api/batch/job.ts'
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '#api/batch/job-policies.ts'
import { checkNonnegative, invalids, invalidUnshown } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooLong, tooMany } from '#api/meta/field-error.ts'
import { byteLength, checkQualifiedName } from '#api/validation/names.ts'

const mostRules = 20
const mostExitCodes = 255
const mostPatterns = 20
const longestIndexes = 64 * 1024
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

const oneOf = (values: readonly string[]): string => `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`

function requireListed(value: string | undefined, supported: readonly string[], field: string): FieldError[] {
  if (!value) return [required(field, oneOf(supported))]
  return supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

function validateExitCodes(rule: PodFailurePolicyOnExitCodesRequirement, path: string, names: ReadonlySet<string>): FieldError[] {
  const { operator, containerName } = rule
  const values = rule.values ?? []
  const found = requireListed(operator, operators, `${path}.operator`)
  if (containerName !== undefined && !names.has(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template'
    found.push(invalid(`${path}.containerName`, containerName, text))
  }
  const list = `${path}.values`
  if (values.length === 0) found.push(invalid(list, rule.values ?? null, 'at least one value is required'))
  else if (values.length > mostExitCodes) found.push(tooMany(list, values.length, mostExitCodes))
  const seen = new Set<number>()
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) found.push(invalid(`${list}[${i}]`, value, 'must not be 0 for the In operator'))
    if (seen.has(value)) found.push(duplicate(`${list}[${i}]`, value))
    seen.add(value)
  }
  const ordered = values.every((value, i) => i === 0 || (values[i - 1] ?? 0) <= value)
  return ordered ? found : [...found, invalid(list, values, 'must be ordered')]
}

function validatePatterns(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string): FieldError[] {
  const found = patterns.length > mostPatterns ? [tooMany(path, patterns.length, mostPatterns)] : []
  for (const [i, { type, status }] of patterns.entries()) {
    found.push(
      ...invalids(`${path}[${i}].type`, type, checkQualifiedName(type)),
      ...requireListed(status, statuses, `${path}[${i}].status`),
    )
  }
  return found
}

function validateFailureRule(rule: PodFailurePolicyRule, path: string, spec: JobSpec, names: ReadonlySet<string>): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const found = requireListed(action, actions, `${path}.action`)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    found.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  }
  if (onExitCodes) found.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names))
  if (onPodConditions.length > 0) found.push(...validatePatterns(onPodConditions, `${path}.onPodConditions`))
  const given = (onExitCodes ? 1 : 0) + (onPodConditions.length > 0 ? 1 : 0)
  if (given === 2) found.push(invalidUnshown(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (given === 0) found.push(invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  return found
}

export function validateFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const found = rules.length > mostRules ? [tooMany(path, rules.length, mostRules)] : []
  const { containers, initContainers } = spec.template.spec ?? { containers: [] }
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name))
  return [...found, ...rules.flatMap((rule, i) => validateFailureRule(rule, `${path}[${i}]`, spec, names))]
}

function validateSuccessRule(rule: SuccessPolicyRule, path: string, completions: number): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule
  const found: FieldError[] = []
  if (count === undefined && indexes === undefined) {
    found.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  }
  let total = 0
  if (indexes !== undefined) {
    const field = `${path}.succeededIndexes`
    if (byteLength(indexes) > longestIndexes) found.push(tooLong(field, longestIndexes))
    try {
      total = countIndexes(indexes, completions)
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error
      found.push(invalid(field, indexes, `error parsing succeededIndexes: ${error.message}`))
    }
  }
  if (count === undefined) return found
  const field = `${path}.succeededCount`
  found.push(...checkNonnegative(field, count))
  if (count > completions) {
    found.push(invalid(field, count, `must be less than or equal to ${completions} (the number of specified completions)`))
  }
  if (indexes !== undefined && count > total) {
    const text = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
    found.push(invalid(field, count, text))
  }
  return found
}

export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  const found: FieldError[] = []
  if (rules.length === 0) found.push(required(path, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > mostRules) found.push(tooMany(path, rules.length, mostRules))
  return [...found, ...rules.flatMap((rule, i) => validateSuccessRule(rule, `${path}[${i}]`, spec.completions ?? 0))]
}
