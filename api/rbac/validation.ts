/** Rules of roles and bindings (upstream: pkg/apis/rbac/validation). */
import { invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkDns1123Subdomain } from '#api/validation/names.ts'
import type { AggregationRule } from './cluster-role.ts'
import { type Binding, rbacGroup } from './defaults.ts'
import type { PolicyRule } from './role.ts'
import type { Subject } from './role-binding.ts'

/** Names that may stand in a path: `.`, `..`, slashes and percent signs may not (apimachinery, api/validation/path). */
export function checkPathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`)
}

export const validateRules = (rules: readonly PolicyRule[] | undefined, namespaced: boolean): FieldError[] =>
  (rules ?? []).flatMap((rule, i) => validateRule(rule, namespaced, `rules[${i}]`))

function validateRule(rule: PolicyRule, namespaced: boolean, field: string): FieldError[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule
  // A required list that is absent is null.
  const verbs: readonly string[] = rule.verbs ?? []
  const found: FieldError[] = []
  if (verbs.length === 0) found.push(required(`${field}.verbs`, 'verbs must contain at least one value'))
  if (urls.length > 0) {
    const at = `${field}.nonResourceURLs`
    if (namespaced) found.push(invalid(at, urls, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0)
      found.push(invalid(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'))
    return found
  }
  if (apiGroups.length === 0) found.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0) found.push(required(`${field}.resources`, 'resource rules must supply at least one resource'))
  return found
}

/** Values that are no label values are let through where the stored role has some. */
export function validateAggregation(rule: AggregationRule | undefined, prev: AggregationRule | undefined): FieldError[] {
  if (!rule) return []
  const selectors = rule.clusterRoleSelectors ?? []
  const field = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0) return [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  const allowInvalidValues = prev?.clusterRoleSelectors?.some((s) => validateLabelSelector(s, '').length > 0) ?? false
  return selectors.flatMap((selector, i) => [
    ...validateLabelSelector(selector, `${field}[${i}]`, { allowInvalidValues }),
    ...(validateLabelSelector(selector, '').length > 0 ? [invalid(`${field}[${i}]`, null, 'invalid label selector.')] : []),
  ])
}

export interface BindingRules {
  /** Kinds of role that may be referred to. */
  kinds: readonly string[]
  namespaced: boolean
}

export function validateBinding(next: Binding, prev: Binding | undefined, { kinds, namespaced }: BindingRules): FieldError[] {
  const { roleRef } = next
  const found: FieldError[] = []
  if (roleRef.apiGroup !== rbacGroup) found.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]))
  if (!kinds.includes(roleRef.kind)) found.push(notSupported('roleRef.kind', roleRef.kind, kinds))
  if (roleRef.name === '') found.push(required('roleRef.name'))
  else found.push(...invalids('roleRef.name', roleRef.name, checkPathSegment(roleRef.name)))
  next.subjects?.forEach((subject, i) => void found.push(...validateSubject(subject, namespaced, `subjects[${i}]`)))
  if (prev && !sameRef(prev.roleRef, roleRef)) found.push(invalid('roleRef', printedRef(roleRef), 'cannot change roleRef'))
  return found
}

type Ref = Binding['roleRef']
const sameRef = (a: Ref, b: Ref): boolean => a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name
/** As upstream prints its internal form. */
const printedRef = ({ apiGroup, kind, name }: Ref): object => ({ APIGroup: apiGroup, Kind: kind, Name: name })

function validateSubject(subject: Subject, namespaced: boolean, field: string): FieldError[] {
  const { kind, name, apiGroup = '', namespace = '' } = subject
  const found: FieldError[] = []
  if (name === '') found.push(required(`${field}.name`))
  if (kind === 'ServiceAccount') {
    if (name !== '') found.push(...invalids(`${field}.name`, name, checkDns1123Subdomain(name)))
    if (apiGroup !== '') found.push(notSupported(`${field}.apiGroup`, apiGroup, ['']))
    if (!namespaced && namespace === '') found.push(required(`${field}.namespace`))
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) found.push(notSupported(`${field}.apiGroup`, apiGroup, [rbacGroup]))
  } else found.push(notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  return found
}
