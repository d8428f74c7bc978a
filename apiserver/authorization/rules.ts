/** Rules of RBAC's form, and whether one covers a request (pure). */
import type { RequestInfo } from '#apiserver/filters/request-info.ts'

/** What is judged: a part of RequestInfo, so that access reviews can ask too. */
export type Attributes = Pick<
  RequestInfo,
  'isResource' | 'verb' | 'path' | 'group' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name'
>

export interface Rule {
  verbs: readonly string[]
  groups?: readonly string[]
  /** `pods`, `pods/status`, or a star for all resources; unlike RBAC's the star leaves subresources out (exec is no way of reading). */
  resources?: readonly string[]
  /** Absent: any name. */
  names?: readonly string[]
  /** Absent: any namespace and the cluster scope. */
  namespaces?: readonly string[]
  /** Non-resource paths; a star at the end stands for any rest. */
  paths?: readonly string[]
}

export const rulesAllow = (rules: readonly Rule[], attributes: Attributes): boolean => rules.some((rule) => ruleAllows(rule, attributes))

export function ruleAllows(rule: Rule, attributes: Attributes): boolean {
  if (!covers(rule.verbs, attributes.verb)) return false
  if (!attributes.isResource) return rule.paths?.some((path) => pathMatches(path, attributes.path)) ?? false
  const resource = attributes.subresource === '' ? attributes.resource : `${attributes.resource}/${attributes.subresource}`
  return (
    covers(rule.groups, attributes.group) &&
    (attributes.subresource === '' ? covers(rule.resources, resource) : (rule.resources?.includes(resource) ?? false)) &&
    (rule.names === undefined || rule.names.includes(attributes.name)) &&
    (rule.namespaces === undefined || rule.namespaces.includes(attributes.namespace))
  )
}

const covers = (words: readonly string[] | undefined, word: string): boolean =>
  words !== undefined && (words.includes('*') || words.includes(word))

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))

export const read = ['get', 'list', 'watch'] as const
export const write = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const
