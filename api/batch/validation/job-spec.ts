/** Rules of what a job is to get done, of jobs and of cron jobs' templates alike, in upstream's order. */
import type { JobSpec } from '#api/batch/job.ts'
import { successPolicySchema } from '#api/batch/job-policies.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { validateTemplateOf } from '#api/core/validation/template.ts'
import { checkNonnegative } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { goStruct } from '#api/meta/go-struct.ts'
import { byteLength, checkDomainPrefixedPath } from '#api/validation/names.ts'
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts'

const mostAtOnce = 100_000
const mostFailedIndexes = 100_000
const manyCompletions = 100_000
const mostOfMany = 10_000
const longestManager = 63
const replacements = ['Failed', 'TerminatingOrFailed']

function validateAmounts(spec: JobSpec, path: string): FieldError[] {
  const names = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'] as const
  const found = names.flatMap((name) => checkNonnegative(`${path}.${name}`, spec[name]))
  found.push(...checkNonnegative(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex))
  if (spec.maxFailedIndexes === undefined) return found
  found.push(...checkNonnegative(`${path}.maxFailedIndexes`, spec.maxFailedIndexes))
  if (spec.backoffLimitPerIndex === undefined) {
    found.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  return found
}

function validateManager(manager: string | undefined, field: string): FieldError[] {
  if (manager === undefined) return []
  const found = checkDomainPrefixedPath(manager).map(({ value, message }) =>
    message === '' ? required(field) : invalid(field, value, message),
  )
  return byteLength(manager) > longestManager ? [...found, tooLong(field, longestManager)] : found
}

function validateMany(spec: JobSpec, path: string): FieldError[] {
  const { completions = 0, parallelism = 0, maxFailedIndexes: failed } = spec
  if (completions <= manyCompletions || spec.backoffLimitPerIndex === undefined) return []
  const text = `must be less than or equal to ${mostOfMany} when completions are above ${manyCompletions} and used with backoff limit per index`
  return [
    ...(failed === undefined
      ? [required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${manyCompletions}`)]
      : []),
    ...(parallelism > mostOfMany ? [invalid(`${path}.parallelism`, parallelism, text)] : []),
    ...(failed !== undefined && failed > mostOfMany ? [invalid(`${path}.maxFailedIndexes`, failed, text)] : []),
  ]
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = spec
  const found: FieldError[] = []
  if (completions === undefined) found.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  if (parallelism > mostAtOnce) {
    const text = `must be less than or equal to ${mostAtOnce} when completion mode is Indexed`
    found.push(invalid(`${path}.parallelism`, parallelism, text))
  }
  if (failed !== undefined && completions !== undefined && failed > completions) {
    found.push(invalid(`${path}.maxFailedIndexes`, failed, 'must be less than or equal to completions'))
  }
  if (failed !== undefined && failed > mostFailedIndexes) {
    found.push(invalid(`${path}.maxFailedIndexes`, failed, `must be less than or equal to ${mostFailedIndexes}`))
  }
  return [...found, ...validateMany(spec, path)]
}

function validateMode(spec: JobSpec, path: string): FieldError[] {
  const { completionMode: mode } = spec
  if (mode === 'Indexed') return validateIndexed(spec, path)
  if (mode !== undefined && mode !== 'NonIndexed') return [notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed'])]
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((name) =>
    spec[name] === undefined ? [] : [invalid(`${path}.${name}`, spec[name], 'requires indexed completion mode')],
  )
}

function validateSuccess(spec: JobSpec, path: string): FieldError[] {
  if (!spec.successPolicy) return []
  if (spec.completionMode === 'Indexed') return validateSuccessPolicy(spec, `${path}.rules`)
  return [invalid(path, goStruct(successPolicySchema, spec.successPolicy), 'requires indexed completion mode')]
}

function validateReplacement(spec: JobSpec, field: string): FieldError[] {
  const { podReplacementPolicy: policy } = spec
  if (policy === undefined) return []
  const supported = spec.podFailurePolicy ? ['Failed'] : replacements
  return supported.includes(policy) ? [] : [notSupported(field, policy, supported)]
}

function validateRestarts(spec: JobSpec, field: string): FieldError[] {
  const policy = spec.template.spec?.restartPolicy
  if (!policy || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])]
  if (!spec.podFailurePolicy || policy === 'Never') return []
  return [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

/** Without the selector, which only jobs themselves have. */
export function validateJobContent(spec: JobSpec, path: string, prev: PodTemplateSpec | undefined): FieldError[] {
  return [
    ...validateAmounts(spec, path),
    ...validateManager(spec.managedBy, `${path}.managedBy`),
    ...validateMode(spec, path),
    ...(spec.podFailurePolicy ? validateFailurePolicy(spec, `${path}.podFailurePolicy.rules`) : []),
    ...validateSuccess(spec, `${path}.successPolicy`),
    ...validateReplacement(spec, `${path}.podReplacementPolicy`),
    ...validateTemplateOf(spec.template, `${path}.template`, prev),
    ...validateRestarts(spec, `${path}.template.spec.restartPolicy`),
  ]
}
