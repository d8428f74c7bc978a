/** Table columns of webhook configurations and admission policies. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { LabelSelector } from '#api/meta/label-selector.ts'
import type { Column, KubeObject } from '#api/resource.ts'
import type { ValidatingAdmissionPolicy } from './validating-admission-policy.ts'
import type { ParamRef, ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts'

function count<T extends KubeObject>(name: string, description: string, cell: (obj: T) => number): Column<T> {
  return { ...column<T>(name, description, cell), type: 'integer' }
}

type WithWebhooks = KubeObject & { webhooks?: readonly unknown[] | undefined }
export const webhookColumns: readonly Column<WithWebhooks>[] = [
  nameColumn,
  count('Webhooks', 'Number of webhooks.', ({ webhooks }) => (webhooks ?? []).length),
  ageColumn,
]

const paramKindText = ({ spec }: ValidatingAdmissionPolicy): string =>
  spec.paramKind ? `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}` : '<unset>'

export const validatingAdmissionPolicyColumns: readonly Column<ValidatingAdmissionPolicy>[] = [
  nameColumn,
  count('Validations', 'Number of rules.', ({ spec }) => (spec.validations ?? []).length),
  column('ParamKind', 'Kind whose objects set up the policy.', paramKindText),
  ageColumn,
]

/** As Go prints the selector. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`)
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}

export function paramRefText({ spec }: { spec: { paramRef?: ParamRef | undefined } }): string {
  const { name, namespace, selector } = spec.paramRef ?? {}
  if (name) return `${namespace || '*'}/${name}`
  return selector ? selectorText(selector) : '<unset>'
}

export const validatingAdmissionPolicyBindingColumns: readonly Column<ValidatingAdmissionPolicyBinding>[] = [
  nameColumn,
  column('PolicyName', 'The policy.', ({ spec }) => spec.policyName ?? ''),
  column<ValidatingAdmissionPolicyBinding>('ParamRef', 'Objects that set up the policy.', paramRefText),
  ageColumn,
]
