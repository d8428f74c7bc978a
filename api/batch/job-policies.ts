/** Policies of jobs: which failures count, when success is early. */
import type { z } from 'zod'
import { int32, list, message, object, string } from '#api/fields.ts'

export const podFailurePolicyOnExitCodesRequirementSchema = message(
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement',
  'A test on the exit codes of containers.',
  {
    containerName: string(1, 'Container to look at; all by default.', { pointer: true }),
    operator: string(2, 'In or NotIn.', { json: 'always', enum: ['In', 'NotIn'], goType: 'v1.PodFailurePolicyOnExitCodesOperator' }),
    values: list(3, 'int32', 'Exit codes to compare with.', { json: 'always', listType: 'set' }),
  },
)
export type PodFailurePolicyOnExitCodesRequirement = z.output<typeof podFailurePolicyOnExitCodesRequirementSchema>

export const podFailurePolicyOnPodConditionsPatternSchema = message(
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'A test on one condition of a pod.',
  {
    type: string(1, 'Type of the condition.', { json: 'always', goType: 'v1.PodConditionType' }),
    status: string(2, 'Status of the condition.', { json: 'always', required: false, goType: 'v1.ConditionStatus' }),
  },
)
export type PodFailurePolicyOnPodConditionsPattern = z.output<typeof podFailurePolicyOnPodConditionsPatternSchema>

export const podFailurePolicyRuleSchema = message('io.k8s.api.batch.v1.PodFailurePolicyRule', 'What to do about some failures of pods.', {
  action: string(1, 'Count, FailIndex, FailJob or Ignore.', {
    json: 'always',
    enum: ['Count', 'FailIndex', 'FailJob', 'Ignore'],
    goType: 'v1.PodFailurePolicyAction',
  }),
  onExitCodes: object(2, podFailurePolicyOnExitCodesRequirementSchema, 'Exit codes for which the rule holds.', { pointer: true }),
  onPodConditions: list(3, podFailurePolicyOnPodConditionsPatternSchema, 'Conditions for which the rule holds.', {
    listType: 'atomic',
  }),
})
export type PodFailurePolicyRule = z.output<typeof podFailurePolicyRuleSchema>

export const podFailurePolicySchema = message('io.k8s.api.batch.v1.PodFailurePolicy', 'What failures of pods mean for the job.', {
  rules: list(1, podFailurePolicyRuleSchema, 'The rules; the first that fits holds.', { json: 'always', listType: 'atomic' }),
})
export type PodFailurePolicy = z.output<typeof podFailurePolicySchema>

export const successPolicyRuleSchema = message('io.k8s.api.batch.v1.SuccessPolicyRule', 'A case in which the job has succeeded.', {
  succeededIndexes: string(1, 'Indexes that must have succeeded, such as 0,3-5.', { pointer: true }),
  succeededCount: int32(2, 'How many must have succeeded.', { pointer: true }),
})
export type SuccessPolicyRule = z.output<typeof successPolicyRuleSchema>

export const successPolicySchema = message('io.k8s.api.batch.v1.SuccessPolicy', 'When a job counts as finished before all indexes are.', {
  rules: list(1, successPolicyRuleSchema, 'The rules; one that holds is enough.', { json: 'always', listType: 'atomic' }),
})
export type SuccessPolicy = z.output<typeof successPolicySchema>
