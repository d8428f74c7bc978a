/** Rules of resource quotas, in upstream's order. */
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement, ScopeSelector } from '#api/core/resource-quota.ts'
import { isQuotaResource } from '#api/core/rules/resource-names.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateAmount, validateResourceName } from './resource-amounts.ts'
import { immutableMessage, sortedKeys } from './values.ts'

const podCompute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const ofPods = new Set(['pods', ...podCompute])
const ofClaims = new Set(['persistentvolumeclaims', 'requests.storage'])
/** Resources to which a scope can be applied. */
const scopes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Terminating', ofPods],
  ['NotTerminating', ofPods],
  ['NotBestEffort', ofPods],
  ['PriorityClass', ofPods],
  ['CrossNamespacePodAffinity', ofPods],
  ['BestEffort', new Set(['pods'])],
  ['VolumeAttributesClass', ofClaims],
])
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
const existing = new Set(['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'])
const existsText =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function validateQuotaResource(name: string, field: string): FieldError[] {
  const found = validateResourceName(name, field)
  if (name.includes('/') || isQuotaResource(name)) return found
  return [...found, invalid(field, name, 'must be a standard resource for quota')]
}

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return sortedKeys(amounts).flatMap((name) => {
    const field = `${path}[${name}]`
    return [...validateQuotaResource(name, field), ...validateAmount(name, amounts?.[name] ?? '0', field)]
  })
}

/** Limits to which a scope does not apply, each an error. */
function misfits(scope: string, spec: ResourceQuotaSpec, error: FieldError): FieldError[] {
  const fitting = scopes.get(scope)
  return sortedKeys(spec.hard).flatMap((name) => (isQuotaResource(name) && fitting && !fitting.has(name) ? [error] : []))
}

const conflicts = (given: ReadonlySet<string>, spec: ResourceQuotaSpec, field: string): FieldError[] =>
  opposites.filter(([one, other]) => given.has(one) && given.has(other)).map(() => invalid(field, spec.scopes, 'conflicting scopes'))

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const given = spec.scopes ?? []
  const field = 'spec.scopes'
  const found = given.flatMap((scope) => [
    ...(scopes.has(scope) ? [] : [invalid(field, given, 'unsupported scope')]),
    ...misfits(scope, spec, invalid(field, given, 'unsupported scope applied to resource')),
  ])
  return [...found, ...conflicts(new Set(given), spec, field)]
}

function validateOperator({ scopeName, operator, values }: ScopedResourceSelectorRequirement, path: string): FieldError[] {
  const count = (values ?? []).length
  const found = existing.has(scopeName) && operator !== 'Exists' ? [invalid(`${path}.operator`, operator, existsText)] : []
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count > 0) return found
      return [...found, required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    case 'Exists':
    case 'DoesNotExist':
      if (count === 0) return found
      return [
        ...found,
        invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
      ]
    default:
      return [...found, invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  }
}

/** Upstream prints its own struct. */
const shownSelector = ({ matchExpressions }: ScopeSelector) => ({
  MatchExpressions:
    matchExpressions?.map(({ scopeName, operator, values = null }) => ({ ScopeName: scopeName, Operator: operator, Values: values })) ??
    null,
})

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const { scopeSelector: selector } = spec
  if (!selector) return []
  const path = 'spec.scopeSelector.matchExpressions'
  const terms = selector.matchExpressions ?? []
  const shown = shownSelector(selector)
  const found = terms.flatMap((term) => [
    ...(scopes.has(term.scopeName) ? [] : [invalid(`${path}.scopeName`, term.scopeName, 'unsupported scope')]),
    ...misfits(term.scopeName, spec, invalid(path, shown, 'unsupported scope applied to resource')),
    ...validateOperator(term, path),
  ])
  return [...found, ...conflicts(new Set(terms.map(({ scopeName }) => scopeName)), spec, path)]
}

export function validateResourceQuota(next: ResourceQuota, prev: ResourceQuota | undefined): FieldError[] {
  const { spec } = next
  const found = [
    ...validateKubeFinalizers(next.metadata),
    ...validateAmounts(spec.hard, 'spec.hard'),
    ...validateScopes(spec),
    ...validateScopeSelector(spec),
  ]
  if (!prev) return found
  const [now, was] = [new Set(spec.scopes ?? []), new Set(prev.spec.scopes ?? [])]
  const same = now.size === was.size && [...now].every((scope) => was.has(scope))
  return same ? found : [...found, invalid('spec.scopes', spec.scopes, immutableMessage)]
}

export const validateResourceQuotaStatus = ({ metadata, status }: ResourceQuota): FieldError[] => [
  ...validateKubeFinalizers(metadata),
  ...validateAmounts(status.hard, 'status.hard'),
  ...validateAmounts(status.used, 'status.used'),
]
