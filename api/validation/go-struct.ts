/** Values as upstream prints its own Go structs in messages: every field, under its Go name, zero where there is nothing. */
import type { z } from 'zod'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'

type Plain = Readonly<Record<string, unknown>>

/** Words that Go writes in capitals, where they begin a name. */
const initials = /^(api|uid|ip|id|cidr|url|csi|cel|tls|dns)(?=[A-Z]|s?$)/
const goName = (name: string): string => {
  const written = name.replace(initials, (word) => word.toUpperCase())
  return written.charAt(0).toUpperCase() + written.slice(1)
}

const zeros: Readonly<Record<string, unknown>> = { string: '', int32: 0, int64: 0, bool: false, double: 0 }

function fieldValue(field: FieldNode, value: unknown): unknown {
  const { message } = field
  if (field.shape === 'value') {
    if (message) return value === undefined && field.pointer ? null : structOf(message, (value ?? {}) as Plain)
    return value ?? (field.pointer ? null : (zeros[field.scalar] ?? null))
  }
  if (value === undefined || value === null) return null
  if (!message) return value
  if (field.shape === 'list') return (value as readonly Plain[]).map((item) => structOf(message, item))
  return Object.fromEntries(Object.entries(value as Readonly<Record<string, Plain>>).map(([key, item]) => [key, structOf(message, item)]))
}

/** Metadata is embedded in Go, and keeps the names that it has in JSON. */
function structOf(node: MessageNode, value: Plain): object {
  const own = node.fields.filter((field) => field.message?.goName !== 'ObjectMeta')
  const fields = Object.fromEntries(own.map((field) => [goName(field.name), fieldValue(field, value[field.name])]))
  return own.length === node.fields.length ? fields : { ...(value['metadata'] as object | undefined), ...fields }
}

/** For messages whose internal type has the fields of the published one, in its order. */
export const goStruct = <T>(schema: z.ZodType<T>, value: T): object => structOf(treeOf(schema), value as Plain)
