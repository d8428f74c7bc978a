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
  const out = message(planOf(node), object as Plain, empty)
  const copy = out === object ? { ...out } : out
  const { metadata } = copy
  if (metadata !== undefined && metadata === (object as Plain)['metadata']) copy['metadata'] = { ...(metadata as Plain) }
  return copy as T
}

/** Custom resources have one form but for their metadata: nothing in them is left out because it is empty. */
function custom(object: Plain): Plain {
  const { apiVersion, kind, metadata, ...rest } = object
  return { apiVersion, kind, metadata: message(planOf(treeOf(objectMetaSchema)), (metadata ?? {}) as Plain, 'dropped'), ...rest }
}

/** A field, its place among those of its message, and how it is written. */
interface Step {
  readonly field: FieldNode
  readonly name: string
  readonly place: number
  /** Go writes something where the field is nil. */
  readonly isAlways: boolean
  readonly write: Write
}

/** What is written for a value; undefined for nothing. */
type Write = (value: unknown, empty: EmptyLists) => unknown

interface Plan {
  readonly byName: ReadonlyMap<string, Step>
  /** Most fields of an object are absent and leave nothing; these do. */
  readonly always: readonly Step[]
}

const plans = new WeakMap<MessageNode, Plan>()

function planOf(node: MessageNode): Plan {
  const known = plans.get(node)
  if (known !== undefined) return known
  const steps = node.fields.map((field, place) => {
    return { field, name: field.name, place, isAlways: absent(field) !== undefined, write: writerOf(field) }
  })
  const plan = { byName: new Map(steps.map((step) => [step.name, step])), always: steps.filter(({ isAlways }) => isAlways) }
  plans.set(node, plan)
  return plan
}

/** What an object that has to be made anew is made of, in the order of its message. */
interface Parts {
  readonly steps: Step[]
  readonly values: unknown[]
}

/**
 * Goes by what the object has, not by what it could have: that is a fifth of it. The object itself where it is canonical; nothing is made on the way
 * there, as most of what passes is.
 */
function message({ byName, always }: Plan, object: Plain, empty: EmptyLists): Plain {
  // undefined as long as everything stands as it was
  let parts: Parts | undefined
  let last = -1
  let seen = 0
  for (const key in object) {
    const step = byName.get(key)
    const value = object[key]
    const written = step === undefined || value === undefined || value === null ? undefined : step.write(value, empty)
    if (step === undefined || written === undefined) {
      parts ??= upTo(byName, object, key)
      continue
    }
    if (step.isAlways) seen++
    if (written !== value || step.place < last) parts ??= upTo(byName, object, key)
    if (parts !== undefined) insert(parts, step, written)
    last = step.place
  }
  if (seen === always.length) return parts === undefined ? object : made(parts)
  const all = parts ?? upTo(byName, object, undefined)
  for (const step of always) if (!all.steps.includes(step)) insert(all, step, absent(step.field))
  return made(all)
}

/** What stands before a key: all of it is written as it is. */
function upTo(byName: Plan['byName'], object: Plain, end: string | undefined): Parts {
  const parts: Parts = { steps: [], values: [] }
  for (const key in object) {
    if (key === end) break
    const step = byName.get(key) as Step
    insert(parts, step, object[step.name])
  }
  return parts
}

/** Fields of an object are few, and most of them stand in order. */
function insert({ steps, values }: Parts, step: Step, value: unknown): void {
  let at = steps.length
  for (; at > 0 && (steps[at - 1] as Step).place > step.place; at--) {
    steps[at] = steps[at - 1] as Step
    values[at] = values[at - 1]
  }
  steps[at] = step
  values[at] = value
}

function made({ steps, values }: Parts): Plain {
  const out: Plain = {}
  for (let i = 0; i < steps.length; i++) out[(steps[i] as Step).name] = values[i]
  return out
}

/** What Go writes for a nil or zero field; undefined where it writes nothing. */
function absent(field: FieldNode): unknown {
  if (field.pointer || field.shape !== 'value') return field.json === 'always' ? null : undefined
  if (field.json === 'omitzero') return undefined
  // omitempty never omits a struct.
  if (field.message !== undefined) return message(planOf(field.message), {}, 'dropped')
  if (field.json === 'always' || isStruct(field.scalar as never)) return zeroOf(field.scalar as never)
  return undefined
}

const asItIs: Write = (value) => value
const unlessZero: Write = (value) => (value === '' || value === 0 || value === false ? undefined : value)

function writerOf(field: FieldNode): Write {
  if (field.shape === 'list') return (value, empty) => list(field, value as unknown[], empty)
  if (field.shape === 'map') return (value, empty) => map(field, value as Plain, empty)
  if (field.message !== undefined) return ofMessage(field.message, field.json === 'omitzero')
  const isKept = field.pointer || field.json === 'always'
  if (isPlainScalar(field)) return isKept || isStruct(field.scalar as never) ? asItIs : unlessZero
  return (value, empty) => {
    const written = scalar(field, value, empty)
    if (isKept) return written ?? null
    if (written === undefined || isStruct(field.scalar as never)) return written ?? absent(field)
    return unlessZero(written, empty)
  }
}

function ofMessage(node: MessageNode, omitsNothing: boolean): Write {
  // Made when it is needed: a message may hold itself.
  let plan: Plan | undefined
  return (value, empty) => {
    plan ??= planOf(node)
    const written = message(plan, value as Plain, empty)
    return omitsNothing && Object.keys(written).length === 0 ? undefined : written
  }
}

/** Any text or number is in its canonical form. */
const isPlainScalar = ({ scalar: type, nested }: FieldNode): boolean =>
  nested === undefined && type !== 'quantity' && type !== 'time' && type !== 'microTime'

function scalar(field: FieldNode, value: unknown, empty: EmptyLists): unknown {
  // a nil element is written as null: lists and maps inside of others cannot be left out
  if (field.nested !== undefined) return writerOf(field.nested)(value, empty) ?? null
  // Go's zero time is null in lists and maps
  if (value === null) return null
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
  if (field.message === undefined && isPlainScalar(field)) return items
  const element = field.message && planOf(field.message)
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
  const isSorted = inOrder(keys)
  if (isSorted && field.message === undefined && isPlainScalar(field)) return entries
  const element = field.message && planOf(field.message)
  const out: Plain = {}
  let isSame = isSorted
  for (const key of isSorted ? keys : keys.sort()) {
    const item = entries[key]
    const written = element === undefined ? scalar(field, item, empty) : message(element, item as Plain, empty)
    if (written !== item) isSame = false
    // `out[key] = …` would reach the setter of Object.prototype where the key is __proto__.
    if (key !== '__proto__') out[key] = written
    else Object.defineProperty(out, key, { value: written, enumerable: true, writable: true, configurable: true })
  }
  return isSame ? entries : out
}

function inOrder(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) >= (keys[i] as string)) return false
  return true
}
