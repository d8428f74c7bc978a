/** metadata.managedFields as the engine works with it: who owns which paths, at which version (source: apimachinery, managedfields). */
import { goQuote } from '#api/meta/go-quote.ts'
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import { sameJson } from '#api/own.ts'
import { emptySet, type FieldSet, readSet, unionOfAll } from './field-set.ts'
import { BadPathElement } from './path-element.ts'

/** Who writes, and how; with its set one entry of managedFields. */
export interface Owner {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** Empty for the main resource. */
  subresource: string
}

export interface OwnedFields extends Owner {
  set: FieldSet
  /** RFC 3339; undefined where nothing was ever changed by it. */
  time: string | undefined
}

/** By identity: one owner has one entry. */
export type Ownership = Map<string, OwnedFields>

/** Managed fields that cannot be read; the message is upstream's. */
export class BadManagedFields extends Error {}

/** Upstream's identifier: appliers are the same at every version. It also orders conflicts. */
export function identityOf({ manager, operation, apiVersion, subresource }: Owner): string {
  const first = manager === '' ? '' : `"manager":${JSON.stringify(manager)},`
  const version = operation === 'Apply' || apiVersion === '' ? '' : `,"apiVersion":${JSON.stringify(apiVersion)}`
  const last = subresource === '' ? '' : `,"subresource":${JSON.stringify(subresource)}`
  return `{${first}"operation":${JSON.stringify(operation)}${version}${last}}`
}

/** Entries that this server wrote: their sets are canonical and taken as they are. */
export function ownershipOf(entries: readonly ManagedFieldsEntry[] | undefined): Ownership {
  const found: Ownership = new Map()
  for (const entry of entries ?? []) {
    const owner = ownerOf(entry)
    found.set(identityOf(owner), { ...owner, set: (entry.fieldsV1 ?? emptySet) as FieldSet, time: entry.time })
  }
  return found
}

const ownerOf = (entry: ManagedFieldsEntry): Owner => ({
  manager: entry.manager ?? '',
  operation: entry.operation as Owner['operation'],
  apiVersion: entry.apiVersion ?? '',
  subresource: entry.subresource ?? '',
})

/** Entries of a client. Throws BadManagedFields. */
export function readOwnership(entries: readonly ManagedFieldsEntry[]): Ownership {
  const found: Ownership = new Map()
  for (const [i, entry] of entries.entries()) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') throw new BadManagedFields('operation must be `Apply` or `Update`')
    if (!entry.apiVersion) throw new BadManagedFields('apiVersion must not be empty')
    if (!entry.fieldsType) throw new BadManagedFields(`missing fieldsType in managed fields entry ${i}`)
    if (entry.fieldsType !== 'FieldsV1')
      throw new BadManagedFields(`invalid fieldsType ${goQuote(entry.fieldsType)} in managed fields entry ${i}`)
    const owner = ownerOf(entry)
    found.set(identityOf(owner), { ...owner, set: setOfEntry(entry), time: entry.time })
  }
  return found
}

function setOfEntry(entry: ManagedFieldsEntry): FieldSet {
  try {
    return readSet(entry.fieldsV1)
  } catch (error) {
    if (error instanceof BadPathElement) throw new BadManagedFields(error.message)
    throw error
  }
}

/** As it is stored and answered; undefined where nobody owns anything. */
export function entriesOf(ownership: Ownership): ManagedFieldsEntry[] | undefined {
  if (ownership.size === 0) return undefined
  return [...ownership.values()].sort(compareOwners).map(({ manager, operation, apiVersion, time, set, subresource }) => ({
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: set,
    ...(subresource === '' ? {} : { subresource }),
  }))
}

const secondsOf = (time: string | undefined): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const compareOwners = (a: OwnedFields, b: OwnedFields): number =>
  compareText(a.operation, b.operation) ||
  (a.time === b.time ? 0 : secondsOf(a.time) - secondsOf(b.time)) ||
  compareText(a.manager, b.manager) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource, b.subresource)

/** A client that sends an empty list, or one empty entry, wants to begin anew. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined || entries === null) return false
  const [first] = entries
  return entries.length === 0 || (entries.length === 1 && first !== undefined && Object.keys(first).length === 0)
}

/** Whether entries differ by nothing but their times. */
export function sameButTimes(a: readonly ManagedFieldsEntry[] | undefined, b: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  return a.every((entry, i) => {
    const { time: _, ...mine } = entry
    const { time: __, ...theirs } = b[i] ?? {}
    return sameJson(mine, theirs)
  })
}

const maxUpdaters = 10
const ancient = 'ancient-changes'

/** More than ten updaters: the oldest are put together, one entry for each version (source: capManagersManager). */
export function capUpdaters(ownership: Ownership): void {
  if (ownership.size <= maxUpdaters) return
  const updaters = [...ownership.entries()].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= maxUpdaters) return
  updaters.sort(([a, left], [b, right]) => secondsOf(left.time) - secondsOf(right.time) || compareText(a, b))
  const first = new Map<string, string>()
  const buckets: Buckets = new Map()
  let left = updaters.length
  for (const [identity, owned] of updaters) {
    if (left <= maxUpdaters) break
    const oldest = first.get(owned.apiVersion)
    if (oldest === undefined) first.set(owned.apiVersion, identity)
    else {
      intoBucket(ownership, buckets, { identity, owned, oldest })
      left--
    }
  }
  for (const [key, { sets, ...owned }] of buckets) ownership.set(key, { ...owned, set: unionOfAll(sets) })
}

/** What goes into each bucket; put together at the end, as clients may send thousands of updaters. */
type Buckets = Map<string, Owner & { time: string | undefined; sets: FieldSet[] }>

function intoBucket(
  ownership: Ownership,
  buckets: Buckets,
  { identity, owned, oldest }: { identity: string; owned: OwnedFields; oldest: string },
): void {
  const bucket: Owner = { manager: ancient, operation: 'Update', apiVersion: owned.apiVersion, subresource: '' }
  const key = identityOf(bucket)
  const there = ownership.get(key) ?? ownership.get(oldest)
  const sets = buckets.get(key)?.sets ?? (there ? [there.set] : [])
  if (!ownership.has(key)) ownership.delete(oldest)
  sets.push(owned.set)
  ownership.delete(identity)
  ownership.set(key, { ...bucket, set: emptySet, time: owned.time })
  buckets.set(key, { ...bucket, time: owned.time, sets })
}
