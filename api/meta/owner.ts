/** Owner references: who controls an object, and the reference that a controller writes into what it makes. */
import type { KubeObject } from '#api/resource.ts'
import type { OwnerReference } from './object-meta.ts'

type Owned = { metadata: { ownerReferences?: OwnerReference[] | undefined } }
type Owner = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>

/** The one owner that manages the object, if any. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

export function isControlledBy(object: Owned, owner: Owner): boolean {
  const reference = controllerOf(object)
  return reference !== undefined && reference.uid === owner.metadata.uid
}

export function controllerReference(owner: Owner): OwnerReference {
  const { name = '', uid = '' } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true }
}
