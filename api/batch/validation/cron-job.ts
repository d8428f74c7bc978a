/** Rules of cron jobs, in upstream's order. */
import type { CronJob, CronJobSpec } from '#api/batch/cron-job.ts'
import type { JobTemplateSpec } from '#api/batch/job.ts'
import { knowsTimeZone, parseSchedule, ScheduleError } from '#api/batch/schedule.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkNonnegative } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { validateJobContent } from './job-spec.ts'
import { shownSelector } from './shown-selector.ts'

const longestName = 52
const policies = ['Allow', 'Forbid', 'Replace']
const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/

function validateSchedule(spec: CronJobSpec, prev: CronJobSpec | undefined, field: string): FieldError[] {
  const { schedule, timeZone } = spec
  if (!schedule) return [required(field)]
  const found: FieldError[] = []
  try {
    parseSchedule(schedule, knowsTimeZone)
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error
    found.push(invalid(field, schedule, error.message))
  }
  if (!schedule.includes('TZ')) return found
  // schedules that name a zone are older than the field
  if (!prev?.schedule.includes('TZ')) {
    found.push(invalid(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  } else if (timeZone !== undefined) {
    found.push(invalid(field, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
  }
  return found
}

function validateTimeZone(zone: string | undefined, field: string): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')]
  const wrong = zone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part))
  if (wrong) return [invalid(field, zone, `unknown time zone ${zone}`)]
  const isLocal = zone.toLowerCase() === 'local'
  const found: FieldError[] = []
  if (isLocal) {
    found.push(invalid(field, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  }
  return knowsTimeZone(zone) || zone === 'Local' ? found : [...found, invalid(field, zone, `unknown time zone ${zone}`)]
}

function validatePolicy(policy: string | undefined, field: string): FieldError[] {
  if (!policy) return [required(field)]
  return policies.includes(policy) ? [] : [notSupported(field, policy, policies)]
}

function validateTemplate({ spec }: JobTemplateSpec, path: string, prev: JobTemplateSpec | undefined): FieldError[] {
  if (!spec) return []
  const found = validateJobContent(spec, path, prev?.spec?.template)
  if (spec.selector) found.push(invalid(`${path}.selector`, shownSelector(spec.selector), '`selector` will be auto-generated'))
  if (spec.manualSelector === true) found.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']))
  return found
}

export function validateCronJob(next: CronJob, prev: CronJob | undefined): FieldError[] {
  const { spec, metadata } = next
  const { name = '' } = metadata
  const found = [
    ...validateKubeFinalizers(metadata),
    ...validateSchedule(spec, prev?.spec, 'spec.schedule'),
    ...checkNonnegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(prev && prev.spec.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone')),
    ...validatePolicy(spec.concurrencyPolicy, 'spec.concurrencyPolicy'),
    ...validateTemplate(spec.jobTemplate, 'spec.jobTemplate.spec', prev?.spec.jobTemplate),
    ...checkNonnegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...checkNonnegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
  // jobs are named after it, with eleven characters more
  return !prev && name.length > longestName
    ? [...found, invalid('metadata.name', name, `must be no more than ${longestName} characters`)]
    : found
}
