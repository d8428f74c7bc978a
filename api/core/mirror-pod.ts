/** Mirror pods: what a node shows of a static pod, told by an annotation. */
import type { ObjectMeta } from '#api/meta/object-meta.ts'

/** Its value is the hash of the static pod. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'

export function isMirror({ metadata }: { metadata: Pick<ObjectMeta, 'annotations'> }): boolean {
  return Object.hasOwn(metadata.annotations ?? {}, mirrorAnnotation)
}
