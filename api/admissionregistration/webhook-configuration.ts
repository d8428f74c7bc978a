/** DESCRIBE file api/admissionregistration/webhook-configuration.ts */
import type { z } from 'zod'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { matchConditionSchema, ruleWithOperationsSchema, webhookClientConfigSchema } from './rules.ts'

export const validatingWebhookSchema = message('io.k8s.api.admissionregistration.v1.ValidatingWebhook', 'DESCRIBE ValidatingWebhook', {
  name: string(1, 'DESCRIBE ValidatingWebhook.name', { json: 'always' }),
  clientConfig: object(2, webhookClientConfigSchema, 'DESCRIBE ValidatingWebhook.clientConfig', { json: 'always' }),
  rules: list(3, ruleWithOperationsSchema, 'DESCRIBE ValidatingWebhook.rules', { listType: 'atomic' }),
  failurePolicy: string(4, 'DESCRIBE ValidatingWebhook.failurePolicy', { pointer: true, enum: ['Fail', 'Ignore'] }),
  matchPolicy: string(9, 'DESCRIBE ValidatingWebhook.matchPolicy', { pointer: true, enum: ['Equivalent', 'Exact'] }),
  namespaceSelector: object(5, labelSelectorSchema, 'DESCRIBE ValidatingWebhook.namespaceSelector', { pointer: true }),
  objectSelector: object(10, labelSelectorSchema, 'DESCRIBE ValidatingWebhook.objectSelector', { pointer: true }),
  sideEffects: string(6, 'DESCRIBE ValidatingWebhook.sideEffects', {
    json: 'always',
    pointer: true,
    enum: ['None', 'NoneOnDryRun', 'Some', 'Unknown'],
  }),
  timeoutSeconds: int32(7, 'DESCRIBE ValidatingWebhook.timeoutSeconds', { pointer: true }),
  admissionReviewVersions: list(8, 'string', 'DESCRIBE ValidatingWebhook.admissionReviewVersions', { json: 'always', listType: 'atomic' }),
  matchConditions: list(11, matchConditionSchema, 'DESCRIBE ValidatingWebhook.matchConditions', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export type ValidatingWebhook = z.output<typeof validatingWebhookSchema>

export const validatingWebhookConfigurationSchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  'DESCRIBE ValidatingWebhookConfiguration',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE ValidatingWebhookConfiguration.metadata', { json: 'always', required: false }),
    webhooks: list(2, validatingWebhookSchema, 'DESCRIBE ValidatingWebhookConfiguration.webhooks', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
  },
)
export type ValidatingWebhookConfiguration = z.output<typeof validatingWebhookConfigurationSchema>

export const mutatingWebhookSchema = message('io.k8s.api.admissionregistration.v1.MutatingWebhook', 'DESCRIBE MutatingWebhook', {
  name: string(1, 'DESCRIBE MutatingWebhook.name', { json: 'always' }),
  clientConfig: object(2, webhookClientConfigSchema, 'DESCRIBE MutatingWebhook.clientConfig', { json: 'always' }),
  rules: list(3, ruleWithOperationsSchema, 'DESCRIBE MutatingWebhook.rules', { listType: 'atomic' }),
  failurePolicy: string(4, 'DESCRIBE MutatingWebhook.failurePolicy', { pointer: true, enum: ['Fail', 'Ignore'] }),
  matchPolicy: string(9, 'DESCRIBE MutatingWebhook.matchPolicy', { pointer: true, enum: ['Equivalent', 'Exact'] }),
  namespaceSelector: object(5, labelSelectorSchema, 'DESCRIBE MutatingWebhook.namespaceSelector', { pointer: true }),
  objectSelector: object(11, labelSelectorSchema, 'DESCRIBE MutatingWebhook.objectSelector', { pointer: true }),
  sideEffects: string(6, 'DESCRIBE MutatingWebhook.sideEffects', {
    json: 'always',
    pointer: true,
    enum: ['None', 'NoneOnDryRun', 'Some', 'Unknown'],
  }),
  timeoutSeconds: int32(7, 'DESCRIBE MutatingWebhook.timeoutSeconds', { pointer: true }),
  admissionReviewVersions: list(8, 'string', 'DESCRIBE MutatingWebhook.admissionReviewVersions', { json: 'always', listType: 'atomic' }),
  reinvocationPolicy: string(10, 'DESCRIBE MutatingWebhook.reinvocationPolicy', { pointer: true, enum: ['IfNeeded', 'Never'] }),
  matchConditions: list(12, matchConditionSchema, 'DESCRIBE MutatingWebhook.matchConditions', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export type MutatingWebhook = z.output<typeof mutatingWebhookSchema>

export const mutatingWebhookConfigurationSchema = kind(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  'DESCRIBE MutatingWebhookConfiguration',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE MutatingWebhookConfiguration.metadata', { json: 'always', required: false }),
    webhooks: list(2, mutatingWebhookSchema, 'DESCRIBE MutatingWebhookConfiguration.webhooks', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
  },
)
export type MutatingWebhookConfiguration = z.output<typeof mutatingWebhookConfigurationSchema>
