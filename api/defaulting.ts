/** Static defaults: those that stand in a kind's schema. Dependent ones are the kind's own `defaults`, and come after. */
import type { z } from 'zod'
import { applyStructuralDefaults } from './structural/defaulting.ts'
import { type FieldNode, type MessageNode, treeOf } from './tree.ts'

type Plain = Record<string, unknown>

/** Fills in the defaults of the schema, in place. A value field that holds Go's zero value counts as absent, a pointer does not. */
export function applyDefaults<T>(object: T, schema: z.ZodType<T>): T {
  const node = treeOf(schema)
  if (node.structural !== undefined) applyStructuralDefaults(object, node.structural)
  else if (node.hasDefaults) defaultMessage(node, object as Plain)
  return object
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false

/** The fields that have a default, or below which there is one: few of many. */
const defaulted = new WeakMap<MessageNode, readonly FieldNode[]>()

function defaultedIn(node: MessageNode): readonly FieldNode[] {
  const known = defaulted.get(node)
  if (known !== undefined) return known
  const fields = node.fields.filter((field) => field.default !== undefined || reachesDefaults(field))
  defaulted.set(node, fields)
  return fields
}

const reachesDefaults = ({ message, nested }: FieldNode): boolean =>
  message?.hasDefaults === true || (nested !== undefined && reachesDefaults(nested))

function defaultMessage(node: MessageNode, object: Plain): void {
  for (const field of defaultedIn(node)) {
    const value = object[field.name]
    if (field.default !== undefined) {
      if (value === undefined || (!field.pointer && isZero(value))) object[field.name] = field.default
    } else if (value !== undefined) defaultValue(field, value)
  }
}

function defaultValue(field: FieldNode, value: unknown): void {
  const { message, nested } = field
  if (nested !== undefined) for (const item of itemsOf(value)) defaultValue(nested, item)
  if (message?.hasDefaults !== true) return
  if (field.shape === 'value') defaultMessage(message, value as Plain)
  else for (const item of itemsOf(value)) defaultMessage(message, item as Plain)
}

/** Of a list or a map. */
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : Object.values(value as Plain))
