/** What is judged, and whether a rule covers it (pure; upstream: pkg/apis/rbac/v1/evaluation_helpers.go). */
import type { FieldRequirement } from '#api/meta/field-selector.ts'
import type { Selector } from '#api/meta/label-selector.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'

/** A part of RequestInfo, so that access reviews can ask too. */
export type Attributes = Pick<
  RequestInfo,
  'isResource' | 'verb' | 'path' | 'group' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name'
> & {
  /** Requirements that a list, watch or deletion of many keeps to; absent where it names none, or none that can be read. */
  fieldSelector?: readonly FieldRequirement[]
  labelSelector?: Selector
}

export const resourceOf = ({ resource, subresource }: Pick<Attributes, 'resource' | 'subresource'>): string =>
  subresource === '' ? resource : `${resource}/${subresource}`

export const rulesAllow = (rules: readonly PolicyRule[], attributes: Attributes): boolean =>
  rules.some((rule) => coversAllButName(rule, attributes) && coversName(rule, attributes.name))

/** Everything but the name of the object, so that one answer serves all names. */
export function coversAllButName(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if (!attributes.isResource) return rule.nonResourceURLs?.some((pattern) => urlCovers(pattern, attributes.path)) ?? false
  return has(rule.apiGroups, attributes.group) && coversResource(rule, attributes)
}

export function coversName(rule: PolicyRule, name: string): boolean {
  const names = rule.resourceNames ?? []
  return names.length === 0 || names.includes(name)
}

/** A star stands for all resources and their subresources; one before a slash for the parents of that subresource. */
function coversResource({ resources = [] }: PolicyRule, attributes: Attributes): boolean {
  const { subresource } = attributes
  return has(resources, resourceOf(attributes)) || (subresource !== '' && resources.includes(`*/${subresource}`))
}

const has = (words: readonly string[] | undefined, word: string): boolean =>
  words !== undefined && (words.includes('*') || words.includes(word))

/** A star at the end covers all that begins so; several count as one. */
export function urlCovers(pattern: string, path: string): boolean {
  if (pattern === path) return true
  if (!pattern.endsWith('*')) return false
  let end = pattern.length
  while (end > 0 && pattern[end - 1] === '*') end--
  return path.startsWith(pattern.slice(0, end))
}
