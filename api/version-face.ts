/** A second version of a kind that differs from the stored one in nothing but its name, or in a few messages. */
import type { z } from 'zod'
import { apiVersionOf, type KubeObject, type Resource } from './resource.ts'
import { type FieldNode, type MessageNode, schemaOfTree, treeOf } from './tree.ts'

/** Messages that a version writes in another way, by the name that they have in the first one. */
export type Replaced = ReadonlyMap<string, z.ZodType>

/** The tree with the definitions of one package renamed. */
function renamed(node: MessageNode, [from, to]: readonly [from: string, to: string], replaced: Replaced): MessageNode {
  const made = new Map<MessageNode, MessageNode>()
  const version = to.split('.').at(-2) ?? ''
  const ofMessage = (first: MessageNode): MessageNode => {
    const other = replaced.get(first.name)
    const message = other ? treeOf(other) : first
    const known = made.get(message)
    if (known) return known
    const { name, goType } = message
    const isOurs = name.startsWith(from)
    const copy: MessageNode = {
      ...message,
      ...(isOurs ? { name: to + name.slice(from.length), goType: `${version}${goType.slice(goType.indexOf('.'))}` } : {}),
    }
    made.set(message, copy)
    const fields = message.fields.map(ofField)
    copy.fields = isOurs ? fields.map(inVersionOf) : fields
    copy.byName = new Map(copy.fields.map((field) => [field.name, field]))
    copy.always = message.always.flatMap((field) => copy.byName.get(field.name) ?? [])
    return copy
  }
  const ofField = (field: FieldNode): FieldNode => ({
    ...field,
    message: field.message && ofMessage(field.message),
    nested: field.nested && ofField(field.nested),
  })
  // What a version embeds from the first one keeps the types of that.
  const inVersionOf = (field: FieldNode): FieldNode =>
    field.inlinedAs.length > 0 ? field : { ...field, goType: field.goType?.replace(/\bv1\./g, `${version}.`) }
  return ofMessage(node)
}

/** The schema under another version of its group: kinds of a version of their own share messages with those of the first one. */
export function schemaInVersion<T extends KubeObject>(schema: z.ZodType, version: string, replaced: Replaced = new Map()): z.ZodType<T> {
  const { name } = treeOf(schema)
  const from = name.slice(0, name.lastIndexOf('.') + 1)
  return schemaOfTree<T>(renamed(treeOf(schema), [from, from.replace(/\.[^.]+\.$/, `.${version}.`)], replaced))
}

/** `resource` under another version of its group; objects are stored under the first one. */
export function versionFace<T extends KubeObject>(resource: Resource<T>, version: string): Resource<T> {
  const inVersion = (object: KubeObject, apiVersion: string): T => ({ ...object, apiVersion }) as T
  return {
    ...resource,
    version,
    schema: schemaInVersion(resource.schema, version),
    storedAs: {
      resource: resource as unknown as Resource,
      toStored: (object) => inVersion(object, apiVersionOf(resource)),
      fromStored: (object) => inVersion(object, apiVersionOf({ group: resource.group, version })),
    },
  }
}

export interface Conversion {
  replaced: Replaced
  /** Both own what they are given, and change it in place. */
  toStored(object: KubeObject): void
  fromStored(object: KubeObject): void
}

/** A version that is written in another way: all rules are those of the stored one. */
export function convertedFace<T extends KubeObject>(resource: Resource<T>, version: string, conversion: Conversion): Resource {
  const storedVersion = apiVersionOf(resource)
  const ownVersion = apiVersionOf({ group: resource.group, version })
  const up = (object: KubeObject): T => {
    const copy = structuredClone(object)
    conversion.toStored(copy)
    return { ...copy, apiVersion: storedVersion } as T
  }
  const down = (object: KubeObject): KubeObject => {
    const copy = structuredClone(object)
    conversion.fromStored(copy)
    return { ...copy, apiVersion: ownVersion }
  }
  const { defaults, prepare, validate, warnings, subresources = {} } = resource
  const parts = Object.entries(subresources).map(([name, rules]) => {
    const { validate: check } = rules
    return [
      name,
      {
        prepare: (next: KubeObject, prev: KubeObject, now: Date) => down(rules.prepare(up(next), up(prev), now)),
        ...(check ? { validate: (next: KubeObject, prev: KubeObject, now: Date) => check(up(next), up(prev), now) } : {}),
      },
    ]
  })
  return {
    ...(resource as unknown as Resource),
    version,
    schema: schemaInVersion(resource.schema, version, conversion.replaced),
    columns: resource.columns.map((column) => ({ ...column, cell: (object: KubeObject, now: Date) => column.cell(up(object), now) })),
    subresources: Object.fromEntries(parts),
    ...(defaults ? { defaults: (object) => down(defaults(up(object))) } : {}),
    ...(prepare ? { prepare: (next, prev) => down(prepare(up(next), prev && up(prev))) } : {}),
    ...(validate ? { validate: (next, prev) => validate(up(next), prev && up(prev)) } : {}),
    ...(warnings ? { warnings: (next, prev) => warnings(up(next), prev && up(prev)) } : {}),
    storedAs: { resource: resource as unknown as Resource, toStored: up, fromStored: down },
  }
}
