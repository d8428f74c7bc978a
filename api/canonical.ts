/**
 * The one JSON form of an object: what upstream stores and answers. Empty lists, maps and zero values are left out or written as Go's
 * presence rules say, scalars stand in their canonical text, keys in a fixed order, so that equal objects have equal bytes.
 */
import type { z } from 'zod'
import { objectMetaSchema } from './meta/object-meta.ts'
import { canonicalQuantity } from './meta/quantity.ts'
import { canonicalMicroTime, canonicalTime } from './meta/time.ts'
import { isNilList } from './nil-list.ts'
import { isStruct, zeroOf } from './scalars.ts'
import { type FieldNode, type MessageNode, treeOf } from './tree.ts'

type Plain = Record<string, unknown>

/**
 * What becomes of lists that somebody wrote with nothing in them: storage does not tell them from absent ones, Go's JSON does where it always writes
 * the field, rules do everywhere.
 */
export type EmptyLists = 'dropped' | 'kept where always written' | 'kept'

/** A new object with metadata of its own; the given one stays as it is. What needs no change below is shared with it. */
export function canonical<T>(object: T, schema: z.ZodType<T>, empty: EmptyLists = 'dropped'): T {
  const node = treeOf(schema)
  if (node.structural !== undefined) return custom(object as Plain) as T
  const out = message(node, object as Plain, empty)
  const copy = out === object ? { ...out } : out
  const { metadata } = copy
  if (metadata !== undefined && metadata === (object as Plain)['metadata']) copy['metadata'] = { ...(metadata as Plain) }
  return copy as T
}

/** Custom resources have one form but for their metadata: nothing in them is left out because it is empty. */
function custom(object: Plain): Plain {
  const { apiVersion, kind, metadata, ...rest } = object
  return { apiVersion, kind, metadata: message(treeOf(objectMetaSchema), (metadata ?? {}) as Plain, 'dropped'), ...rest }
}

/** A field and its place among those of its message. */
interface Step {
  readonly field: FieldNode
  readonly name: string
  readonly place: number
}

interface Plan {
  readonly byName: ReadonlyMap<string, Step>
  /** Fields of which Go writes something where they are nil; most fields of an object are absent and leave nothing. */
  readonly always: readonly Step[]
}

const plans = new WeakMap<MessageNode, Plan>()

function planOf(node: MessageNode): Plan {
  const known = plans.get(node)
  if (known !== undefined) return known
  const steps = node.fields.map((field, place) => ({ field, name: field.name, place }))
  const plan = { byName: new Map(steps.map((step) => [step.name, step])), always: steps.filter(({ field }) => absent(field) !== undefined) }
  plans.set(node, plan)
  return plan
}

/**
 * Goes by what the object has, not by what it could have: that is a fifth of it. The object itself where it is canonical; nothing is made on the way
 * there, as most of what passes is.
 */
function message(node: MessageNode, object: Plain, empty: EmptyLists): Plain {
  const { byName, always } = planOf(node)
  // undefined as long as everything stands as it was
  let out: Plain | undefined
  let last = -1
  let next = 0
  for (const key in object) {
    const step = byName.get(key)
    const value = object[key]
    if (step === undefined || value === undefined || value === null) {
      out ??= upTo(object, key)
      continue
    }
    const { place } = step
    if (place < last) return reordered(node, object, empty)
    last = place
    for (; next < always.length && (always[next] as Step).place <= place; next++) {
      if (always[next] === step) continue
      out ??= upTo(object, key)
      leave(out, always[next] as Step)
    }
    const written = present(step.field, value, empty)
    if (written !== value) out ??= upTo(object, key)
    if (out !== undefined && written !== undefined) out[key] = written
  }
  for (; next < always.length; next++) {
    out ??= { ...object }
    leave(out, always[next] as Step)
  }
  return out ?? object
}

/** What stands before a key. */
function upTo(object: Plain, end: string): Plain {
  const out: Plain = {}
  for (const key in object) {
    if (key === end) break
    out[key] = object[key]
  }
  return out
}

function leave(out: Plain, { field, name }: Step): void {
  const written = absent(field)
  if (written !== undefined) out[name] = written
}

