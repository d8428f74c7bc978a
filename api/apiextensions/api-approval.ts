/** Groups of the community are protected: a definition in them names who approved it (pure; source: pkg/apihelpers). */
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import type { NewCondition } from './status.ts'

const annotation = 'api-approved.kubernetes.io'
type State = 'missing' | 'bypassed' | 'approved' | 'invalid'

const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group)

function approvalOf(definition: CustomResourceDefinition): { state: State; reason: string; value: string } {
  const value = definition.metadata.annotations?.[annotation] ?? ''
  const must = `protected groups must have approval annotation ${goQuote(annotation)}`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  if (value === '') return { state: 'missing', reason: `${must}, ${see}`, value }
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(value)}`, value }
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]+/.test(value)) return { state: 'approved', reason: `approved in ${value}`, value }
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${see}`, value }
}

export function validateApproval(next: CustomResourceDefinition, prev: CustomResourceDefinition | undefined): FieldError[] {
  if (!isProtected(next.spec.group)) return []
  const { state, reason, value } = approvalOf(next)
  if (prev !== undefined && approvalOf(prev).state === state) return []
  const field = `metadata.annotations[${annotation}]`
  if (state === 'invalid') return [invalid(field, value, reason)]
  return state === 'missing' ? [required(field, reason)] : []
}

const words = {
  invalid: ['False', 'InvalidAnnotation'],
  missing: ['False', 'MissingAnnotation'],
  approved: ['True', 'ApprovedAnnotation'],
  bypassed: ['False', 'UnapprovedAnnotation'],
} as const

export function approvalCondition(definition: CustomResourceDefinition): NewCondition | undefined {
  if (!isProtected(definition.spec.group)) return undefined
  const { state, reason } = approvalOf(definition)
  const [status, word] = words[state]
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason: word, message: reason }
}
