/** The paths that an applied configuration names, and what becomes of sets as the schema says (source: structured-merge-diff, typed). */
import { isPlain, own, type Plain } from '#api/own.ts'
import { type ApplyType, deduced, deducedMap, type ListType, type MapType } from './apply-type.ts'
import { isMap } from './compare.ts'
import { type Building, emptySet, type FieldSet, isEmpty, leaf } from './field-set.ts'
import { itemsByElement } from './list-items.ts'
import { compareElements, fieldElement, fieldNameOf, isFieldElement, isKeyElement, type PathElement } from './path-element.ts'

const itself = '.'

/** Every leaf and every item that the object names. Throws BadItem. */
export function setOfObject(type: MapType, object: Plain): FieldSet {
  return ofMap(type, object, false) ?? emptySet
}

/** Content of an element; `member` says that the element belongs to the set itself. Undefined where nothing does. */
function contentOf(type: ApplyType, value: unknown, member: boolean): FieldSet | undefined {
  switch (type.kind) {
    case 'scalar':
    case 'untyped':
      return leaf
    case 'list':
      if (type.atomic) return leaf
      return Array.isArray(value) ? ofList(type, value, member) : nothing(member)
    case 'map':
      if (type.atomic) return leaf
      return isMap(value) ? ofMap(type, value, member) : nothing(member)
    default:
      if (isMap(value)) return ofMap(undefined, value, member)
      return value === null ? nothing(member) : leaf
  }
}

const nothing = (member: boolean): FieldSet | undefined => (member ? leaf : undefined)

const finished = (out: Building | undefined, member: boolean): FieldSet | undefined => {
  if (out === undefined) return nothing(member)
  return member ? { [itself]: leaf, ...out } : out
}

/** `type` is undefined for a map of deduced values. */
function ofMap(type: MapType | undefined, map: Plain, member: boolean): FieldSet | undefined {
  let out: Building | undefined
  for (const key of Object.keys(map).sort()) {
    const value = own(map, key)
    if (value === undefined) continue
    const declared = type?.fields.get(key)
    const empty = value === null || (isPlain(value) && Object.keys(value).length === 0)
    const content = contentOf(declared ?? type?.element ?? deduced, value, empty || declared === undefined)
    if (content === undefined) continue
    out ??= {}
    out[fieldElement(key)] = content
  }
  return finished(out, member)
}

function ofList(type: ListType, items: readonly unknown[], member: boolean): FieldSet | undefined {
  let out: Building | undefined
  const byElement = itemsByElement(type, items)
  for (const element of [...byElement.keys()].sort(compareElements)) {
    const same = byElement.get(element) ?? []
    out ??= {}
    out[element] = same.length > 1 ? leaf : (contentOf(type.element, same[0], true) ?? leaf)
  }
  return finished(out, member)
}

const typeBelow = (type: ApplyType | undefined, element: PathElement): ApplyType | undefined => {
  const map = type?.kind === 'deduced' ? deducedMap : type
  if (isFieldElement(element)) return map?.kind === 'map' ? (map.fields.get(fieldNameOf(element)) ?? map.element) : undefined
  return isKeyElement(element) && map?.kind === 'list' ? map.element : undefined
}

/** With the named fields on the way to each member as members too (not the keys of maps). The same object where that adds nothing. */
export function withNamedFields(set: FieldSet, type: ApplyType | undefined): FieldSet {
  let out: Building | undefined
  for (const element in set) {
    const node = set[element] as FieldSet
    if (node === leaf || element === itself) continue
    const content = withNamedFields(node, typeBelow(type, element))
    const named = type?.kind === 'map' && isFieldElement(element) && type.fields.has(fieldNameOf(element))
    const next = named && content[itself] === undefined && !isEmpty(content) ? { [itself]: leaf, ...content } : content
    if (next === node) continue
    out ??= { ...set }
    out[element] = next
  }
  return out ?? set
}

/**
 * A set that was made under an older schema, or by hand: what lies below a value that is owned as a whole now means the value. The same
 * object where that changes nothing.
 */
export function reconciled(set: FieldSet, type: ApplyType): FieldSet {
  if (type.kind !== 'list' && type.kind !== 'map') return set
  let out: Building | undefined
  for (const element in set) {
    if (element === itself) continue
    const node = set[element] as FieldSet
    const below = typeOfItem(type, element)
    if (below === undefined || Object.keys(node).length === 0) continue
    const fixed = ownedAsWhole(below) ? leaf : reconciled(node, below)
    if (fixed === node) continue
    out ??= { ...set }
    out[element] = fixed
  }
  return out ?? set
}

const ownedAsWhole = (type: ApplyType): boolean => type.kind === 'untyped' || ((type.kind === 'list' || type.kind === 'map') && type.atomic)

const typeOfItem = (type: ListType | MapType, element: PathElement): ApplyType | undefined => {
  if (type.kind === 'list') return type.element
  if (type.fields.size === 0 && type.element?.kind === 'deduced') return undefined
  return isFieldElement(element) ? (type.fields.get(fieldNameOf(element)) ?? type.element) : type.element
}
