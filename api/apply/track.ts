/**
 * Who owns what after a write that is no apply: the writer takes what it added and changed, everybody loses what went (source:
 * structured-merge-diff, merge.Updater, and apimachinery's managers around it).
 */
import type { Plain } from '#api/own.ts'
import type { MapType } from './apply-type.ts'
import { type Comparison, compare, isSame, mapSets, touched, without } from './compare.ts'
import { capUpdaters, identityOf, type OwnedFields, type Owner, type Ownership } from './entries.ts'
import { difference, type FieldSet, isEmpty, setOf, union } from './field-set.ts'
import type { FieldFilter } from './reset-fields.ts'
import { reconciled } from './set-of-object.ts'

/** One kind at the version of the request, and how its objects stand at others. */
export interface Versions {
  apiVersion: string
  type: MapType
  /** Undefined for a version that is not served (any more). */
  typeAt(apiVersion: string): MapType | undefined
  /** `object` says its own version. Undefined where it cannot be had at the other. */
  convert(object: Plain, apiVersion: string): Plain | undefined
  /** Paths that this endpoint does not write. */
  filter: FieldFilter
}

const metadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]
const stripped = setOf(['f:apiVersion'], ['f:kind'], ['f:metadata'], ...metadata.map((name) => ['f:metadata', `f:${name}`]))

/** Without what no manager ever owns. */
export const strip = (set: FieldSet): FieldSet => difference(set, stripped)

/** What changed, of what this endpoint writes. */
export const compareFiltered = ({ filter }: Versions, type: MapType, before: Plain, after: Plain): Comparison =>
  mapSets(compare(type, before, after, filter.skipped), filter.keep)

export interface TrackedUpdate {
  /** Canonical, of the request's version; the zero object for a creation. */
  live: Plain
  next: Plain
  owner: Owner
  /** RFC 3339, whole seconds. */
  now: string
  versions: Versions
  /** Sets may stem from another schema, or from a client: what the schema owns as a whole is looked for in them. */
  reconciles?: boolean
}

/** Ownership after an update; `ownership` is the one before and may be changed. Throws BadItem. */
export function trackUpdate(ownership: Ownership, update: TrackedUpdate): Ownership {
  const { owner, now, versions } = update
  if (update.reconciles) reconcileOwnership(ownership, versions)
  else for (const [key, { apiVersion }] of ownership) if (versions.typeAt(apiVersion) === undefined) ownership.delete(key)
  const comparison = compareFiltered(versions, versions.type, update.live, update.next)
  if (!isSame(comparison)) takeFromOthers(ownership, update, comparison)
  const mine = strip(versions.filter.keep(union(comparison.modified, comparison.added)))
  if (!isEmpty(mine)) {
    const key = identityOf(owner)
    const before = ownership.get(key)
    const set = before === undefined ? mine : union(mine, before.set)
    ownership.set(key, { ...owner, set, time: now })
  }
  for (const [key, { set }] of ownership) if (isEmpty(set)) ownership.delete(key)
  capUpdaters(ownership)
  return ownership
}

/** Everybody loses what changed, what is new and what is gone; owners at versions that are not served lose all. */
function takeFromOthers(ownership: Ownership, update: TrackedUpdate, comparison: Comparison): void {
  const at = comparisonsBy(update, comparison)
  for (const [key, owned] of ownership) {
    const change = at(owned.apiVersion)
    if (change === undefined) ownership.delete(key)
    else {
      const set = left(owned.set, change)
      if (set !== owned.set) ownership.set(key, { ...owned, set })
    }
  }
}

const left = (set: FieldSet, change: Comparison): FieldSet => without(difference(set, touched(set, change)), change)

/** The comparison of the same two objects at other versions; undefined for versions that are not served. */
export function comparisonsBy(
  { live, next, versions }: Pick<TrackedUpdate, 'live' | 'next' | 'versions'>,
  own: Comparison,
): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison | undefined>([[versions.apiVersion, own]])
  return (apiVersion) => {
    if (known.has(apiVersion)) return known.get(apiVersion)
    const type = versions.typeAt(apiVersion)
    const before = versions.convert(live, apiVersion)
    const after = versions.convert(next, apiVersion)
    const change = type && before && after ? compareFiltered(versions, type, before, after) : undefined
    known.set(apiVersion, change)
    return change
  }
}

/** Sets that were made under an older schema, or by hand, as the schema says now. */
export function reconcileOwnership(ownership: Ownership, versions: Versions): void {
  for (const [key, owned] of ownership) {
    const type = versions.typeAt(owned.apiVersion)
    const set = type === undefined ? owned.set : reconciled(owned.set, type)
    if (type === undefined) ownership.delete(key)
    else if (set !== owned.set) ownership.set(key, { ...owned, set } satisfies OwnedFields)
  }
}
