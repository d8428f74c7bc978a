/** Query parameters and bodies that steer a write: dryRun, fieldManager, fieldValidation, DeleteOptions; checked in upstream's words (pure). */
import type { FieldError } from '#api/meta/field-error.ts'
import { forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { badRequest, invalidError } from '#api/meta/status.ts'
import { validateFieldManager } from '#api/validation/object-meta.ts'
import { isTrue } from '#apiserver/filters/request-info.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface WriteOptions {
  dryRun: boolean
  fieldValidation: FieldValidation
  fieldManager: string
}

const subjectOf = (kind: string) => ({ group: 'meta.k8s.io', plural: kind, kind })

function checkedDryRun(values: readonly string[]): FieldError[] {
  return values.some((v) => v !== 'All') ? [notSupported('dryRun', [...values], ['All'])] : []
}

/** `kind` is CreateOptions, UpdateOptions or PatchOptions. Throws 422. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  return checkedOptions(query, kind, kind === 'PatchOptions' && query.has('force') ? [forbiddenForce] : [])
}

const forbiddenForce = forbidden('force', 'may not be specified for non-apply patch')

/** Of an apply, which must say whose it is. Throws 422. */
export function applyOptions(query: URLSearchParams): WriteOptions & { force: boolean } {
  const missing = query.get('fieldManager') ? [] : [required('fieldManager', 'is required for apply patch')]
  return { ...checkedOptions(query, 'PatchOptions', missing), force: isTrue(query.get('force') ?? 'false') }
}

function checkedOptions(query: URLSearchParams, kind: string, found: readonly FieldError[]): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((v) => v !== '')
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  const fieldManager = query.get('fieldManager') ?? ''
  const errors = [...found, ...validateFieldManager(fieldManager, 'fieldManager'), ...checkedDryRun(dryRun)]
  if (!['Ignore', 'Warn', 'Strict'].includes(fieldValidation))
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  if (errors.length > 0) throw invalidError(subjectOf(kind), '', errors)
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation, fieldManager }
}

/** DeleteOptions as they come in the query, where the body has none. Throws 400 for numbers that are none. */
export function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = { apiVersion: 'v1', kind: 'DeleteOptions' }
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null) {
    if (!/^[+-]?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
    options.gracePeriodSeconds = Number(grace)
  }
  const orphan = query.get('orphanDependents')
  if (orphan !== null) options.orphanDependents = isTrue(orphan)
  const policy = query.get('propagationPolicy')
  if (policy !== null) options.propagationPolicy = policy
  const dryRun = query.getAll('dryRun').filter((v) => v !== '')
  if (dryRun.length > 0) options.dryRun = dryRun
  return options
}

/** Throws 422 in upstream's words (apimachinery, ValidateDeleteOptions). */
export function checkDeleteOptions(options: DeleteOptions): void {
  const errors: FieldError[] = []
  if (options.orphanDependents !== undefined && options.propagationPolicy !== undefined)
    errors.push(invalid('propagationPolicy', options.propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (options.propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(options.propagationPolicy))
    errors.push(notSupported('propagationPolicy', options.propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']))
  errors.push(...checkedDryRun(options.dryRun ?? []))
  if (errors.length > 0) throw invalidError(subjectOf('DeleteOptions'), '', errors)
}

export const isDryRun = (options: DeleteOptions): boolean => (options.dryRun?.length ?? 0) > 0
