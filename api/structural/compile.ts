/** Structural schemas as field trees, each level when it is first looked at: what apply, tables of fields and OpenAPI walk. */
import type { Scalar } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { type FieldNode, type MessageNode, treeOf } from '#api/tree.ts'
import { holdsDefaults } from './defaulting.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, preservesUnknown, type Structural } from './schema.ts'

const scalars: Readonly<Record<string, Scalar>> = { string: 'string', integer: 'int64', number: 'double', boolean: 'bool' }

/** The tree of a custom resource; `name` is its OpenAPI definition name. */
export function compileCustom(name: string, kind: string, schema: Structural): MessageNode {
  const node = new CustomMessage(schema, name, kind, true)
  return Object.assign(node, { structural: schema })
}

class CustomMessage implements MessageNode {
  readonly name: string
  readonly goType: string
  readonly goName: string
  readonly description: string
  readonly atomic: boolean
  readonly always: readonly FieldNode[] = []
  readonly hasDefaults: boolean
  readonly preserveUnknown: boolean
  readonly #schema: Structural
  readonly #isObject: boolean
  #fields: readonly FieldNode[] | undefined
  #byName: ReadonlyMap<string, FieldNode> | undefined

  constructor(schema: Structural, name: string, goName: string, isRoot = false) {
    this.#schema = schema
    this.#isObject = isRoot || isEmbedded(schema)
    this.name = name
    this.goName = goName
    this.goType = 'unstructured.Unstructured'
    this.description = schema.description ?? ''
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic'
    this.hasDefaults = holdsDefaults(schema)
    this.preserveUnknown = preservesUnknown(schema)
  }

  get fields(): readonly FieldNode[] {
    this.#fields ??= this.#compile()
    return this.#fields
  }

  get byName(): ReadonlyMap<string, FieldNode> {
    this.#byName ??= new Map(this.fields.map((field) => [field.name, field]))
    return this.#byName
  }

  #compile(): readonly FieldNode[] {
    const required = new Set(this.#schema.required)
    const own = Object.entries(this.#schema.properties ?? {})
      .filter(([key]) => !(this.#isObject && (key === 'metadata' || key === 'apiVersion' || key === 'kind')))
      .map(([key, property]) => fieldOf(key, property, required.has(key)))
    return this.#isObject ? [typeMetaField('apiVersion'), typeMetaField('kind'), metadataField(), ...own] : own
  }
}

const plain = {
  message: undefined,
  nested: undefined,
  number: 0,
  inlinedIn: [],
  inlinedAs: [],
  json: 'omitempty',
  pointer: true,
  default: undefined,
  enum: undefined,
  required: false,
  listType: undefined,
  listKeys: [],
  mapType: undefined,
  patchStrategies: [],
  patchMergeKey: undefined,
} as const satisfies Partial<FieldNode>

const typeMetaField = (name: string): FieldNode => ({ ...plain, name, description: '', shape: 'value', scalar: 'string' })

const metadataField = (): FieldNode => ({
  ...plain,
  name: 'metadata',
  description: '',
  shape: 'value',
  scalar: 'message',
  message: treeOf(objectMetaSchema),
})

function fieldOf(name: string, schema: Structural, required: boolean): FieldNode {
  const base = { ...plain, name, description: schema.description ?? '', default: schema.default, enum: enumOf(schema), required }
  const items = schema.type === 'array' ? itemsOf(schema) : undefined
  if (items !== undefined) {
    const listType = schema['x-kubernetes-list-type'] as FieldNode['listType']
    return { ...base, shape: 'list', ...elementOf(items), listType, listKeys: schema['x-kubernetes-list-map-keys'] ?? [] }
  }
  const values = schema.type === 'object' && schema.properties === undefined && !isEmbedded(schema) ? additionalOf(schema) : undefined
  if (values !== undefined) {
    const mapType = schema['x-kubernetes-map-type'] as FieldNode['mapType']
    return { ...base, shape: 'map', ...elementOf(values), mapType }
  }
  return { ...base, shape: 'value', ...singleOf(schema) }
}

type Element = Pick<FieldNode, 'scalar' | 'message' | 'nested'>

/** The element of a list or map: what a value of it would be, or a field of its own where it is a list or map. */
function elementOf(schema: Structural): Element {
  const field = fieldOf('', schema, false)
  if (field.shape !== 'value') return { scalar: 'nested', message: undefined, nested: field }
  return { scalar: field.scalar, message: field.message, nested: undefined }
}

function singleOf(schema: Structural): Element {
  if (isIntOrString(schema)) return { scalar: 'intOrString', message: undefined, nested: undefined }
  const scalar = scalars[schema.type ?? '']
  if (scalar !== undefined) return { scalar, message: undefined, nested: undefined }
  const isMessage = schema.type === 'object' && (schema.properties !== undefined || isEmbedded(schema))
  if (!isMessage) return { scalar: 'json', message: undefined, nested: undefined }
  return { scalar: 'message', message: new CustomMessage(schema, '', ''), nested: undefined }
}

function enumOf(schema: Structural): readonly string[] | undefined {
  const values = schema.enum
  return values?.every((value) => typeof value === 'string') === true ? (values as string[]) : undefined
}
