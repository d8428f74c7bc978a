/** Answers from the cache which objects a node has to do with. */
import { type Pod, Pods } from '#api/core/pod.ts'
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Entry, objectOf } from '#apiserver/cache/entry.ts'
import { predicateOf } from '#apiserver/cache/predicate.ts'
import type { NodeRelations } from './node-authorizer.ts'
import { type PodReferences, type ReferredResource, referencesOf } from './pod-references.ts'

const referred: readonly string[] = [
  'secrets',
  'configmaps',
  'serviceaccounts',
  'persistentvolumeclaims',
  'resourceclaims',
] satisfies ReferredResource[]

export function nodeRelations(cache: Cache): NodeRelations {
  const pods = podRelations(cache)
  const find = (nodeName: string, resource: string, ref: { namespace: string; name: string }): boolean => {
    if (resource === 'pods') return pods.isBound(nodeName, ref)
    return referred.includes(resource) && pods.refer(nodeName, resource as ReferredResource, ref)
  }
  return {
    async related(nodeName, resource, ref) {
      if (find(nodeName, resource, ref)) return true
      // The pod may have been bound a moment ago by another server.
      await cache.fresh()
      return find(nodeName, resource, ref)
    },
  }
}

interface PodRelations {
  isBound(nodeName: string, ref: { namespace: string; name: string }): boolean
  refer(nodeName: string, resource: ReferredResource, ref: { namespace: string; name: string }): boolean
}

function podRelations(cache: Cache): PodRelations {
  const pods = cache.of(Pods as unknown as Resource)
  /** An entry never changes: its references are read once. */
  const known = new WeakMap<Entry, PodReferences>()
  const referencesIn = (entry: Entry): PodReferences => {
    const seen = known.get(entry)
    if (seen) return seen
    const references = referencesOf(objectOf(entry) as Pod)
    known.set(entry, references)
    return references
  }
  const bound = (nodeName: string, namespace: string): Entry[] => {
    const fields = [{ field: 'spec.nodeName', operator: '=' as const, value: nodeName }]
    return pods.list({ predicate: predicateOf({ namespace, labels: [], fields }, pods.fieldReader), limit: 0, from: '' }).entries
  }
  return {
    isBound: (nodeName, { namespace, name }) => bound(nodeName, namespace).some((entry) => entry.name === name),
    refer: (nodeName, resource, { namespace, name }) => bound(nodeName, namespace).some((entry) => referencesIn(entry)[resource].has(name)),
  }
}
