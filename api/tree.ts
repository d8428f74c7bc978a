/**
 * Kinds compiled from their zod schemas into plain data, lazily and once per message: what every engine walks (decoding, defaulting,
 * canonical form, patches, OpenAPI). Nothing behind this file touches zod.
 */
import type { z } from 'zod'
import { type Choice, type FieldMeta, fieldMetaOf, messageMetaOf, type PatchStrategy, type Scalar, untyped } from './fields.ts'
import { defOf } from './schema-values.ts'
import type { Structural } from './structural/schema.ts'

export interface FieldNode {
  name: string
  description: string
  shape: 'value' | 'list' | 'map'
  scalar: Scalar | 'message' | 'nested'
  /** The message of the value, list element or map value, where `scalar` is `message`. */
  message: MessageNode | undefined
  /** The element of a list or map that is itself a list or map, where `scalar` is `nested`; its name is empty. */
  nested: FieldNode | undefined
  /** Protobuf field number; 0 for apiVersion and kind. */
  number: number
  inlinedIn: readonly number[]
  /** Go names of the embedded types on the way (`ProbeHandler`), for error texts. */
  inlinedAs: readonly string[]
  json: 'always' | 'omitempty' | 'omitzero'
  pointer: boolean
  /** Undefined where there is none. */
  default: unknown
  enum: readonly string[] | undefined
  required: boolean
  listType: 'atomic' | 'set' | 'map' | undefined
  listKeys: readonly string[]
  mapType: 'atomic' | 'granular' | undefined
  patchStrategies: readonly PatchStrategy[]
  patchMergeKey: string | undefined
  /** Protobuf number of the message that holds the list, where there is one. */
  wrapper?: number | undefined
  choice?: Choice | undefined
  /** See FieldOptions. */
  goType?: string | undefined
}

export interface MessageNode {
  /** The OpenAPI definition name. */
  name: string
  /** As Go prints it in errors: `v1.Container`. */
  goType: string
  /** `Container`. */
  goName: string
  description: string
  atomic: boolean
  fields: readonly FieldNode[]
  byName: ReadonlyMap<string, FieldNode>
  /** Fields of Go values that JSON always has: present in every object inside our programs, with their zero value. */
  always: readonly FieldNode[]
  /** Whether a static default stands in this message or in one below it. */
  hasDefaults: boolean
  /** Fields that the message does not name are kept as they are. */
  preserveUnknown?: boolean
  /**
   * The schema of a whole custom resource, at its top only: such objects are decoded, defaulted and pruned by the engines of structural/, which
   * let values of wrong types pass to validation as upstream does. Everything else walks the fields.
   */
  structural?: Structural
}

const compiled = new WeakMap<object, MessageNode>()

/** The schema of a message whose tree was made from data: what a custom resource's `Resource` carries. */
export function schemaOfTree<T>(node: MessageNode): z.ZodType<T> {
  const schema = untyped<T>()
  compiled.set(defOf(schema), node)
  return schema
}

/** The structural schema of a custom resource's type; undefined for built-in kinds, whose trees are not compiled for the question. */
export const structuralOf = (schema: z.ZodType): Structural | undefined => compiled.get(defOf(schema))?.structural

/** The tree of a message schema. Throws where the schema holds something that is not made by fields.ts. */
export function treeOf(schema: z.ZodType): MessageNode {
  // A clone (a field that holds the message) shares its definition with the original, and so its tree.
  const known = compiled.get(defOf(schema))
  if (known) return known
  // A message that holds itself says so by a lazy schema.
  const { type, getter, shape } = defOf(schema)
  if (type === 'lazy' && getter) return treeOf(getter())
  const meta = messageMetaOf.get(schema)
  if (type !== 'object' || !shape || !meta) throw new Error('schema is no message: make it with message() or kind()')
  const goName = meta.name.slice(meta.name.lastIndexOf('.') + 1)
  const byName = new Map<string, FieldNode>()
  const node: MessageNode = {
    name: meta.name,
    goType: goTypeOf(meta.name),
    goName,
    description: meta.description,
    atomic: meta.atomic === true,
    fields: [],
    byName,
    always: [],
    hasDefaults: false,
  }
  // Known before its fields are compiled, so that a message may hold itself.
  compiled.set(defOf(schema), node)
  const fields = Object.entries(shape).map(([name, field]) => compileField(node.name, name, field))
  for (const field of fields) byName.set(field.name, field)
  node.fields = fields
  node.always = fields.filter(isAlwaysPresent)
  node.hasDefaults = fields.some(
    (field) => field.default !== undefined || field.message?.hasDefaults === true || field.nested?.message?.hasDefaults === true,
  )
  return node
}

function compileField(owner: string, name: string, schema: z.ZodType): FieldNode {
  const meta = fieldMetaOf.get(schema)
  if (!meta) throw new Error(`${owner}.${name} carries no meta data: make it with the functions of fields.ts`)
  return {
    name,
    description: meta.description,
    shape: meta.shape,
    scalar: meta.scalar,
    message: meta.scalar === 'message' ? treeOf(elementOf(schema, meta)) : undefined,
    nested: meta.scalar === 'nested' ? compileField(owner, '', elementOf(schema, meta)) : undefined,
    number: meta.number,
    inlinedIn: meta.inlinedIn ?? [],
    inlinedAs: (meta.inlinedAs ?? []).map((full) => full.slice(full.lastIndexOf('.') + 1)),
    json: meta.json ?? 'omitempty',
    pointer: meta.pointer === true,
    default: meta.default,
    enum: meta.enum,
    required: meta.required ?? meta.json === 'always',
    listType: meta.listType,
    listKeys: meta.listKeys ?? [],
    mapType: meta.mapType,
    patchStrategies: (meta.patchStrategy?.split(',') ?? []) as PatchStrategy[],
    patchMergeKey: meta.patchMergeKey,
    wrapper: meta.wrapper,
    choice: meta.choice,
    goType: meta.goType,
  }
}

/** The message schema inside optional, array and record. */
function elementOf(schema: z.ZodType, meta: FieldMeta): z.ZodType {
  const def = defOf(schema)
  const value = def.type === 'optional' ? (def.inner ?? schema) : schema
  return meta.shape === 'value' ? value : (defOf(value).inner ?? value)
}

/** Pointers and times have no zero value that our programs could hold: absent they are undefined. */
function isAlwaysPresent(field: FieldNode): boolean {
  if (field.json !== 'always' || field.pointer) return false
  return field.shape !== 'value' || (field.scalar !== 'time' && field.scalar !== 'microTime' && field.scalar !== 'raw')
}

function goTypeOf(name: string): string {
  const parts = name.split('.')
  return parts.slice(-2).join('.')
}
