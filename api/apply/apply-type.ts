/**
 * What server-side apply knows of a type: how lists and maps are owned (as one value, item by item, key by key) and what lies below.
 * Compiled from field trees, lazily and once per message (source: kube-openapi, schemaconv).
 */
import { canonical } from '#api/canonical.ts'
import type { Resource } from '#api/resource.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'
import { fieldElement, type PathElement } from './path-element.ts'

export type ScalarCheck = 'number' | 'string' | 'boolean' | 'any'

export interface ScalarType {
  kind: 'scalar'
  check: ScalarCheck
}

export interface ListType {
  kind: 'list'
  atomic: boolean
  /** Of an associative list; empty for a set. */
  keys: readonly string[]
  element: ApplyType
}

export interface MapField {
  name: string
  element: PathElement
  type: ApplyType
  /** In the order of names. */
  place: number
}

export interface MapType {
  kind: 'map'
  atomic: boolean
  fields: ReadonlyMap<string, ApplyType>
  /** The same, sorted by name, with their path elements. */
  sorted: readonly MapField[]
  byName: ReadonlyMap<string, MapField>
  /** What associative lists take for a key that an item of this type leaves out. */
  keyDefaults: ReadonlyMap<string, unknown>
  /** The type of other keys; undefined where there may be none. */
  element: ApplyType | undefined
}

/** Any JSON: scalars; lists as one value; maps as one value (`untyped`) or key by key (`deduced`). */
export interface AnyType {
  kind: 'untyped' | 'deduced'
}

export type ApplyType = ScalarType | ListType | MapType | AnyType

export const untyped: AnyType = { kind: 'untyped' }
export const deduced: AnyType = { kind: 'deduced' }

const scalars = {
  number: { kind: 'scalar', check: 'number' },
  string: { kind: 'scalar', check: 'string' },
  boolean: { kind: 'scalar', check: 'boolean' },
  any: { kind: 'scalar', check: 'any' },
} as const satisfies Record<ScalarCheck, ScalarType>

const checks: Readonly<Record<string, ScalarCheck>> = {
  string: 'string',
  bytes: 'string',
  duration: 'string',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bool: 'boolean',
}

const ofMessages = new WeakMap<MessageNode, MapType>()
/** The same where a schema further up keeps unknown fields. */
const ofOpenMessages = new WeakMap<MessageNode, MapType>()

/** The type of a kind. */
export function applyTypeOf(resource: Pick<Resource, 'schema'>): MapType {
  return ofMessage(treeOf(resource.schema), false)
}

/** The object of a kind that has nothing in it, as Go's zero value is written. */
export const zeroObject = (resource: Pick<Resource, 'schema'>): Record<string, unknown> =>
  canonical<unknown>({}, resource.schema) as Record<string, unknown>

function ofMessage(message: MessageNode, openAbove: boolean): MapType {
  const compiled = openAbove ? ofOpenMessages : ofMessages
  const known = compiled.get(message)
  if (known !== undefined) return known
  const fields = new Map<string, ApplyType>()
  const keyDefaults = new Map<string, unknown>()
  // metadata is never open, whatever is said of what holds it
  const open = message.preserveUnknown !== undefined && (openAbove || message.preserveUnknown)
  const free = open || (message.preserveUnknown !== undefined && message.fields.length === 0)
  const sorted: MapField[] = []
  const byName = new Map<string, MapField>()
  const type: MapType = { kind: 'map', atomic: message.atomic, fields, sorted, byName, keyDefaults, element: free ? deduced : undefined }
  // Known before its fields are compiled, so that a message may hold itself.
  compiled.set(message, type)
  for (const field of [...message.fields].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = field
    const own = ofField(field, open)
    fields.set(name, own)
    const sortedField = { name, element: fieldElement(name), type: own, place: sorted.length }
    sorted.push(sortedField)
    byName.set(name, sortedField)
    const missing = keyDefaultOf(field)
    if (missing !== undefined) keyDefaults.set(field.name, missing)
  }
  return type
}

/** A map whose keys are all alike. */
const mapOf = (element: ApplyType, atomic: boolean): MapType => ({
  kind: 'map',
  atomic,
  fields: new Map(),
  sorted: [],
  byName: new Map(),
  keyDefaults: new Map(),
  element,
})

/** A map of deduced values. */
export const deducedMap: MapType = mapOf(deduced, false)

/** The published default: a static one, or Go's zero value where the field is always written. */
function keyDefaultOf(field: FieldNode): unknown {
  if (field.default !== undefined) return field.default
  if (field.json !== 'always' || field.pointer || field.shape !== 'value') return undefined
  const check = checks[field.scalar]
  return check === 'string' ? '' : check === 'number' ? 0 : check === 'boolean' ? false : undefined
}

function ofField(field: FieldNode, open: boolean): ApplyType {
  if (field.shape === 'list') return { kind: 'list', ...listOwnership(field), element: elementOf(field, open) }
  if (field.shape === 'map') return mapOf(elementOf(field, open), field.mapType === 'atomic')
  const type = elementOf(field, open)
  if (type.kind !== 'map' || field.mapType === undefined) return type
  const atomic = field.mapType === 'atomic'
  return atomic === type.atomic ? type : { ...type, atomic }
}

function elementOf(field: FieldNode, open: boolean): ApplyType {
  if (field.message !== undefined) return ofMessage(field.message, open)
  if (field.nested !== undefined) return ofField(field.nested, open)
  if (field.scalar === 'raw') return untyped
  // published without a type, so that any value fits; decoding refuses what does not
  if (field.scalar === 'json' || field.scalar === 'intOrString') return deduced
  return scalars[checks[field.scalar] ?? 'any']
}

function listOwnership(field: FieldNode): Pick<ListType, 'atomic' | 'keys'> {
  if (field.listType === 'map') return { atomic: false, keys: field.listKeys }
  if (field.listType === 'set') return { atomic: false, keys: [] }
  if (field.listType === 'atomic' || !field.patchStrategies.includes('merge')) return { atomic: true, keys: [] }
  return { atomic: false, keys: field.patchMergeKey ? [field.patchMergeKey] : [] }
}