/** The same for an object whose fields stand in another order. */
function reordered(node: MessageNode, object: Plain, empty: EmptyLists): Plain {
  const { byName, always } = planOf(node)
  const steps: Step[] = []
  for (const key in object) {
    const step = byName.get(key)
    if (step !== undefined && object[key] !== undefined && object[key] !== null) insert(steps, step)
  }
  const out: Plain = {}
  let next = 0
  for (const step of steps) {
    for (; next < always.length && (always[next] as Step).place <= step.place; next++) {
      if (always[next] !== step) leave(out, always[next] as Step)
    }
    const written = present(step.field, object[step.name], empty)
    if (written !== undefined) out[step.name] = written
  }
  for (; next < always.length; next++) leave(out, always[next] as Step)
  return out
}

/** Fields of an object are few, and most of them stand in order. */
function insert(steps: Step[], step: Step): void {
  let at = steps.length
  for (; at > 0 && (steps[at - 1] as Step).place > step.place; at--) steps[at] = steps[at - 1] as Step
  steps[at] = step
}

/** What Go writes for a nil or zero field; undefined where it writes nothing. */
function absent(field: FieldNode): unknown {
  if (field.pointer || field.shape !== 'value') return field.json === 'always' ? null : undefined
  if (field.json === 'omitzero') return undefined
  // omitempty never omits a struct.
  if (field.message !== undefined) return message(field.message, {}, 'dropped')
  if (field.json === 'always' || isStruct(field.scalar as never)) return zeroOf(field.scalar as never)
  return undefined
}

function present(field: FieldNode, value: unknown, empty: EmptyLists): unknown {
  if (field.shape === 'list') return list(field, value as unknown[], empty)
  if (field.shape === 'map') return map(field, value as Plain, empty)
  if (field.message !== undefined) {
    const written = message(field.message, value as Plain, empty)
    return field.json === 'omitzero' && Object.keys(written).length === 0 ? undefined : written
  }
  const written = scalar(field, value, empty)
  if (field.pointer || field.json === 'always') return written ?? null
  if (written === undefined || isStruct(field.scalar as never)) return written ?? absent(field)
  return written === '' || written === 0 || written === false ? undefined : written
}

function scalar(field: FieldNode, value: unknown, empty: EmptyLists): unknown {
  // a nil element is written as null: lists and maps inside of others cannot be left out
  if (field.nested !== undefined) return present(field.nested, value, empty) ?? null
  switch (field.scalar) {
    case 'quantity':
      return canonicalQuantity(value as string)
    case 'time':
      return canonicalTime(value as string)
    case 'microTime':
      return canonicalMicroTime(value as string)
    default:
      return value
  }
}

function list(field: FieldNode, items: readonly unknown[], empty: EmptyLists): unknown {
  if (items.length === 0) return emptyList(field, items, empty)
  const element = field.message
  if (element === undefined && field.scalar !== 'quantity' && field.nested === undefined) return items
  let out: unknown[] | undefined
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const written = element === undefined ? scalar(field, item, empty) : message(element, item as Plain, empty)
    if (written !== item) out ??= items.slice(0, i)
    out?.push(written)
  }
  return out ?? items
}

function emptyList(field: FieldNode, items: readonly unknown[], empty: EmptyLists): unknown {
  const isAlways = field.json === 'always'
  const stays = empty === 'kept' || (isAlways && empty === 'kept where always written')
  return stays && !isNilList(items) ? items : isAlways ? null : undefined
}

function map(field: FieldNode, entries: Plain, empty: EmptyLists): unknown {
  const keys = Object.keys(entries)
  if (keys.length === 0) return field.json === 'always' ? null : undefined
  const isSorted = keys.every((key, i) => i === 0 || (keys[i - 1] ?? '') < key)
  if (isSorted && field.message === undefined && field.nested === undefined && field.scalar !== 'quantity') return entries
  const out: Plain = {}
  let isSame = isSorted
  for (const key of isSorted ? keys : keys.sort()) {
    const item = entries[key]
    const written = field.message === undefined ? scalar(field, item, empty) : message(field.message, item as Plain, empty)
    if (written !== item) isSame = false
    // `out[key] = …` would reach the setter of Object.prototype where the key is __proto__.
    if (key !== '__proto__') out[key] = written
    else Object.defineProperty(out, key, { value: written, enumerable: true, writable: true, configurable: true })
  }
  return isSame ? entries : out
}
