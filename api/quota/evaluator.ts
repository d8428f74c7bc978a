/** How objects of one kind count against quotas: which names they use, how much, and which scopes they are in. */
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '#api/core/resource-quota.ts'
import type { KubeObject } from '#api/resource.ts'
import type { ResourceList } from './resource-lists.ts'

export interface QuotaRequest {
  operation: 'create' | 'update'
  subresource: string
  object: KubeObject
  /** The stored object, on update. */
  old?: KubeObject | undefined
  now: Date
}

export interface QuotaEvaluator {
  /** `pods`, `deployments.apps`. */
  groupResource: string
  /** Whether the request can change what is counted. */
  handles(request: QuotaRequest): boolean
  /** Those of the names of a quota that this kind uses. */
  matchingNames(names: readonly string[]): readonly string[]
  inScope(selector: ScopedResourceSelectorRequirement, object: KubeObject): boolean
  usage(object: KubeObject, now: Date): ResourceList
  /** Why an object cannot be counted, though its quota needs it to be; upstream's text. */
  missing?(required: readonly string[], object: KubeObject): string | undefined
}

/** Scopes and the selector of a quota as one list of tests. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const scopes = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...scopes, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

export function isCounted(quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean {
  const isLimited = evaluator.matchingNames(Object.keys(quota.status.hard ?? {})).length > 0
  return isLimited && scopesOf(quota).every((selector) => evaluator.inScope(selector, object))
}

/** Whether one of an object's values passes a test; an object without a value is tested as such. */
export function passes({ operator, values = [] }: ScopedResourceSelectorRequirement, found: readonly string[]): boolean {
  if (operator === 'Exists') return found.length > 0
  if (operator === 'DoesNotExist') return found.length === 0
  if (operator === 'In') return found.some((value) => values.includes(value))
  return found.length === 0 || found.some((value) => !values.includes(value))
}

/** Kinds that quotas may also count by their plain name. */
export const plainlyCounted: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

/** Counts objects of any kind: `count/deployments.apps`; a few kinds of the first days also by their plain name. */
export function objectCounts(groupResource: string): QuotaEvaluator {
  const names = [`count/${groupResource}`, ...(plainlyCounted.has(groupResource) ? [groupResource] : [])]
  const usage = Object.fromEntries(names.map((name) => [name, '1']))
  return {
    groupResource,
    handles: ({ operation, subresource }) => operation === 'create' && subresource === '',
    matchingNames: (wanted) => names.filter((name) => wanted.includes(name)),
    inScope: () => false,
    usage: () => usage,
  }
}
