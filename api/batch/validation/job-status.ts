/** Rules of the status of jobs: controllers of others may write it, but not nonsense (upstream: pkg/apis/batch/validation). */
import { countIndexes, IndexesError, overlapOf } from '#api/batch/indexes.ts'
import type { Job, JobStatus } from '#api/batch/job.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkNonnegative, immutableMessage, invalidUnshown } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'

const has = ({ conditions }: JobStatus, type: string, status = 'True'): boolean =>
  (conditions ?? []).some((condition) => condition.type === type && condition.status === status)
const isFinished = (status: JobStatus): boolean => has(status, 'Complete') || has(status, 'Failed')

/** Which parts of the status differ from before: what was wrong already does not hold up writes of other parts. */
function changesOf(next: Job, prev: Job) {
  const [now, was] = [next.status, prev.status]
  const differs = (name: keyof JobStatus): boolean => !sameValue(now[name] ?? undefined, was[name] ?? undefined)
  const turned = (type: string): boolean => has(now, type) !== has(was, type)
  return {
    finished: isFinished(now) !== isFinished(was),
    complete: turned('Complete'),
    failed: turned('Failed'),
    failureTarget: turned('FailureTarget'),
    success: turned('SuccessCriteriaMet'),
    completedIndexes: (now.completedIndexes ?? '') !== (was.completedIndexes ?? ''),
    failedIndexes: now.failedIndexes !== was.failedIndexes,
    active: (now.active ?? 0) !== (was.active ?? 0),
    startTime: now.startTime !== was.startTime,
    completionTime: now.completionTime !== was.completionTime,
    uncounted: differs('uncountedTerminatedPods'),
    ready: now.ready !== was.ready,
    terminating: now.terminating !== was.terminating,
  }
}
type Changes = ReturnType<typeof changesOf>

function validateCounts({ status }: Job): FieldError[] {
  const found = (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((name) =>
    checkNonnegative(`status.${name}`, status[name]),
  )
  const seen = new Set<string>()
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [i, uid] of (status.uncountedTerminatedPods?.[list] ?? []).entries()) {
      const field = `status.uncountedTerminatedPods.${list}[${i}]`
      if (uid === '') found.push(invalid(field, uid, 'must not be empty'))
      else if (seen.has(uid)) found.push(duplicate(field, uid))
      else seen.add(uid)
    }
  }
  return found
}

function validateTimes({ status }: Job, changed: Changes): FieldError[] {
  const field = 'status.completionTime'
  const { completionTime: end, startTime: start } = status
  const complete = has(status, 'Complete')
  const found: FieldError[] = []
  if (changed.complete || changed.completionTime) {
    if (end !== undefined && !complete)
      found.push(invalid(field, end, 'cannot set completionTime when there is no Complete=True condition'))
    if (end === undefined && complete) found.push(required(field, 'completionTime is required for Complete jobs'))
  }
  const moved = changed.startTime || changed.completionTime
  if (moved && start !== undefined && end !== undefined && Date.parse(end) < Date.parse(start)) {
    found.push(invalid(field, end, 'must be equal to or after `startTime`'))
  }
  return found
}

const conditions = 'status.conditions'

function validateEndings({ status }: Job, changed: Changes): FieldError[] {
  const complete = has(status, 'Complete')
  const found: FieldError[] = []
  if ((changed.complete || changed.failed) && complete && has(status, 'Failed')) {
    found.push(invalidUnshown(conditions, 'cannot set Complete=True and Failed=true conditions'))
  }
  if ((changed.complete || changed.failureTarget) && complete && has(status, 'FailureTarget')) {
    found.push(invalidUnshown(conditions, 'cannot set Complete=True and FailureTarget=true conditions'))
  }
  return found
}

function validateCauses({ status }: Job, changed: Changes): FieldError[] {
  const found: FieldError[] = []
  if ((changed.failed || changed.failedIndexes) && has(status, 'Failed') && !has(status, 'FailureTarget')) {
    found.push(invalidUnshown(conditions, 'cannot set Failed=True condition without the FailureTarget=true condition'))
  }
  if ((changed.complete || changed.success) && has(status, 'Complete') && !has(status, 'SuccessCriteriaMet')) {
    found.push(invalidUnshown(conditions, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'))
  }
  return found
}

function validateFinished({ status, spec }: Job, changed: Changes): FieldError[] {
  if (!isFinished(status)) return []
  const found: FieldError[] = []
  const { active = 0, uncountedTerminatedPods: uncounted } = status
  if ((changed.finished || changed.active) && active > 0)
    found.push(invalid('status.active', active, 'active>0 is invalid for finished job'))
  const neverStarts = spec.suspend === true && spec.completions === 0
  if ((changed.finished || changed.startTime) && !neverStarts && status.startTime === undefined) {
    found.push(required('status.startTime', 'startTime is required for finished job'))
  }
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0)
  if ((changed.finished || changed.uncounted) && left > 0) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
    found.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'))
  }
  return found
}

