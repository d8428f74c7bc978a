/**
 * What changed between two objects of one type, as sets of paths: added, modified, removed (source: structured-merge-diff, typed.Compare).
 * Values are canonical JSON: what is absent is undefined, null is a value.
 */
import { isWrittenNumber } from '#api/json-scan.ts'
import { isPlain, own, type Plain, sameJson } from '#api/own.ts'
import type { ApplyType, ListType, MapField, MapType } from './apply-type.ts'
import { deducedMap, untyped } from './apply-type.ts'
import { type Building, difference, emptySet, type FieldSet, intersection, isEmpty, leaf, union } from './field-set.ts'
import { elementOfItem, itemsByElement } from './list-items.ts'
import { compareElements, fieldElement, type PathElement } from './path-element.ts'

export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** As Comparison, below one element; undefined where nothing changed. Content without paths of its own means the element itself. */
interface Change {
  added?: FieldSet
  modified?: FieldSet
  removed?: FieldSet
}

const sides = ['added', 'modified', 'removed'] as const

/** `skipped` are top-level fields that do not matter. Throws BadItem. Neither object is changed. */
export function compare(type: MapType, before: Plain, after: Plain, skipped?: ReadonlySet<string>): Comparison {
  const change = ofMaps(type, before, after, skipped) ?? {}
  return { added: change.added ?? emptySet, modified: change.modified ?? emptySet, removed: change.removed ?? emptySet }
}

export const isSame = ({ added, modified, removed }: Comparison): boolean => isEmpty(added) && isEmpty(modified) && isEmpty(removed)

/** The comparison with each of its sets changed. */
export const mapSets = ({ added, modified, removed }: Comparison, change: (set: FieldSet) => FieldSet): Comparison => ({
  added: change(added),
  modified: change(modified),
  removed: change(removed),
})

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const isMap = (value: unknown): value is Plain => isPlain(value) && !isWrittenNumber(value)
export const mapOf = (value: unknown): Plain => (isMap(value) ? value : {})

/** One of both is defined. */
function changed(type: ApplyType, before: unknown, after: unknown): Change | undefined {
  if (before === undefined) return { added: contentOf(type, after) }
  if (after === undefined) return { removed: contentOf(type, before) }
  if (before === after) return undefined
  switch (type.kind) {
    case 'scalar':
      return leafChange(before, after)
    case 'list':
      return ofLists(type, before, after)
    case 'map':
      return ofFieldMaps(type, before, after)
    default:
      return ofAny(type.kind === 'deduced', before, after)
  }
}

const leafChange = (before: unknown, after: unknown): Change | undefined => (sameJson(before, after) ? undefined : { modified: leaf })

function ofFieldMaps(type: MapType, before: unknown, after: unknown): Change | undefined {
  const [left, right] = [mapOf(before), mapOf(after)]
  if (type.atomic || (isNothing(left) && isNothing(right))) return leafChange(before, after)
  return ofMaps(type, left, right)
}

const isNothing = (map: Plain): boolean => {
  for (const _ in map) return false
  return true
}

function ofMaps(type: MapType, before: Plain, after: Plain, skipped?: ReadonlySet<string>): Change | undefined {
  if (type.element === undefined) return ofStructs(type, before, after, skipped)
  let change: Change | undefined
  for (const key of keysOf(before, after)) {
    const [left, right] = [own(before, key), own(after, key)]
    if (left === right) continue
    const item = changed(typeOfKey(type, key), left, right)
    if (item !== undefined) change = add(change, fieldElement(key), item)
  }
  return change
}

/** Names of fields come from the schema: none of them is a property of every object. */
function ofStructs(type: MapType, before: Plain, after: Plain, skipped?: ReadonlySet<string>): Change | undefined {
  let change: Change | undefined
  for (const field of fieldsThatDiffer(type, before, after)) {
    if (skipped?.has(field.name)) continue
    const item = changed(field.type, before[field.name], after[field.name])
    if (item !== undefined) change = add(change, field.element, item)
  }
  return change
}

/** Fields that differ are few: they are put in their places as they are found. */
function insert(fields: MapField[], field: MapField): void {
  let at = fields.length
  for (; at > 0 && (fields[at - 1] as MapField).place > field.place; at--) fields[at] = fields[at - 1] as MapField
  fields[at] = field
}

/** Goes by what the objects have, not by what they could have; sorted by name. */
function fieldsThatDiffer(type: MapType, before: Plain, after: Plain): MapField[] {
  const fields: MapField[] = []
  for (const name in after) {
    const field = after[name] === before[name] ? undefined : type.byName.get(name)
    if (field !== undefined) insert(fields, field)
  }
  for (const name in before) {
    const field = after[name] === undefined && before[name] !== undefined ? type.byName.get(name) : undefined
    if (field !== undefined && !Object.hasOwn(after, name)) insert(fields, field)
  }
  return fields
}

/** Keys of either map, sorted. */
function keysOf(before: Plain, after: Plain): string[] {
  const keys = Object.keys(after)
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) keys.push(key)
  return inOrder(keys)
}

/** Sorts in place what is not sorted yet; most keys are. */
function inOrder(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort()
  return keys
}

