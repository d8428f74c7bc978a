/** The refusal of a write that means an object of another UID, as upstream's storage words it. */
import { type ApiError, conflict } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'
import { keyOf, REGISTRY, type Ref, storedResource } from '#apiserver/storage/keys.ts'

/** `isDryRun`: what only plays at storing does not know where the store keeps its keys. */
export function otherUid(resource: Resource, ref: Ref, uids: { claimed: string; stored: string | undefined }, isDryRun = false): ApiError {
  const key = keyOf(storedResource(resource), ref).slice(isDryRun ? REGISTRY.length - 1 : 0)
  const why = `Precondition failed: UID in precondition: ${uids.claimed}, UID in object meta: ${uids.stored}`
  return conflict(resource, ref.name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`)
}
