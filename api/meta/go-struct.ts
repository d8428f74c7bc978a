/** Objects as upstream's messages print its internal structs: fields under their Go names, nothing left out. */

import type { z } from 'zod'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'

type Plain = Record<string, unknown>

/** `selectPolicy` → `SelectPolicy`. */
const goName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

function goValue(field: FieldNode, value: unknown): unknown {
  const { message } = field
  if (message === undefined) return value
  if (field.shape === 'list') return (value as unknown[]).map((item) => goMessage(message, item as Plain))
  if (field.shape === 'map') {
    return Object.fromEntries(Object.entries(value as Plain).map(([key, item]) => [key, goMessage(message, item as Plain)]))
  }
  return goMessage(message, value as Plain)
}

function goZero(field: FieldNode): unknown {
  if (field.pointer || field.shape !== 'value') return null
  if (field.message) return goMessage(field.message, {})
  switch (field.scalar) {
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'bool':
      return false
    case 'quantity':
      return '0'
    case 'string':
    case 'bytes':
      return ''
    default:
      return null
  }
}

function goMessage(node: MessageNode, value: Plain): Plain {
  // types of apimachinery have no internal form
  if (node.name.startsWith('io.k8s.apimachinery.')) return value
  return Object.fromEntries(
    node.fields.map((field) => {
      const own = value[field.name]
      return [goName(field.name), own === undefined || own === null ? goZero(field) : goValue(field, own)]
    }),
  )
}

/** Right for types whose internal form has the fields of the served one, in the same order. */
export const goStruct = <T>(schema: z.ZodType<T>, value: T): Plain => goMessage(treeOf(schema), value as Plain)
