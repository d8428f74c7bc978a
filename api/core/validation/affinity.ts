/** Rules of affinity and topology spread. */
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PreferredSchedulingTerm,
} from '#api/core/affinity.ts'
import type { TopologySpreadConstraint } from '#api/core/pod-spec.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { LabelSelector } from '#api/meta/label-selector.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue } from '#api/validation/names.ts'
import { validateLabelName } from '#api/validation/object-meta.ts'
import type { Tolerated } from './context.ts'
import { checkPositive, invalids } from './values.ts'

const weightMessage = 'must be in the range 1-100'
const badWeight = (weight: number | undefined): boolean => (weight ?? 0) <= 0 || (weight ?? 0) > 100

function validateValueCount(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const count = (requirement.values ?? []).length
  const values = `${path}.values`
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      return count === 0 ? [required(values, "must be specified when `operator` is 'In' or 'NotIn'")] : []
    case 'Exists':
    case 'DoesNotExist':
      return count > 0 ? [forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []
    case 'Gt':
    case 'Lt':
      return count !== 1 ? [required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")] : []
    default:
      return [invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator')]
  }
}

function validateExpression(requirement: NodeSelectorRequirement, path: string, anyValue: boolean): FieldError[] {
  const found = [...validateValueCount(requirement, path), ...validateLabelName(requirement.key ?? '', `${path}.key`)]
  if (anyValue) return found
  for (const [i, value] of (requirement.values ?? []).entries()) {
    found.push(...invalids(`${path}.values[${i}]`, value, checkLabelValue(value)))
  }
  return found
}

function validateField(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const found: FieldError[] = []
  const { key = '', operator = '', values = [] } = requirement
  if (operator !== 'In' && operator !== 'NotIn') found.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1) {
    found.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  }
  if (key !== 'metadata.name') return [...found, invalid(`${path}.key`, key, 'not a valid field selector key')]
  for (const [i, value] of values.entries()) found.push(...invalids(`${path}.values[${i}]`, value, checkDns1123Subdomain(value)))
  return found
}

function validateTerm(term: NodeSelectorTerm, path: string, anyValue: boolean): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((one, i) => validateExpression(one, `${path}.matchExpressions[${i}]`, anyValue)),
    ...(term.matchFields ?? []).flatMap((one, i) => validateField(one, `${path}.matchFields[${i}]`)),
  ]
}

export function validateNodeSelector(selector: NodeSelector, path: string, anyValue: boolean): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? []
  const list = `${path}.nodeSelectorTerms`
  if (terms.length === 0) return [required(list, 'must have at least one node selector term')]
  return terms.flatMap((term, i) => validateTerm(term, `${list}[${i}]`, anyValue))
}

function validatePreferred(terms: readonly PreferredSchedulingTerm[], path: string): FieldError[] {
  return terms.flatMap(({ weight, preference }, i) => [
    ...(badWeight(weight) ? [invalid(`${path}[${i}].weight`, weight ?? 0, weightMessage)] : []),
    ...validateTerm(preference ?? {}, `${path}[${i}].preference`, true),
  ])
}

interface LabelKeys {
  matchLabelKeys: readonly string[]
  mismatchLabelKeys: readonly string[]
  selector: LabelSelector | undefined
}

function validateKeyList(keys: readonly string[], path: string, selector: LabelSelector | undefined): FieldError[] {
  if (keys.length === 0) return []
  if (!selector) return [forbidden(path, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, i) => validateLabelName(key, `${path}[${i}]`))
}

/**
 * The server adds the pod's own values of these keys to the selector, so that a key stands there once; a key that the author
 * put there as well appears twice and is refused.
 */
function validateLabelKeys({ matchLabelKeys, mismatchLabelKeys, selector }: LabelKeys, path: string): FieldError[] {
  const found = [
    ...validateKeyList(matchLabelKeys, `${path}.matchLabelKeys`, selector),
    ...validateKeyList(mismatchLabelKeys, `${path}.mismatchLabelKeys`, selector),
  ]
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}))
  for (const { key } of selector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key)
    if (index >= 0 && seen.has(key)) found.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    seen.add(key)
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    if (mismatchLabelKeys.includes(key)) {
      found.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
    }
  }
  return found
}

