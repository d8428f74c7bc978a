/** Configurations of admission webhooks. */
import type { z } from 'zod'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameJson } from '#api/own.ts'
import type { Resource } from '#api/resource.ts'
import { webhookColumns } from './columns.ts'
import { defaultMutatingWebhooks, defaultValidatingWebhooks } from './defaults.ts'
import { matchConditionSchema, ruleWithOperationsSchema, webhookClientConfigSchema } from './rules.ts'
import { validateWebhookConfiguration } from './validation/webhooks.ts'

/** Which requests a webhook of either kind is called for; the two kinds number some of their fields differently. */
const calledFor = {
  name: string(1, 'Full name of the webhook.', { json: 'always' }),
  clientConfig: object(2, webhookClientConfigSchema, 'Where it is reached.', { json: 'always' }),
  rules: list(3, ruleWithOperationsSchema, 'Requests that it is called for.', { listType: 'atomic' }),
  failurePolicy: string(4, 'What happens when it fails: Fail or Ignore.', {
    pointer: true,
    enum: ['Fail', 'Ignore'],
    goType: 'v1.FailurePolicyType',
  }),
  matchPolicy: string(9, 'Exact or Equivalent.', { pointer: true, enum: ['Equivalent', 'Exact'], goType: 'v1.MatchPolicyType' }),
  namespaceSelector: object(5, labelSelectorSchema, 'Labels of the namespaces.', { pointer: true }),
}
const objectSelector = (number: number) => object(number, labelSelectorSchema, 'Labels of the objects.', { pointer: true })
const call = {
  sideEffects: string(6, 'What a call changes elsewhere: None or NoneOnDryRun.', {
    json: 'always',
    pointer: true,
    enum: ['None', 'NoneOnDryRun', 'Some', 'Unknown'],
    goType: 'v1.SideEffectClass',
  }),
  timeoutSeconds: int32(7, 'Seconds that a call may take, 1 to 30.', { pointer: true }),
  admissionReviewVersions: list(8, 'string', 'Versions of AdmissionReview that it understands, best first.', {
    json: 'always',
    listType: 'atomic',
  }),
}
const byName = { listType: 'map', listKeys: ['name'], patchStrategy: 'merge', patchMergeKey: 'name' } as const
const matchConditions = (number: number) => list(number, matchConditionSchema, 'Conditions that requests must meet, at most 64.', byName)

export const validatingWebhookSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook',
  'A webhook that may refuse requests.',
  { ...calledFor, objectSelector: objectSelector(10), ...call, matchConditions: matchConditions(11) },
)
export type ValidatingWebhook = z.output<typeof validatingWebhookSchema>

export const validatingWebhookConfigurationSchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  'Webhooks that may refuse objects before they are stored.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    webhooks: list(2, validatingWebhookSchema, 'The webhooks.', byName),
  },
)
export type ValidatingWebhookConfiguration = z.output<typeof validatingWebhookConfigurationSchema>

export const mutatingWebhookSchema = message('io.k8s.api.admissionregistration.v1.MutatingWebhook', 'A webhook that may change objects.', {
  ...calledFor,
  objectSelector: objectSelector(11),
  ...call,
  reinvocationPolicy: string(10, 'Whether it is called again after others changed the object.', {
    pointer: true,
    enum: ['IfNeeded', 'Never'],
    goType: 'v1.ReinvocationPolicyType',
  }),
  matchConditions: matchConditions(12),
})
export type MutatingWebhook = z.output<typeof mutatingWebhookSchema>

export const mutatingWebhookConfigurationSchema = kind(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  'Webhooks that may change objects before they are stored.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    webhooks: list(2, mutatingWebhookSchema, 'The webhooks.', byName),
  },
)
export type MutatingWebhookConfiguration = z.output<typeof mutatingWebhookConfigurationSchema>

const configurations = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataOnUpdate: 'left to the rules of the kind',
  columns: webhookColumns,
  // counts changes of the webhooks; upstream compares the structs
  generation: false,
  unconditionalUpdate: false,
} as const

function countChanges<T extends ValidatingWebhookConfiguration | MutatingWebhookConfiguration>(next: T, prev: T | undefined): T {
  if (!prev || !sameJson(next.webhooks, prev.webhooks)) next.metadata.generation = (prev?.metadata.generation ?? 0) + 1
  return next
}

export const ValidatingWebhookConfigurations: Resource<ValidatingWebhookConfiguration> = {
  ...configurations,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  schema: validatingWebhookConfigurationSchema,
  defaults: defaultValidatingWebhooks,
  prepare: countChanges,
  validate: validateWebhookConfiguration,
}

export const MutatingWebhookConfigurations: Resource<MutatingWebhookConfiguration> = {
  ...configurations,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  schema: mutatingWebhookConfigurationSchema,
  defaults: defaultMutatingWebhooks,
  prepare: countChanges,
  validate: validateWebhookConfiguration,
}
