/** Jobs. */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { bool, int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { jobColumns } from './columns.ts'
import { defaultJob } from './defaults.ts'
import { podFailurePolicySchema, successPolicySchema } from './job-policies.ts'
import { prepareJob, prepareJobStatus } from './prepare.ts'
import { validateJob } from './validation/job.ts'
import { validateJobStatus } from './validation/job-status.ts'
import { jobWarnings } from './warnings.ts'

export const jobSpecSchema = message('io.k8s.api.batch.v1.JobSpec', 'What a job is to get done.', {
  parallelism: int32(1, 'Most pods at once.', { pointer: true }),
  completions: int32(2, 'Number of pods that must succeed.', { pointer: true }),
  activeDeadlineSeconds: int64(3, 'Seconds after which the job is ended.', { pointer: true }),
  podFailurePolicy: object(11, podFailurePolicySchema, 'What failures of pods mean for the job.', { pointer: true }),
  successPolicy: object(16, successPolicySchema, 'When the job counts as finished early.', { pointer: true }),
  backoffLimit: int32(7, 'Failures after which the job has failed.', { pointer: true }),
  backoffLimitPerIndex: int32(12, 'Failures after which an index has failed.', { pointer: true }),
  maxFailedIndexes: int32(13, 'Failed indexes after which the job has failed.', { pointer: true }),
  selector: object(4, labelSelectorSchema, 'Labels of its pods; made by the server as a rule.', { pointer: true }),
  manualSelector: bool(5, 'Whether the author chose the selector.', { pointer: true }),
  template: object(6, podTemplateSpecSchema, 'Pods to make.', { json: 'always' }),
  ttlSecondsAfterFinished: int32(8, 'Seconds for which a finished job is kept.', { pointer: true }),
  completionMode: string(9, 'NonIndexed or Indexed: whether pods have numbers.', {
    pointer: true,
    enum: ['Indexed', 'NonIndexed'],
    goType: 'v1.CompletionMode',
  }),
  suspend: bool(10, 'Whether the job waits.', { pointer: true }),
  podReplacementPolicy: string(14, 'TerminatingOrFailed or Failed: when a pod is replaced.', {
    pointer: true,
    enum: ['Failed', 'TerminatingOrFailed'],
    goType: 'v1.PodReplacementPolicy',
  }),
  managedBy: string(15, 'Controller that looks after it, where it is not the usual one.', { pointer: true }),
})
export type JobSpec = z.output<typeof jobSpecSchema>

export const jobConditionSchema = message('io.k8s.api.batch.v1.JobCondition', "One aspect of a job's state.", {
  type: string(1, 'Suspended, Complete, Failed, FailureTarget or SuccessCriteriaMet.', { json: 'always', goType: 'v1.JobConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastProbeTime: time(3, 'When this was looked at last.'),
  lastTransitionTime: time(4, 'When the status changed last.'),
  reason: string(5, 'Cause of the last change, one CamelCase word.'),
  message: string(6, 'What happened, for people.'),
})
export type JobCondition = z.output<typeof jobConditionSchema>

export const uncountedTerminatedPodsSchema = message(
  'io.k8s.api.batch.v1.UncountedTerminatedPods',
  'Pods that have ended and are not yet in the counters.',
  {
    succeeded: list(1, 'string', 'Uids of those that succeeded.', { listType: 'set', goType: 'types.UID' }),
    failed: list(2, 'string', 'Uids of those that failed.', { listType: 'set', goType: 'types.UID' }),
  },
)
export type UncountedTerminatedPods = z.output<typeof uncountedTerminatedPodsSchema>

export const jobStatusSchema = message('io.k8s.api.batch.v1.JobStatus', 'What is seen of a job.', {
  conditions: list(1, jobConditionSchema, 'Aspects of its state.', {
    listType: 'atomic',
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  startTime: time(2, 'When the job was started.', { pointer: true }),
  completionTime: time(3, 'When the job succeeded.', { pointer: true }),
  active: int32(4, 'Pods that run or wait.'),
  succeeded: int32(5, 'Pods that succeeded.'),
  failed: int32(6, 'Pods that failed.'),
  terminating: int32(11, 'Pods on their way out.', { pointer: true }),
  completedIndexes: string(7, 'Indexes that succeeded, such as 1,3-5.'),
  failedIndexes: string(10, 'Indexes that failed, such as 1,3-5.', { pointer: true }),
  uncountedTerminatedPods: object(8, uncountedTerminatedPodsSchema, 'Pods that have ended and are not yet counted.', { pointer: true }),
  ready: int32(9, 'Pods that are ready.', { pointer: true }),
})
export type JobStatus = z.output<typeof jobStatusSchema>

export const jobSchema = kind('io.k8s.api.batch.v1.Job', 'Runs pods until a number of them has succeeded.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, jobSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, jobStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type Job = z.output<typeof jobSchema>

export const jobTemplateSpecSchema = message('io.k8s.api.batch.v1.JobTemplateSpec', 'A job to make.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.'),
  spec: object(2, jobSpecSchema, 'The wanted state.'),
})
export type JobTemplateSpec = z.output<typeof jobTemplateSpecSchema>

export const Jobs: Resource<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  scope: 'Namespaced',
  orphansByDefault: true,
  orphansWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  schema: jobSchema,
  columns: jobColumns,
  defaults: defaultJob,
  prepare: prepareJob,
  validate: validateJob,
  warnings: jobWarnings,
  subresources: { status: { prepare: prepareJobStatus, validate: validateJobStatus } },
  fieldRefusal: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  selectableFields: { 'status.successful': (job) => String(job.status.succeeded ?? 0) },
}