function validatePodTerm(term: PodAffinityTerm, path: string, tolerated: Tolerated): FieldError[] {
  const rules = { allowInvalidValues: tolerated.invalidSelectorValues }
  const { labelSelector: selector, matchLabelKeys = [], mismatchLabelKeys = [], topologyKey = '' } = term
  return [
    ...validateLabelSelector(selector, `${path}.labelSelector`, rules),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, rules),
    ...(term.namespaces ?? []).flatMap((name) => invalids(`${path}.namespace`, name, checkDns1123Label(name))),
    ...validateLabelKeys({ matchLabelKeys, mismatchLabelKeys, selector }, path),
    ...(topologyKey === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...validateLabelName(topologyKey, `${path}.topologyKey`),
  ]
}

function validatePodAffinity(affinity: PodAffinity, path: string, tolerated: Tolerated): FieldError[] {
  const requiredPath = `${path}.requiredDuringSchedulingIgnoredDuringExecution`
  const preferredPath = `${path}.preferredDuringSchedulingIgnoredDuringExecution`
  const { requiredDuringSchedulingIgnoredDuringExecution: terms, preferredDuringSchedulingIgnoredDuringExecution: weighted } = affinity
  return [
    ...(terms ?? []).flatMap((term, i) => validatePodTerm(term, `${requiredPath}[${i}]`, tolerated)),
    ...(weighted ?? []).flatMap(({ weight, podAffinityTerm: term }, i) => [
      ...(badWeight(weight) ? [invalid(`${preferredPath}[${i}].weight`, weight ?? 0, weightMessage)] : []),
      ...validatePodTerm(term ?? { topologyKey: '' }, `${preferredPath}[${i}].podAffinityTerm`, tolerated),
    ]),
  ]
}

export function validateAffinity(affinity: Affinity | undefined, path: string, tolerated: Tolerated): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  const found: FieldError[] = []
  const selector = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (selector) {
    const at = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`
    found.push(...validateNodeSelector(selector, at, tolerated.invalidRequiredNodeValues))
  }
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  found.push(...validatePreferred(preferred, `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`))
  if (podAffinity) found.push(...validatePodAffinity(podAffinity, `${path}.podAffinity`, tolerated))
  if (podAntiAffinity) found.push(...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`, tolerated))
  return found
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const inclusions = ['Honor', 'Ignore']

function validateMinDomains(constraint: TopologySpreadConstraint, field: string): FieldError[] {
  const { minDomains, whenUnsatisfiable: action } = constraint
  if (minDomains === undefined) return []
  const found = checkPositive(field, minDomains)
  if (action !== 'DoNotSchedule') {
    found.push(invalid(field, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`))
  }
  return found
}

function validateConstraint(constraint: TopologySpreadConstraint, path: string, tolerated: Tolerated): FieldError[] {
  const found: FieldError[] = []
  const { labelSelector: selector, matchLabelKeys = [] } = constraint
  found.push(...validateMinDomains(constraint, `${path}.minDomains`))
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name]
    if (policy !== undefined && !inclusions.includes(policy)) found.push(notSupported(`${path}.${name}`, policy, inclusions))
  }
  found.push(...validateLabelKeys({ matchLabelKeys, mismatchLabelKeys: [], selector }, path))
  if (!tolerated.invalidSpreadSelectors) found.push(...validateLabelSelector(selector, `${path}.labelSelector`))
  return found
}

export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[], path: string, tolerated: Tolerated): FieldError[] {
  const found: FieldError[] = []
  for (const [i, constraint] of constraints.entries()) {
    const at = `${path}[${i}]`
    const { topologyKey, whenUnsatisfiable: action } = constraint
    found.push(...checkPositive(`${at}.maxSkew`, constraint.maxSkew))
    if (!topologyKey) found.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (!actions.includes(action)) found.push(notSupported(`${at}.whenUnsatisfiable`, action ?? '', actions))
    const again = constraints.slice(i + 1).some((later) => later.topologyKey === topologyKey && later.whenUnsatisfiable === action)
    if (again) found.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`))
    found.push(...validateConstraint(constraint, at, tolerated))
  }
  return found
}
