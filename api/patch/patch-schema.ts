/** What patches know of a field: how lists and maps merge, and what lies below. */
import type { FieldNode, MessageNode } from '#api/tree.ts'

/** The schema of a value: a message, a map (all keys alike) or nothing that has members. */
export type PatchSchema =
  | { kind: 'message'; message: MessageNode }
  | { kind: 'map'; element: PatchSchema }
  | { kind: 'scalar'; name: string }

export interface PatchMember {
  schema: PatchSchema
  /** `merge` or `replace`; lists without a strategy are replaced, maps and messages merged. */
  strategy: 'merge' | 'replace' | undefined
  retainKeys: boolean
  /** '' for lists of scalars. */
  mergeKey: string
}

/** A patch that does not fit the schema or itself; `code` as upstream answers. */
export class PatchError extends Error {
  readonly code: 400 | 422 | 500

  constructor(message: string, code: 400 | 422 | 500 = 500) {
    super(message)
    this.code = code
  }
}

export const patchSchemaOf = (message: MessageNode): PatchSchema => ({ kind: 'message', message })

function elementSchema(field: FieldNode): PatchSchema {
  if (field.nested?.shape === 'map') return { kind: 'map', element: elementSchema(field.nested) }
  return field.message === undefined ? { kind: 'scalar', name: field.scalar } : { kind: 'message', message: field.message }
}

function memberOf(field: FieldNode): PatchMember {
  const element = elementSchema(field)
  const strategy = field.patchStrategies.find((s) => s === 'merge' || s === 'replace')
  return {
    schema: field.shape === 'map' ? { kind: 'map', element } : element,
    strategy: strategy === 'merge' || strategy === 'replace' ? strategy : undefined,
    retainKeys: field.patchStrategies.includes('retainKeys'),
    mergeKey: field.patchMergeKey ?? '',
  }
}

const members = new WeakMap<FieldNode, PatchMember>()

/** Throws PatchError where the schema has no such member: a patch of an unknown field can be set, but not merged. */
export function memberNamed(schema: PatchSchema, name: string): PatchMember {
  if (schema.kind === 'map') return { schema: schema.element, strategy: undefined, retainKeys: false, mergeKey: '' }
  if (schema.kind === 'scalar') throw new PatchError(`merging an object in json but data type is not struct, instead is: ${schema.name}`)
  const field = schema.message.byName.get(name)
  if (field === undefined)
    throw new PatchError(`unable to find api field in struct ${schema.message.goName} for the json field ${JSON.stringify(name)}`)
  let member = members.get(field)
  if (member === undefined) {
    member = memberOf(field)
    members.set(field, member)
  }
  return member
}
