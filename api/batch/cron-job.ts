/** DESCRIBE file api/batch/cron-job.ts */
import type { z } from 'zod'
import { objectReferenceSchema } from '#api/core/references.ts'
import { bool, int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { jobTemplateSpecSchema } from './job.ts'

export const cronJobSpecSchema = message('io.k8s.api.batch.v1.CronJobSpec', 'DESCRIBE CronJobSpec', {
  schedule: string(1, 'DESCRIBE CronJobSpec.schedule', { json: 'always' }),
  timeZone: string(8, 'DESCRIBE CronJobSpec.timeZone', { pointer: true }),
  startingDeadlineSeconds: int64(2, 'DESCRIBE CronJobSpec.startingDeadlineSeconds', { pointer: true }),
  concurrencyPolicy: string(3, 'DESCRIBE CronJobSpec.concurrencyPolicy', { enum: ['Allow', 'Forbid', 'Replace'] }),
  suspend: bool(4, 'DESCRIBE CronJobSpec.suspend', { pointer: true }),
  jobTemplate: object(5, jobTemplateSpecSchema, 'DESCRIBE CronJobSpec.jobTemplate', { json: 'always' }),
  successfulJobsHistoryLimit: int32(6, 'DESCRIBE CronJobSpec.successfulJobsHistoryLimit', { pointer: true }),
  failedJobsHistoryLimit: int32(7, 'DESCRIBE CronJobSpec.failedJobsHistoryLimit', { pointer: true }),
})
export type CronJobSpec = z.output<typeof cronJobSpecSchema>

export const cronJobStatusSchema = message('io.k8s.api.batch.v1.CronJobStatus', 'DESCRIBE CronJobStatus', {
  active: list(1, objectReferenceSchema, 'DESCRIBE CronJobStatus.active', { listType: 'atomic' }),
  lastScheduleTime: time(4, 'DESCRIBE CronJobStatus.lastScheduleTime', { pointer: true }),
  lastSuccessfulTime: time(5, 'DESCRIBE CronJobStatus.lastSuccessfulTime', { pointer: true }),
})
export type CronJobStatus = z.output<typeof cronJobStatusSchema>

export const cronJobSchema = kind('io.k8s.api.batch.v1.CronJob', 'DESCRIBE CronJob', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE CronJob.metadata', { json: 'always', required: false }),
  spec: object(2, cronJobSpecSchema, 'DESCRIBE CronJob.spec', { json: 'always', required: false }),
  status: object(3, cronJobStatusSchema, 'DESCRIBE CronJob.status', { json: 'always', required: false }),
})
export type CronJob = z.output<typeof cronJobSchema>
