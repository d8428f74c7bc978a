/**
 * Who owns the number of replicas, seen from the scale subresource and back: the same field stands under another path and version there
 * (source: apimachinery, managedfields, scalehandler.go).
 */
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { entriesOf, identityOf, type Ownership, ownershipOf } from './entries.ts'
import { difference, has, isEmpty, setOf } from './field-set.ts'
import { fieldElement, type PathElement } from './path-element.ts'

/** Where replicas stand in the objects of each version; undefined for a version that is not served. */
export type ReplicasPaths = (apiVersion: string) => readonly PathElement[] | undefined

export const pathOfFields = (names: readonly string[]): PathElement[] => names.map(fieldElement)

const scaleVersion = 'autoscaling/v1'
const replicas = pathOfFields(['spec', 'replicas'])

/** Entries of an object as its Scale has them: those that own the replicas. */
export function fieldsOfScale(entries: readonly ManagedFieldsEntry[] | undefined, paths: ReplicasPaths): ManagedFieldsEntry[] | undefined {
  const found: Ownership = new Map()
  for (const [key, owned] of ownershipOf(entries)) {
    const path = paths(owned.apiVersion)
    if (path !== undefined && has(owned.set, path)) found.set(key, { ...owned, apiVersion: scaleVersion, set: setOf(replicas) })
  }
  return entriesOf(found)
}

/** The object's entries after its Scale was written; `apiVersion` is the object's. */
export function fieldsFromScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  scale: readonly ManagedFieldsEntry[] | undefined,
  { apiVersion, paths }: { apiVersion: string; paths: ReplicasPaths },
): ManagedFieldsEntry[] | undefined {
  const before = ownershipOf(entries)
  const left = ownershipOf(scale)
  const after: Ownership = new Map()
  for (const [key, owned] of before) {
    const path = paths(owned.apiVersion)
    if (path === undefined) continue
    const kept = has(owned.set, path) && !left.has(key) ? difference(owned.set, setOf(path)) : owned.set
    if (has(owned.set, path)) left.delete(key)
    if (!isEmpty(kept)) after.set(key, { ...owned, set: kept })
  }
  const own = paths(apiVersion)
  for (const [key, owned] of left) {
    if (own === undefined || !has(owned.set, replicas)) continue
    after.set(key, { ...owned, apiVersion, set: setOf(own), time: before.get(identityOf(owned))?.time })
  }
  return entriesOf(after)
}
