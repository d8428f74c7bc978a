/** Answers from the cache which objects the pods of a node refer to. */
import { type Pod, Pods } from '#api/core/pod.ts'
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Entry, objectOf } from '#apiserver/cache/entry.ts'
import { predicateOf } from '#apiserver/cache/predicate.ts'
import type { NodeRelations } from './cluster-identities.ts'
import { type PodReferences, referencesOf } from './pod-references.ts'

export function nodeRelations(cache: Cache): NodeRelations {
  /** An entry never changes: its references are read once. */
  const known = new WeakMap<Entry, PodReferences>()
  const referencesIn = (entry: Entry): PodReferences => {
    const seen = known.get(entry)
    if (seen) return seen
    const references = referencesOf(objectOf(entry) as Pod)
    known.set(entry, references)
    return references
  }
  return {
    async refers(nodeName, resource, { namespace, name }) {
      const pods = cache.of(Pods as unknown as Resource)
      const fields = [{ field: 'spec.nodeName', operator: '=' as const, value: nodeName }]
      const find = (): boolean => {
        const predicate = predicateOf({ namespace, labels: [], fields }, pods.fieldReader)
        const { entries } = pods.list({ predicate, limit: 0, from: '' })
        return entries.some((entry) => referencesIn(entry)[resource].has(name))
      }
      if (find()) return true
      // The pod may have been bound a moment ago by another server.
      await cache.fresh()
      return find()
    },
  }
}
