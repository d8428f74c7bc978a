/**
 * Server-side apply: an applied configuration merged into the live object, what its manager gave up taken out, conflicts with other
 * managers, and who owns what afterwards (source: structured-merge-diff, merge.Updater.Apply, and apimachinery's managers around it).
 */
import { type Plain, sameJson } from '#api/own.ts'
import type { MapType } from './apply-type.ts'
import { touched, without } from './compare.ts'
import { ApplyConflicts, type Conflict } from './conflicts.ts'
import { identityOf, type OwnedFields, type Owner, type Ownership } from './entries.ts'
import { difference, emptySet, type FieldSet, intersection, isEmpty, union } from './field-set.ts'
import { merge, remove } from './merge.ts'
import { setOfObject, withNamedFields } from './set-of-object.ts'
import { compareFiltered, comparisonsBy, reconcileOwnership, strip, type Versions } from './track.ts'

export interface Apply {
  /** Canonical, of the request's version; the zero object where there is none yet. */
  live: Plain
  /** The configuration as the client wrote it; it was checked against the type. */
  config: Plain
  owner: Owner
  force: boolean
  now: string
  versions: Versions
}

export interface Applied {
  /** Undefined where the live object stays as it is. Not decoded or defaulted yet. */
  object: Plain | undefined
  ownership: Ownership
}

/** Throws ApplyConflicts and BadItem. */
export function applyConfiguration(before: Ownership, apply: Apply): Applied {
  const { live, config, owner, now, versions } = apply
  const ownership: Ownership = new Map(before)
  reconcileOwnership(ownership, versions)
  const key = identityOf(owner)
  const last = ownership.get(key)
  const merged = merge(versions.type, live, config)
  const set = versions.filter.keep(setOfObject(versions.type, config))
  ownership.set(key, { ...owner, set, time: last?.time })
  const next = last === undefined || isEmpty(last.set) ? merged : prune({ merged, ownership, last, versions })
  takeConflicts(ownership, { ...apply, next, key })
  const changes = !sameJson(live, next)
  const mine = ownership.get(key)
  if (mine !== undefined) {
    const kept = strip(mine.set)
    if (isEmpty(kept)) ownership.delete(key)
    else ownership.set(key, { ...mine, set: kept, time: changes ? now : mine.time })
  }
  return { object: changes ? next : undefined, ownership }
}

/** Others lose what the apply changes (with force; else it is a conflict) and what it takes away. Throws ApplyConflicts. */
function takeConflicts(ownership: Ownership, apply: Apply & { next: Plain; key: string }): void {
  const { live, next, versions, key, force } = apply
  const own = compareFiltered(versions, versions.type, live, next)
  const at = comparisonsBy({ live, next, versions }, own)
  const conflicts: Conflict[] = []
  const left: [string, OwnedFields][] = []
  for (const [other, owned] of ownership) {
    if (other === key) continue
    const change = at(owned.apiVersion)
    if (change === undefined) {
      ownership.delete(other)
      continue
    }
    const taken = touched(owned.set, change)
    if (!isEmpty(taken)) conflicts.push({ owner: owned, set: taken })
    left.push([other, { ...owned, set: without(difference(owned.set, taken), change) }])
  }
  if (conflicts.length > 0 && !force) throw new ApplyConflicts(conflicts)
  for (const [other, owned] of left) ownership.set(other, owned)
  for (const [other, { set }] of ownership) if (isEmpty(set)) ownership.delete(other)
}

/** The paths of objects with their named fields, each made once. */
type NamedPaths = (type: MapType, object: Plain) => FieldSet

function namedPaths(): NamedPaths {
  const known = new Map<Plain, FieldSet>()
  return (type, object) => {
    const set = known.get(object) ?? withNamedFields(setOfObject(type, object), type)
    known.set(object, set)
    return set
  }
}

interface Pruning {
  merged: Plain
  ownership: Ownership
  /** What the manager applied last. */
  last: OwnedFields
  versions: Versions
}

/** Takes out what the manager applied last and does not apply now, unless somebody else owns it. */
function prune({ merged, ownership, last, versions }: Pruning): Plain {
  const type = versions.typeAt(last.apiVersion)
  const object = versions.convert(merged, last.apiVersion)
  if (type === undefined || object === undefined) return merged
  const named = namedPaths()
  const without = remove(type, object, withNamedFields(last.set, type))
  const owned = addBackOwned({ merged: object, pruned: without, version: last.apiVersion, ownership, versions, named })
  const pruned = addBackDangling({ type, merged: object, pruned: owned, last, versions, named })
  return versions.convert(pruned, versions.apiVersion) ?? pruned
}

interface AddBack {
  merged: Plain
  pruned: Plain
  version: string
  ownership: Ownership
  versions: Versions
  named: NamedPaths
}

/** What others own at any version comes back. */
function addBackOwned({ merged, pruned, version, ownership, versions, named }: AddBack): Plain {
  const owned = new Map<string, FieldSet>([[version, emptySet]])
  for (const { apiVersion, set } of ownership.values()) owned.set(apiVersion, union(owned.get(apiVersion) ?? emptySet, set))
  let result = pruned
  for (const [apiVersion, set] of owned) {
    const type = versions.typeAt(apiVersion)
    const all = versions.convert(merged, apiVersion)
    const left = versions.convert(result, apiVersion)
    if (type === undefined || all === undefined || left === undefined) continue
    const gone = difference(named(type, all), union(named(type, left), withNamedFields(set, type)))
    result = remove(type, all, gone)
  }
  return result
}

interface Dangling extends Pick<Pruning, 'merged' | 'last' | 'versions'> {
  type: MapType
  pruned: Plain
  named: NamedPaths
}

/** What nobody owned but the applier did not apply last either was not its to remove: it comes back. */
function addBackDangling({ type, merged, pruned, last, versions, named }: Dangling): Plain {
  const left = versions.convert(pruned, last.apiVersion)
  if (left === undefined) return merged
  const gone = difference(named(type, merged), named(type, left))
  return remove(type, merged, intersection(gone, withNamedFields(last.set, type)))
}
