/** DESCRIBE file api/batch/job.ts */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { bool, int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const podFailurePolicyOnExitCodesRequirementSchema = message(
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement',
  'DESCRIBE PodFailurePolicyOnExitCodesRequirement',
  {
    containerName: string(1, 'DESCRIBE PodFailurePolicyOnExitCodesRequirement.containerName', { pointer: true }),
    operator: string(2, 'DESCRIBE PodFailurePolicyOnExitCodesRequirement.operator', { json: 'always', enum: ['In', 'NotIn'] }),
    values: list(3, 'int32', 'DESCRIBE PodFailurePolicyOnExitCodesRequirement.values', { json: 'always', listType: 'set' }),
  },
)
export type PodFailurePolicyOnExitCodesRequirement = z.output<typeof podFailurePolicyOnExitCodesRequirementSchema>

export const podFailurePolicyOnPodConditionsPatternSchema = message(
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'DESCRIBE PodFailurePolicyOnPodConditionsPattern',
  {
    type: string(1, 'DESCRIBE PodFailurePolicyOnPodConditionsPattern.type', { json: 'always' }),
    status: string(2, 'DESCRIBE PodFailurePolicyOnPodConditionsPattern.status', { json: 'always', required: false }),
  },
)
export type PodFailurePolicyOnPodConditionsPattern = z.output<typeof podFailurePolicyOnPodConditionsPatternSchema>

export const podFailurePolicyRuleSchema = message('io.k8s.api.batch.v1.PodFailurePolicyRule', 'DESCRIBE PodFailurePolicyRule', {
  action: string(1, 'DESCRIBE PodFailurePolicyRule.action', { json: 'always', enum: ['Count', 'FailIndex', 'FailJob', 'Ignore'] }),
  onExitCodes: object(2, podFailurePolicyOnExitCodesRequirementSchema, 'DESCRIBE PodFailurePolicyRule.onExitCodes', { pointer: true }),
  onPodConditions: list(3, podFailurePolicyOnPodConditionsPatternSchema, 'DESCRIBE PodFailurePolicyRule.onPodConditions', {
    listType: 'atomic',
  }),
})
export type PodFailurePolicyRule = z.output<typeof podFailurePolicyRuleSchema>

export const podFailurePolicySchema = message('io.k8s.api.batch.v1.PodFailurePolicy', 'DESCRIBE PodFailurePolicy', {
  rules: list(1, podFailurePolicyRuleSchema, 'DESCRIBE PodFailurePolicy.rules', { json: 'always', listType: 'atomic' }),
})
export type PodFailurePolicy = z.output<typeof podFailurePolicySchema>

export const successPolicyRuleSchema = message('io.k8s.api.batch.v1.SuccessPolicyRule', 'DESCRIBE SuccessPolicyRule', {
  succeededIndexes: string(1, 'DESCRIBE SuccessPolicyRule.succeededIndexes', { pointer: true }),
  succeededCount: int32(2, 'DESCRIBE SuccessPolicyRule.succeededCount', { pointer: true }),
})
export type SuccessPolicyRule = z.output<typeof successPolicyRuleSchema>

export const successPolicySchema = message('io.k8s.api.batch.v1.SuccessPolicy', 'DESCRIBE SuccessPolicy', {
  rules: list(1, successPolicyRuleSchema, 'DESCRIBE SuccessPolicy.rules', { json: 'always', listType: 'atomic' }),
})
export type SuccessPolicy = z.output<typeof successPolicySchema>

export const jobSpecSchema = message('io.k8s.api.batch.v1.JobSpec', 'DESCRIBE JobSpec', {
  parallelism: int32(1, 'DESCRIBE JobSpec.parallelism', { pointer: true }),
  completions: int32(2, 'DESCRIBE JobSpec.completions', { pointer: true }),
  activeDeadlineSeconds: int64(3, 'DESCRIBE JobSpec.activeDeadlineSeconds', { pointer: true }),
  podFailurePolicy: object(11, podFailurePolicySchema, 'DESCRIBE JobSpec.podFailurePolicy', { pointer: true }),
  successPolicy: object(16, successPolicySchema, 'DESCRIBE JobSpec.successPolicy', { pointer: true }),
  backoffLimit: int32(7, 'DESCRIBE JobSpec.backoffLimit', { pointer: true }),
  backoffLimitPerIndex: int32(12, 'DESCRIBE JobSpec.backoffLimitPerIndex', { pointer: true }),
  maxFailedIndexes: int32(13, 'DESCRIBE JobSpec.maxFailedIndexes', { pointer: true }),
  selector: object(4, labelSelectorSchema, 'DESCRIBE JobSpec.selector', { pointer: true }),
  manualSelector: bool(5, 'DESCRIBE JobSpec.manualSelector', { pointer: true }),
  template: object(6, podTemplateSpecSchema, 'DESCRIBE JobSpec.template', { json: 'always' }),
  ttlSecondsAfterFinished: int32(8, 'DESCRIBE JobSpec.ttlSecondsAfterFinished', { pointer: true }),
  completionMode: string(9, 'DESCRIBE JobSpec.completionMode', { pointer: true, enum: ['Indexed', 'NonIndexed'] }),
  suspend: bool(10, 'DESCRIBE JobSpec.suspend', { pointer: true }),
  podReplacementPolicy: string(14, 'DESCRIBE JobSpec.podReplacementPolicy', { pointer: true, enum: ['Failed', 'TerminatingOrFailed'] }),
  managedBy: string(15, 'DESCRIBE JobSpec.managedBy', { pointer: true }),
})
export type JobSpec = z.output<typeof jobSpecSchema>

export const jobConditionSchema = message('io.k8s.api.batch.v1.JobCondition', 'DESCRIBE JobCondition', {
  type: string(1, 'DESCRIBE JobCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE JobCondition.status', { json: 'always' }),
  lastProbeTime: time(3, 'DESCRIBE JobCondition.lastProbeTime'),
  lastTransitionTime: time(4, 'DESCRIBE JobCondition.lastTransitionTime'),
  reason: string(5, 'DESCRIBE JobCondition.reason'),
  message: string(6, 'DESCRIBE JobCondition.message'),
})
export type JobCondition = z.output<typeof jobConditionSchema>

export const uncountedTerminatedPodsSchema = message('io.k8s.api.batch.v1.UncountedTerminatedPods', 'DESCRIBE UncountedTerminatedPods', {
  succeeded: list(1, 'string', 'DESCRIBE UncountedTerminatedPods.succeeded', { listType: 'set' }),
  failed: list(2, 'string', 'DESCRIBE UncountedTerminatedPods.failed', { listType: 'set' }),
})
export type UncountedTerminatedPods = z.output<typeof uncountedTerminatedPodsSchema>

export const jobStatusSchema = message('io.k8s.api.batch.v1.JobStatus', 'DESCRIBE JobStatus', {
  conditions: list(1, jobConditionSchema, 'DESCRIBE JobStatus.conditions', {
    listType: 'atomic',
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  startTime: time(2, 'DESCRIBE JobStatus.startTime', { pointer: true }),
  completionTime: time(3, 'DESCRIBE JobStatus.completionTime', { pointer: true }),
  active: int32(4, 'DESCRIBE JobStatus.active'),
  succeeded: int32(5, 'DESCRIBE JobStatus.succeeded'),
  failed: int32(6, 'DESCRIBE JobStatus.failed'),
  terminating: int32(11, 'DESCRIBE JobStatus.terminating', { pointer: true }),
  completedIndexes: string(7, 'DESCRIBE JobStatus.completedIndexes'),
  failedIndexes: string(10, 'DESCRIBE JobStatus.failedIndexes', { pointer: true }),
  uncountedTerminatedPods: object(8, uncountedTerminatedPodsSchema, 'DESCRIBE JobStatus.uncountedTerminatedPods', { pointer: true }),
  ready: int32(9, 'DESCRIBE JobStatus.ready', { pointer: true }),
})
export type JobStatus = z.output<typeof jobStatusSchema>

export const jobSchema = kind('io.k8s.api.batch.v1.Job', 'DESCRIBE Job', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Job.metadata', { json: 'always', required: false }),
  spec: object(2, jobSpecSchema, 'DESCRIBE Job.spec', { json: 'always', required: false }),
  status: object(3, jobStatusSchema, 'DESCRIBE Job.status', { json: 'always', required: false }),
})
export type Job = z.output<typeof jobSchema>

export const jobTemplateSpecSchema = message('io.k8s.api.batch.v1.JobTemplateSpec', 'DESCRIBE JobTemplateSpec', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE JobTemplateSpec.metadata'),
  spec: object(2, jobSpecSchema, 'DESCRIBE JobTemplateSpec.spec'),
})
export type JobTemplateSpec = z.output<typeof jobTemplateSpecSchema>
