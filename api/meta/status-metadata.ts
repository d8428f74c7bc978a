/** Metadata on status updates: what such an update may not change (upstream: metav1.ResetObjectMetaForStatus). */
import type { KubeObject } from '#api/resource.ts'

const kept = ['deletionTimestamp', 'generation', 'selfLink', 'labels', 'annotations', 'finalizers', 'ownerReferences'] as const

/** Takes over into `next`, in place, the metadata of `prev` that a status update leaves alone. */
export function keepMetadataOfStatus<T extends KubeObject>(next: T, prev: T): T {
  for (const name of kept) {
    if (prev.metadata[name] === undefined) delete next.metadata[name]
    else Object.assign(next.metadata, { [name]: prev.metadata[name] })
  }
  return next
}
