/** Answers from the cache which objects a node has to do with. */
import { type PersistentVolume, PersistentVolumes } from '#api/core/persistent-volume.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { ResourceSlices } from '#api/resource/resource-slice.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { VolumeAttachments } from '#api/storage/volume-attachment.ts'
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

type Ref = { namespace: string; name: string }

export function nodeRelations(cache: Cache): NodeRelations {
  const pods = podRelations(cache)
  const volumes = volumeRelations(cache, pods)
  const find = (nodeName: string, resource: string, ref: Ref): boolean => {
    if (resource === 'pods') return pods.isBound(nodeName, ref)
    if (resource === 'persistentvolumes') return volumes.isUsed(nodeName, ref.name)
    if (resource === 'volumeattachments') return isOfNode(cache, VolumeAttachments as unknown as Resource, ref.name, nodeName)
    if (resource === 'resourceslices') return isOfNode(cache, ResourceSlices as unknown as Resource, ref.name, nodeName)
    if (!referred.includes(resource)) return false
    return pods.refer(nodeName, resource as ReferredResource, ref) || (resource === 'secrets' && volumes.refer(nodeName, ref))
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
  isBound(nodeName: string, ref: Ref): boolean
  refer(nodeName: string, resource: ReferredResource, ref: Ref): boolean
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

/** An object whose spec names the node. */
function isOfNode(cache: Cache, resource: Resource, name: string, nodeName: string): boolean {
  const of = cache.of(resource)
  const entry = of.get(of.keyOf('', name))
  return entry !== undefined && (objectOf(entry) as KubeObject & { spec: { nodeName?: string } }).spec.nodeName === nodeName
}

interface VolumeRelations {
  /** Is the volume bound to a claim of one of the node's pods? */
  isUsed(nodeName: string, name: string): boolean
  /** Does such a volume need this secret on its node? */
  refer(nodeName: string, ref: Ref): boolean
}

function volumeRelations(cache: Cache, pods: PodRelations): VolumeRelations {
  const of = cache.of(PersistentVolumes as unknown as Resource)
  const isClaimed = (nodeName: string, { spec }: PersistentVolume): boolean => {
    const { namespace = '', name = '' } = spec.claimRef ?? {}
    return name !== '' && pods.refer(nodeName, 'persistentvolumeclaims', { namespace, name })
  }
  return {
    isUsed(nodeName, name) {
      const entry = of.get(of.keyOf('', name))
      return entry !== undefined && isClaimed(nodeName, objectOf(entry) as PersistentVolume)
    },
    refer(nodeName, { namespace, name }) {
      return of
        .range()
        .map((entry) => objectOf(entry) as PersistentVolume)
        .some((volume) => isClaimed(nodeName, volume) && secretsOf(volume).some((s) => s.namespace === namespace && s.name === name))
    },
  }
}

/** Secrets that a volume needs on its node; those that only its controller needs are left out (upstream: pvutil.VisitPVSecretNames). */
function secretsOf({ spec }: PersistentVolume): Ref[] {
  const home = spec.claimRef?.namespace ?? ''
  const { azureFile, csi } = spec
  const sources = [spec.cephfs, spec.flexVolume, spec.rbd, spec.scaleIO, spec.iscsi].map((source) => source?.secretRef)
  const exact = [
    spec.cinder?.secretRef,
    spec.storageos?.secretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ]
  const refs = [
    { namespace: azureFile?.secretNamespace || home, name: azureFile?.secretName },
    ...sources.map((ref) => ({ namespace: ref?.namespace || home, name: ref?.name })),
    ...exact.map((ref) => ({ namespace: ref?.namespace ?? '', name: ref?.name })),
  ]
  return refs.flatMap(({ namespace, name }) => (name ? [{ namespace, name }] : []))
}
