/** Dependent defaults of webhook configurations and admission policies (upstream: pkg/apis/admissionregistration/v1/defaults.go). */
import type { Rule } from './rules.ts'
import type { MatchResources, ValidatingAdmissionPolicy } from './validating-admission-policy.ts'
import type { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts'
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from './webhook-configuration.ts'

function defaultRules(rules: readonly Rule[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*'
}

function defaultWebhook(webhook: ValidatingWebhook | MutatingWebhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  const { service } = webhook.clientConfig
  if (service) service.port ??= 443
  defaultRules(webhook.rules)
}

export function defaultValidatingWebhooks(configuration: ValidatingWebhookConfiguration): ValidatingWebhookConfiguration {
  for (const webhook of configuration.webhooks ?? []) defaultWebhook(webhook)
  return configuration
}

export function defaultMutatingWebhooks(configuration: MutatingWebhookConfiguration): MutatingWebhookConfiguration {
  for (const webhook of configuration.webhooks ?? []) {
    defaultWebhook(webhook)
    webhook.reinvocationPolicy ??= 'Never'
  }
  return configuration
}

export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  defaultRules(match.resourceRules)
  defaultRules(match.excludeResourceRules)
}

export function defaultValidatingAdmissionPolicy(policy: ValidatingAdmissionPolicy): ValidatingAdmissionPolicy {
  policy.spec.failurePolicy ??= 'Fail'
  defaultMatchResources(policy.spec.matchConstraints)
  return policy
}

export function defaultValidatingAdmissionPolicyBinding(binding: ValidatingAdmissionPolicyBinding): ValidatingAdmissionPolicyBinding {
  defaultMatchResources(binding.spec.matchResources)
  return binding
}
