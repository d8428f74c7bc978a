/** What the server itself decides about jobs and cron jobs (upstream: pkg/registry/batch). */
import { dropDisabledSpecFields } from '#api/core/pod-features.ts'
import type { CronJob } from './cron-job.ts'
import type { Job } from './job.ts'

/** Labels by which the pods of a job are told from all others; the ones without a domain are older and kept. */
export const uidLabel = 'batch.kubernetes.io/controller-uid'
export const nameLabel = 'batch.kubernetes.io/job-name'
export const oldUidLabel = 'controller-uid'
export const oldNameLabel = 'job-name'

/** Messages show them, and Go shows maps by key. */
const inOrder = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Labels that the author set stay; validation refuses them where they are not the job's own. */
function generateSelector({ spec, metadata: { name = '', uid = '' } }: Job): void {
  const { template } = spec
  const labels = { [oldNameLabel]: name, [nameLabel]: name, [oldUidLabel]: uid, [uidLabel]: uid }
  template.metadata = { ...template.metadata, labels: inOrder({ ...labels, ...template.metadata?.labels }) }
  spec.selector = { ...spec.selector, matchLabels: inOrder({ [uidLabel]: uid, ...spec.selector?.matchLabels }) }
}

/** A job without labels has those of its pods, the generated ones too. */
function defaultLabels({ spec, metadata }: Job): void {
  const { labels } = spec.template.metadata ?? {}
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

export function prepareJob(next: Job, prev: Job | undefined): Job {
  if (next.spec.template.spec) dropDisabledSpecFields(next.spec.template.spec, prev?.spec.template.spec)
  if (!prev) {
    if (next.spec.manualSelector !== true) generateSelector(next)
    next.status = {}
  }
  defaultLabels(next)
  return next
}

export function prepareJobStatus(next: Job, prev: Job): Job {
  next.spec = prev.spec
  defaultLabels(next)
  return next
}

export function prepareCronJob(next: CronJob, prev: CronJob | undefined): CronJob {
  const template = next.spec.jobTemplate.spec?.template
  if (template?.spec) dropDisabledSpecFields(template.spec, prev?.spec.jobTemplate.spec?.template.spec)
  if (!prev) next.status = {}
  return next
}
