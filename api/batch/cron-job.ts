/** Cron jobs. */
import type { z } from 'zod'
import { objectReferenceSchema } from '#api/core/references.ts'
import { bool, int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { cronJobColumns } from './columns.ts'
import { defaultCronJob } from './defaults.ts'
import { jobTemplateSpecSchema } from './job.ts'
import { prepareCronJob } from './prepare.ts'
import { validateCronJob } from './validation/cron-job.ts'
import { cronJobWarnings } from './warnings.ts'

export const cronJobSpecSchema = message('io.k8s.api.batch.v1.CronJobSpec', 'Which jobs to start and when.', {
  schedule: string(1, 'When to start, in the form of cron.', { json: 'always' }),
  timeZone: string(8, 'Time zone of the schedule; that of the controller by default.', { pointer: true }),
  startingDeadlineSeconds: int64(2, 'Seconds after which a missed start is left out.', { pointer: true }),
  concurrencyPolicy: string(3, 'Allow, Forbid or Replace: what to do while the last job still runs.', {
    enum: ['Allow', 'Forbid', 'Replace'],
    goType: 'v1.ConcurrencyPolicy',
  }),
  suspend: bool(4, 'Whether starts wait.', { pointer: true }),
  jobTemplate: object(5, jobTemplateSpecSchema, 'Jobs to make.', { json: 'always' }),
  successfulJobsHistoryLimit: int32(6, 'Number of finished jobs that are kept.', { pointer: true }),
  failedJobsHistoryLimit: int32(7, 'Number of failed jobs that are kept.', { pointer: true }),
})
export type CronJobSpec = z.output<typeof cronJobSpecSchema>

export const cronJobStatusSchema = message('io.k8s.api.batch.v1.CronJobStatus', 'What is seen of a cron job.', {
  active: list(1, objectReferenceSchema, 'Jobs that run now.', { listType: 'atomic' }),
  lastScheduleTime: time(4, 'When a job was started last.', { pointer: true }),
  lastSuccessfulTime: time(5, 'When a job finished well last.', { pointer: true }),
})
export type CronJobStatus = z.output<typeof cronJobStatusSchema>

export const cronJobSchema = kind('io.k8s.api.batch.v1.CronJob', 'Starts jobs by the clock.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, cronJobSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, cronJobStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type CronJob = z.output<typeof cronJobSchema>

export const CronJobs: Resource<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: cronJobSchema,
  columns: cronJobColumns,
  defaults: defaultCronJob,
  prepare: prepareCronJob,
  validate: validateCronJob,
  warnings: cronJobWarnings,
  subresources: { status: { prepare: keepSpec } },
}