export const typeOfKey = (type: MapType, key: string): ApplyType => type.fields.get(key) ?? type.element ?? untyped

/** A value of any type: what it was and what it is decide how it is owned. */
function ofAny(granular: boolean, before: unknown, after: unknown): Change | undefined {
  const [left, right] = [isMap(before), isMap(after)]
  const bothMaps = (left || before === null) && (right || after === null)
  if (granular && bothMaps) return ofFieldMaps(deducedMap, before, after)
  if (left === right || !granular) return leafChange(before, after)
  // A scalar or list became a map, or the other way round: it is modified itself, and the keys come or go below it.
  const change = left ? ofMaps(deducedMap, before as Plain, {}) : ofMaps(deducedMap, {}, after as Plain)
  return merged(change, { modified: leaf })
}

function ofLists(type: ListType, before: unknown, after: unknown): Change | undefined {
  const [left, right] = [listOf(before), listOf(after)]
  if (type.atomic || (left.length === 0 && right.length === 0)) return leafChange(before, after)
  if (left.length === 0) return { added: withItems({}, type, right) }
  if (sameJson(left, right)) return undefined
  const [was, is] = [itemsByElement(type, left), itemsByElement(type, right)]
  const found: [PathElement, Change][] = []
  const look = (element: PathElement): void => {
    const item = ofItems(type, was.get(element) ?? none, is.get(element) ?? none)
    if (item !== undefined) found.push([element, item])
  }
  for (const element of was.keys()) look(element)
  for (const element of is.keys()) if (!was.has(element)) look(element)
  if (found.length > 1) found.sort(([a], [b]) => compareElements(a, b))
  let change: Change | undefined
  for (const [element, item] of found) change = add(change, element, item)
  return change
}

const none: readonly unknown[] = []

/** The items of one element: duplicates are compared as one value, and lose and gain what lies below them as they come and go. */
function ofItems(type: ListType, was: readonly unknown[], is: readonly unknown[]): Change | undefined {
  if (was.length <= 1 && is.length <= 1) return changed(type.element, was[0], is[0])
  if (was.length >= 2 && is.length >= 2) return sameJson(was, is) ? undefined : { modified: leaf }
  if (was.length >= 2) return merged(is.length === 0 ? undefined : changed(type.element, undefined, is[0]), { removed: leaf })
  return merged(was.length === 0 ? undefined : changed(type.element, was[0], undefined), { added: leaf })
}

/** Puts the change of an element into that of its owner. */
function add(change: Change | undefined, element: PathElement, item: Change): Change {
  const out = change ?? {}
  for (const side of sides) {
    const set = item[side]
    if (set === undefined) continue
    const known = out[side] as Building | undefined
    if (known === undefined) out[side] = { [element]: set }
    else known[element] = set
  }
  return out
}

/** Both changes of one element. */
function merged(a: Change | undefined, b: Change): Change {
  if (a === undefined) return b
  const out: Change = { ...a }
  const at = 'f:'
  for (const side of sides) {
    const [mine, theirs] = [a[side], b[side]]
    if (theirs === undefined) continue
    out[side] = mine === undefined ? theirs : (union({ [at]: mine }, { [at]: theirs })[at] as FieldSet)
  }
  return out
}

/** Content of an element that is new, or gone, with all that is below it. */
function contentOf(type: ApplyType, value: unknown): FieldSet {
  switch (type.kind) {
    case 'scalar':
    case 'untyped':
      return leaf
    case 'list':
      return type.atomic || listOf(value).length === 0 ? leaf : withItems({ [itself]: leaf }, type, listOf(value))
    case 'map':
      return type.atomic ? leaf : withKeys(type, mapOf(value))
    default:
      return withKeys(deducedMap, mapOf(value))
  }
}

const itself = '.'
const empty: Plain = {}

function withKeys(type: MapType, map: Plain): FieldSet {
  let out: Building | undefined
  if (type.element === undefined) {
    for (const field of fieldsThatDiffer(type, empty, map)) {
      out ??= { [itself]: leaf }
      out[field.element] = contentOf(field.type, map[field.name])
    }
    return out ?? leaf
  }
  for (const key of inOrder(Object.keys(map))) {
    const value = own(map, key)
    if (value === undefined) continue
    out ??= { [itself]: leaf }
    out[fieldElement(key)] = contentOf(typeOfKey(type, key), value)
  }
  return out ?? leaf
}

/** `out` with the items of a list. */
function withItems(out: Building, type: ListType, items: readonly unknown[]): FieldSet {
  const [first] = items
  if (items.length === 1) {
    out[elementOfItem(type, first)] = contentOf(type.element, first)
    return out
  }
  const byElement = itemsByElement(type, items)
  for (const element of [...byElement.keys()].sort(compareElements)) {
    const same = byElement.get(element) ?? []
    out[element] = same.length > 1 ? leaf : contentOf(type.element, same[0])
  }
  return out
}

/** What of a set concerns the paths that came, changed or went. */
export const touched = (set: FieldSet, { added, modified }: Comparison): FieldSet => intersection(set, union(modified, added))
export const without = (set: FieldSet, { removed }: Comparison): FieldSet => difference(set, removed)
