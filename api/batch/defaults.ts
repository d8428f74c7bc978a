/** Dependent defaults of jobs and cron jobs (upstream: pkg/apis/batch/v1/defaults.go). */
import { defaultTemplate } from '#api/core/defaults/template.ts'
import type { CronJob } from './cron-job.ts'
import type { Job, JobSpec } from './job.ts'

const failuresAllowed = 6
const unlimited = 2147483647
const successesKept = 3

function defaultPolicies(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  }
}

export function defaultJob(job: Job): Job {
  const { spec } = job
  spec.template = defaultTemplate(spec.template ?? {})
  defaultPolicies(spec)
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? failuresAllowed : unlimited
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
  return job
}

/** The jobs that it makes get their own defaults when they are made. */
export function defaultCronJob(cron: CronJob): CronJob {
  const { spec } = cron
  spec.concurrencyPolicy ||= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= successesKept
  spec.failedJobsHistoryLimit ??= 1
  spec.jobTemplate ??= {}
  spec.jobTemplate.spec ??= { template: {} }
  spec.jobTemplate.spec.template = defaultTemplate(spec.jobTemplate.spec.template ?? {})
  defaultPolicies(spec.jobTemplate.spec)
  return cron
}
