/** Texts about unwise jobs and cron jobs (upstream: pkg/api/job/warnings.go, pkg/registry/batch). */
import { templateWarnings } from '#api/core/pod-warnings.ts'
import { checkDns1123Label } from '#api/validation/names.ts'
import type { CronJob } from './cron-job.ts'
import type { Job, JobSpec } from './job.ts'

const manyCompletions = 100_000
const manyPodsAtOnce = 10_000

function nameWarnings(name: string): string[] {
  const messages = checkDns1123Label(name)
  const text =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: '
  return messages.length > 0 ? [`${text}[${messages.join(' ')}]`] : []
}

function specWarnings(spec: JobSpec, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec
  const large = completionMode === 'Indexed' && completions > manyCompletions && parallelism > manyPodsAtOnce
  const text =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [...(large ? [`${path}: ${text}`] : []), ...templateWarnings(spec.template, `${path}.template.`)]
}

export function jobWarnings(next: Job, prev: Job | undefined): string[] {
  if (prev && next.metadata.generation === prev.metadata.generation) return []
  return [...(prev ? [] : nameWarnings(next.metadata.name ?? '')), ...specWarnings(next.spec, 'spec')]
}

export function cronJobWarnings(next: CronJob, prev: CronJob | undefined): string[] {
  const changed = !prev || next.metadata.generation !== prev.metadata.generation
  const { spec } = next.spec.jobTemplate
  const found = changed && spec ? specWarnings(spec, 'spec.jobTemplate.spec') : []
  if (!prev) return [...nameWarnings(next.metadata.name ?? ''), ...found]
  if (!next.spec.schedule.includes('TZ')) return found
  // upstream names the field so
  const text =
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
  return [...found, text]
}
