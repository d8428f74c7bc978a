/**
 * The one JSON form of an object: what upstream stores and answers. Empty lists, maps and zero values are left out or written as Go's
 * presence rules say, scalars stand in their canonical text, keys in a fixed order, so that equal objects have equal bytes.
 */
import type { z } from 'zod'
import { objectMetaSchema } from './meta/object-meta.ts'
import { canonicalQuantity } from './meta/quantity.ts'
import { canonicalMicroTime, canonicalTime } from './meta/time.ts'
import { isStruct, zeroOf } from './scalars.ts'
import { type FieldNode, type MessageNode, treeOf } from './tree.ts'

type Plain = Record<string, unknown>

/** A new object; the given one stays as it is. Maps and raw values that need no change are shared with it. */
export function canonical<T>(object: T, schema: z.ZodType<T>): T {
  const node = treeOf(schema)
  return (node.structural === undefined ? message(node, object as Plain) : custom(object as Plain)) as T
}

/** Custom resources have one form but for their metadata: nothing in them is left out because it is empty. */
function custom(object: Plain): Plain {
  const { apiVersion, kind, metadata, ...rest } = object
  return { apiVersion, kind, metadata: message(treeOf(objectMetaSchema), (metadata ?? {}) as Plain), ...rest }
}

/** A field, and whether Go writes something where it is nil: most fields of an object are absent and leave nothing. */
interface Step {
  field: FieldNode
  name: string
  writesAbsent: boolean
}

const stepsOfNode = new WeakMap<MessageNode, readonly Step[]>()

function stepsOf(node: MessageNode): readonly Step[] {
  const known = stepsOfNode.get(node)
  if (known !== undefined) return known
  const steps = node.fields.map((field) => ({ field, name: field.name, writesAbsent: absent(field) !== undefined }))
  stepsOfNode.set(node, steps)
  return steps
}

function message(node: MessageNode, object: Plain): Plain {
  const out: Plain = {}
  for (const { field, name, writesAbsent } of stepsOf(node)) {
    const value = object[name]
    const isAbsent = value === undefined || value === null
    if (isAbsent && !writesAbsent) continue
    const written = isAbsent ? absent(field) : present(field, value)
    if (written !== undefined) out[name] = written
  }
  return out
}

/** What Go writes for a nil or zero field; undefined where it writes nothing. */
function absent(field: FieldNode): unknown {
  if (field.pointer || field.shape !== 'value') return field.json === 'always' ? null : undefined
  if (field.json === 'omitzero') return undefined
  // omitempty never omits a struct.
  if (field.message !== undefined) return message(field.message, {})
  if (field.json === 'always' || isStruct(field.scalar as never)) return zeroOf(field.scalar as never)
  return undefined
}

function present(field: FieldNode, value: unknown): unknown {
  if (field.shape === 'list') return list(field, value as unknown[])
  if (field.shape === 'map') return map(field, value as Plain)
  if (field.message !== undefined) {
    const written = message(field.message, value as Plain)
    return field.json === 'omitzero' && Object.keys(written).length === 0 ? undefined : written
  }
  const written = scalar(field, value)
  if (field.pointer || field.json === 'always') return written ?? null
  if (written === undefined || isStruct(field.scalar as never)) return written ?? absent(field)
  return written === '' || written === 0 || written === false ? undefined : written
}

function scalar(field: FieldNode, value: unknown): unknown {
  // a nil element is written as null: lists and maps inside of others cannot be left out
  if (field.nested !== undefined) return present(field.nested, value) ?? null
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

/** Storage does not tell an empty list from none, and so neither do answers. */
function list(field: FieldNode, items: readonly unknown[]): unknown {
  if (items.length === 0) return field.json === 'always' ? null : undefined
  const element = field.message
  if (element !== undefined) return items.map((item) => message(element, item as Plain))
  return field.scalar === 'quantity' || field.nested !== undefined ? items.map((item) => scalar(field, item)) : items
}

function map(field: FieldNode, entries: Plain): unknown {
  const keys = Object.keys(entries)
  if (keys.length === 0) return field.json === 'always' ? null : undefined
  const sorted = keys.every((key, i) => i === 0 || (keys[i - 1] ?? '') < key)
  if (sorted && field.message === undefined && field.nested === undefined && field.scalar !== 'quantity') return entries
  const out: Plain = {}
  for (const key of sorted ? keys : keys.sort()) {
    const item = entries[key]
    const written = field.message === undefined ? scalar(field, item) : message(field.message, item as Plain)
    // `out[key] = …` would reach the setter of Object.prototype where the key is __proto__.
    Object.defineProperty(out, key, { value: written, enumerable: true, writable: true, configurable: true })
  }
  return out
}
