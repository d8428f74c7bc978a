/** What a quota counts in its whole namespace: the status it should have (upstream: apiserver/pkg/quota/v1, CalculateUsage). */
import type { ResourceQuota } from '#api/core/resource-quota.ts'
import type { KubeObject } from '#api/resource.ts'
import { plainlyCounted, type QuotaEvaluator, scopesOf } from './evaluator.ts'
import { evaluatorOf } from './evaluators.ts'
import { addLists, only, type ResourceList } from './resource-lists.ts'

/** Kinds whose objects must be looked at one by one. */
export const inspected = ['pods', 'services', 'persistentvolumeclaims'] as const

/** Upstream leaves events out of quotas altogether: nobody shall lack room to tell of one. */
const uncounted = new Set(['events', 'events.events.k8s.io'])

export interface NamespaceContent {
  objects: Readonly<Record<(typeof inspected)[number], readonly KubeObject[]>>
  /** How many there are of the other kinds, by group resource (`deployments.apps`). */
  counts: Readonly<Record<string, number>>
}

/** The other kinds that the quota counts, as group resources. */
export function countedKinds({ spec }: Pick<ResourceQuota, 'spec'>): readonly string[] {
  const names = Object.keys(spec.hard ?? {})
  const found = names.flatMap((name) =>
    name.startsWith('count/') ? [name.slice('count/'.length)] : plainlyCounted.has(name) ? [name] : [],
  )
  return [...new Set(found)].filter((kind) => !(inspected as readonly string[]).includes(kind) && !uncounted.has(kind))
}

/** Names of kinds that nobody knows have no usage: the quota's status leaves them out, and requests for them are refused. */
export function usageOf(quota: ResourceQuota, { objects, counts }: NamespaceContent, now: Date): ResourceList {
  const hard = Object.keys(quota.spec.hard ?? {})
  let used: ResourceList = {}
  for (const kind of inspected) used = addLists(used, sumOf(quota, evaluatorOf(kind), { hard, objects: objects[kind], now }))
  for (const kind of countedKinds(quota)) {
    const count = counts[kind]
    if (count === undefined) continue
    // objects that are only counted are in no scope
    const amount = scopesOf(quota).length > 0 ? '0' : String(count)
    used = addLists(
      used,
      Object.fromEntries(
        evaluatorOf(kind)
          .matchingNames(hard)
          .map((name) => [name, amount]),
      ),
    )
  }
  return only(used, hard)
}

interface Counted {
  hard: readonly string[]
  objects: readonly KubeObject[]
  now: Date
}

function sumOf(quota: ResourceQuota, evaluator: QuotaEvaluator, { hard, objects, now }: Counted): ResourceList {
  const names = evaluator.matchingNames(hard)
  if (names.length === 0) return {}
  const scopes = scopesOf(quota)
  let sum: ResourceList = Object.fromEntries(names.map((name) => [name, '0']))
  for (const object of objects)
    if (scopes.every((selector) => evaluator.inScope(selector, object))) sum = addLists(sum, only(evaluator.usage(object, now), names))
  return sum
}
