/** Which of the wanted rules somebody does not hold yet, and how upstream names them (pure; component-helpers, auth/rbac/validation). */
import { goQuote } from '#api/meta/go-quote.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import { urlCovers } from './rules.ts'

/** The parts of `wanted`, one verb of one resource each, that no single rule of `held` covers. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(brokenDown).filter((part) => !held.some((rule) => covers(rule, part)))
}

interface Part {
  verbs: [string]
  apiGroups?: [string]
  resources?: [string]
  resourceNames?: [string]
  nonResourceURLs?: [string]
}

function brokenDown(rule: PolicyRule): Part[] {
  const parts: Part[] = []
  const names = rule.resourceNames ?? []
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) {
        const part: Part = { verbs: [verb], apiGroups: [group], resources: [resource] }
        if (names.length === 0) parts.push(part)
        for (const name of names) parts.push({ ...part, resourceNames: [name] })
      }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs ?? []) parts.push({ verbs: [verb], nonResourceURLs: [url] })
  return parts
}

function covers(rule: PolicyRule, part: Part): boolean {
  const names = rule.resourceNames ?? []
  const [group, resource, name, url] = [part.apiGroups?.[0], part.resources?.[0], part.resourceNames?.[0], part.nonResourceURLs?.[0]]
  return (
    holds(rule.verbs, part.verbs[0]) &&
    (group === undefined || holds(rule.apiGroups, group)) &&
    (resource === undefined || holdsResource(rule.resources ?? [], resource)) &&
    (names.length === 0 || (name !== undefined && names.includes(name))) &&
    (url === undefined || (rule.nonResourceURLs ?? []).some((pattern) => urlCovers(pattern, url)))
  )
}

const holds = (words: readonly string[] | undefined, word: string): boolean =>
  words !== undefined && (words.includes('*') || words.includes(word))

function holdsResource(resources: readonly string[], resource: string): boolean {
  if (holds(resources, resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && resources.includes(`*${resource.slice(slash)}`)
}

/** One line a rule, sorted; rules of one resource are joined into one. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  return [...new Set(compact(rules).map(describeRule))].sort()
}

function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const simple = new Map<string, PolicyRule>()
  const others: PolicyRule[] = []
  for (const rule of rules) {
    if (!isSimple(rule)) {
      others.push(rule)
      continue
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames ?? []])
    const known = simple.get(key)
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule)
  }
  return [...others, ...simple.values()]
}

const isSimple = (rule: PolicyRule): boolean =>
  (rule.resourceNames?.length ?? 0) <= 1 &&
  (rule.nonResourceURLs?.length ?? 0) === 0 &&
  rule.apiGroups?.length === 1 &&
  rule.resources?.length === 1

function describeRule(rule: PolicyRule): string {
  const part = (name: string, words: readonly string[] | undefined): string[] =>
    words && words.length > 0 ? [`${name}:${quotedList(words)}`] : []
  const parts = [
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('ResourceNames', rule.resourceNames),
    ...part('Verbs', rule.verbs),
  ]
  return `{${parts.join(', ')}}`
}

/** As Go prints a slice with %q. */
export const quotedList = (words: readonly string[]): string => `[${words.map(goQuote).join(' ')}]`
