/** The storage class that a claim or a volume names: by its field, or by the annotation that is older and wins. */
import type { ObjectMeta } from '#api/meta/object-meta.ts'

export const storageClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** `name` is that of the field; empty where neither names a class. */
export const storageClassOf = (metadata: ObjectMeta, name: string | undefined): string =>
  metadata.annotations?.[storageClassAnnotation] ?? name ?? ''
