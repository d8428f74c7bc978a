/** Which objects belong to a controller: adoption of orphans that its selector matches, release of its own that it no longer does. */
import type { LabelSelector } from '#api/meta/label-selector.ts'
import { matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { controllerOf, controllerReference } from '#api/meta/owner.ts'
import type { KubeObject } from '#api/resource.ts'
import { type ResourceType, refOf } from '#client/resource-path.ts'
import type { Action } from '#client/runner/plan.ts'

export interface Claim<T> {
  claimed: T[]
  /** Patches that adopt or release; an adopted object is among `claimed` once the patch is seen. */
  actions: Action[]
}

interface ClaimOptions<T> {
  type: ResourceType
  owner: KubeObject & { spec: { selector?: LabelSelector | undefined } }
  /** Objects controlled by the owner and objects without a controller in its namespace. */
  candidates: readonly T[]
  /** A live read showed that the owner is the same and not being deleted. */
  canAdopt: boolean
}

/** Index of objects by controller: the controller's uid, or `orphan/namespace`. */
export const controllerIndex = {
  controller: (object: KubeObject): string[] => {
    const reference = controllerOf(object)
    return [reference ? reference.uid : orphans(object.metadata.namespace)]
  },
}
export const namespaceIndex = { namespace: (object: KubeObject): string[] => [object.metadata.namespace ?? ''] }

export const orphans = (namespace: string | undefined): string => `orphan/${namespace ?? ''}`

/** True where some orphan would be adopted: then the owner has to be read live first. */
export function wouldAdopt(options: Omit<ClaimOptions<KubeObject>, 'canAdopt' | 'type'>): boolean {
  const selector = selectorFromLabelSelector(options.owner.spec.selector)
  return options.candidates.some((o) => isAdoptable(o, options.owner) && matches(selector, o.metadata.labels))
}

export function claim<T extends KubeObject>({ type, owner, candidates, canAdopt }: ClaimOptions<T>): Claim<T> {
  const selector = selectorFromLabelSelector(owner.spec.selector)
  const claimed: T[] = []
  const actions: Action[] = []
  for (const object of candidates) {
    const reference = controllerOf(object)
    const fits = matches(selector, object.metadata.labels)
    if (reference) {
      if (reference.uid !== owner.metadata.uid) continue
      if (fits) claimed.push(object)
      else if (owner.metadata.deletionTimestamp === undefined) actions.push(release(type, owner, object))
    } else if (fits && canAdopt && isAdoptable(object, owner)) actions.push(adopt(type, owner, object))
  }
  return { claimed, actions }
}

function isAdoptable(object: KubeObject, owner: KubeObject): boolean {
  return (
    controllerOf(object) === undefined &&
    owner.metadata.deletionTimestamp === undefined &&
    object.metadata.deletionTimestamp === undefined &&
    object.metadata.namespace === owner.metadata.namespace
  )
}

/** The uid in the patch makes it fail where the object is another one by now. */
function adopt(type: ResourceType, owner: KubeObject, object: KubeObject): Action {
  const { uid } = object.metadata
  const body = { metadata: { uid, ownerReferences: [controllerReference(owner)] } }
  return { verb: 'patch', type, ref: refOf(object), patch: { type: 'strategic', body }, reason: `adopt orphan for ${owner.kind}` }
}

function release(type: ResourceType, owner: KubeObject, object: KubeObject): Action {
  const { uid } = object.metadata
  const body = { metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] } }
  return { verb: 'patch', type, ref: refOf(object), patch: { type: 'strategic', body }, reason: `release from ${owner.kind}` }
}