function indexFault(text: string, completions: number): string | undefined {
  try {
    countIndexes(text, completions)
    return undefined
  } catch (error) {
    if (error instanceof IndexesError) return error.message
    throw error
  }
}

function validateIndexLists({ status, spec }: Job, changed: Changes): FieldError[] {
  const { completedIndexes: completed = '', failedIndexes: failed } = status
  const { completions, backoffLimitPerIndex: perIndex } = spec
  const found: FieldError[] = []
  if (changed.completedIndexes && completions !== undefined) {
    const fault = indexFault(completed, completions)
    if (fault !== undefined) found.push(invalid('status.completedIndexes', completed, `error parsing completedIndexes: ${fault}`))
  }
  if (changed.failedIndexes && completions !== undefined && perIndex !== undefined && failed !== undefined) {
    const fault = indexFault(failed, completions)
    if (fault !== undefined) found.push(invalid('status.failedIndexes', failed, `error parsing failedIndexes: ${fault}`))
  }
  if (changed.completedIndexes && completed !== '' && spec.completionMode !== 'Indexed') {
    const text = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    found.push(invalid('status.completedIndexes', completed, text))
  }
  if (changed.failedIndexes && perIndex === undefined && failed !== undefined) {
    const text = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    found.push(invalid('status.failedIndexes', failed, text))
  }
  if ((changed.failedIndexes || changed.completedIndexes) && completions !== undefined && failed !== undefined) {
    const both = overlapOf(completed, failed, completions)
    if (both !== undefined)
      found.push(invalid('status.failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${both}`))
  }
  return found
}

function validateRest({ status, spec }: Job, changed: Changes): FieldError[] {
  const { terminating = 0, ready, active = 0 } = status
  const found: FieldError[] = []
  if ((changed.finished || changed.terminating) && terminating > 0 && isFinished(status)) {
    found.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  }
  if ((changed.ready || changed.active) && ready !== undefined && ready > active) {
    found.push(invalid('status.ready', ready, 'cannot set more ready pods than active'))
  }
  const met = has(status, 'SuccessCriteriaMet')
  if (met && has(status, 'Failed')) found.push(invalidUnshown(conditions, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  if (met && has(status, 'FailureTarget')) {
    found.push(invalidUnshown(conditions, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  }
  if (spec.successPolicy && !met && has(status, 'Complete')) {
    const text = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'
    found.push(invalidUnshown(conditions, text))
  }
  return found
}

/** What once was so stays so. */
function validateSteps(next: Job, prev: Job, changed: Changes): FieldError[] {
  const [now, was, { spec }] = [next.status, prev.status, next]
  const found: FieldError[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (has(was, type) && !has(now, type)) found.push(invalidUnshown(conditions, `cannot disable the terminal ${type}=True condition`))
  }
  if ((now.failed ?? 0) < (was.failed ?? 0)) found.push(invalid('status.failed', now.failed ?? 0, 'cannot decrease the failed counter'))
  const elastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!elastic && (now.succeeded ?? 0) < (was.succeeded ?? 0)) {
    found.push(invalid('status.succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter'))
  }
  if (now.completionTime !== undefined && was.completionTime !== undefined && changed.completionTime) {
    found.push(invalid('status.completionTime', now.completionTime, immutableMessage))
  }
  const resumes = has(was, 'Suspended') && has(now, 'Suspended', 'False')
  if (changed.startTime && !resumes && was.startTime !== undefined && spec.suspend !== true) {
    found.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'))
  }
  const [metNow, metBefore] = [has(now, 'SuccessCriteriaMet'), has(was, 'SuccessCriteriaMet')]
  if (metBefore && !metNow) found.push(invalidUnshown(conditions, 'cannot disable the SuccessCriteriaMet=True condition'))
  if (has(was, 'Complete') && !metBefore && metNow) {
    const text = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    found.push(invalidUnshown(conditions, text))
  }
  return found
}

export function validateJobStatus(next: Job, prev: Job): FieldError[] {
  const changed = changesOf(next, prev)
  return [
    ...validateKubeFinalizers(next.metadata),
    ...validateCounts(next),
    ...validateEndings(next, changed),
    ...validateTimes(next, changed),
    ...validateCauses(next, changed),
    ...validateFinished(next, changed),
    ...validateIndexLists(next, changed),
    ...validateRest(next, changed),
    ...validateSteps(next, prev, changed),
  ]
}
