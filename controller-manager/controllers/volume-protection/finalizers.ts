/** Plans that put a protecting finalizer on an object and take it away. */
import type { KubeObject } from '#api/resource.ts'
import type { ResourceType } from '#client/resource-path.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'

/**
 * Every object of the type carries the finalizer until it is being deleted and nobody uses it. `isUsed` is asked only then.
 */
export function protect(type: ResourceType, object: KubeObject | undefined, finalizer: string, isUsed: () => boolean): Plan {
  if (object === undefined) return nothing
  const { metadata } = object
  const finalizers = metadata.finalizers ?? []
  const isProtected = finalizers.includes(finalizer)
  const isEnding = metadata.deletionTimestamp !== undefined
  if (isEnding && isProtected && !isUsed())
    return write(type, object, { finalizers: finalizers.filter((name) => name !== finalizer), reason: 'not in use any more' })
  if (!isEnding && !isProtected) return write(type, object, { finalizers: [...finalizers, finalizer], reason: 'without protection' })
  return nothing
}

function write(type: ResourceType, object: KubeObject, { finalizers, reason }: { finalizers: string[]; reason: string }): Plan {
  return { actions: [{ verb: 'update', type, object: { ...object, metadata: { ...object.metadata, finalizers } }, reason }] }
}
