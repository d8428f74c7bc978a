/**
 * Schemas as CEL declarations: the type of a node, its fields under their CEL names, and the bounds that cost estimates need
 * (apiserver, pkg/cel/common/schemas.go and pkg/cel/types.go). Sizes are bytes of JSON, element counts are list items, map entries or
 * bytes of a string.
 */
import { escapeName } from './escaping.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from './type.ts'

/** What CEL reads of a structural schema: the JSON schema itself, as it stands in a CustomResourceDefinition. */
export interface CelSchema {
  readonly type?: string | undefined
  readonly format?: string | undefined
  readonly nullable?: boolean | undefined
  readonly default?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly required?: readonly string[] | undefined
  readonly maxItems?: number | undefined
  readonly maxLength?: number | undefined
  readonly maxProperties?: number | undefined
  readonly items?: CelSchema | readonly CelSchema[] | undefined
  readonly properties?: Readonly<Record<string, CelSchema>> | undefined
  readonly additionalProperties?: CelSchema | boolean | undefined
  readonly allOf?: readonly CelSchema[] | undefined
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  readonly 'x-kubernetes-list-type'?: string | undefined
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined
  readonly 'x-kubernetes-map-type'?: string | undefined
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[] | undefined
}

/** One entry of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string | undefined
  readonly messageExpression?: string | undefined
  readonly reason?: string | undefined
  readonly fieldPath?: string | undefined
  readonly optionalOldSelf?: boolean | undefined
}

/** A type with its bounds. An object has `fields`, a list `element`, a map `key` and `element`. */
export interface DeclType {
  readonly type: CelType
  readonly fields?: ReadonlyMap<string, DeclType>
  readonly key?: DeclType
  readonly element?: DeclType
  readonly maxElements: number
  readonly minSerializedSize: number
}

const maxRequestBytes = 3 * 1024 * 1024
/** The largest string that fits a request, quotes aside. */
const maxStringLength = maxRequestBytes - 2
const longestTime = 32

const simple = (type: CelType, minSerializedSize: number, maxElements = 0): DeclType => ({ type, maxElements, minSerializedSize })

const boolDecl = simple(boolType, 4)
const doubleDecl = simple(doubleType, 1)
const intDecl = simple(intType, 1)
const stringDecl = simple(stringType, 2)

export const listDecl = (element: DeclType, maxItems: number): DeclType => ({
  type: listType(element.type),
  element,
  maxElements: maxItems,
  minSerializedSize: 2,
})
export const mapDecl = (key: DeclType, element: DeclType, maxProperties: number): DeclType => ({
  type: mapType(key.type, element.type),
  key,
  element,
  maxElements: maxProperties,
  minSerializedSize: 2,
})

const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined

/**
 * The declaration of a schema, or undefined where rules cannot reach it (no type, values of unknown shape). `resourceRoot` says that the
 * schema is the root of a custom resource or of an embedded one: apiVersion, kind, metadata.name and metadata.generateName are always there.
 */
export function typeOfSchema(schema: CelSchema, resourceRoot: boolean): DeclType | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    return simple(dynType, 1, schema.maxLength === undefined ? maxStringLength : bytesOfLength(schema.maxLength))
  }
  const seen = resourceRoot ? withTypeAndObjectMeta(schema) : schema
  switch (seen.type) {
    case 'array':
      return typeOfArray(seen)
    case 'object':
      return isSchema(seen.additionalProperties) ? typeOfMap(seen, seen.additionalProperties) : typeOfObject(seen)
    case 'string':
      return typeOfString(seen)
    case 'boolean':
      return boolDecl
    case 'number':
      return doubleDecl
    case 'integer':
      return intDecl
    default:
      return undefined
  }
}

/** The schema of all items. */
export function itemsOf(schema: CelSchema): CelSchema | undefined {
  const { items } = schema
  return Array.isArray(items) ? undefined : (items as CelSchema | undefined)
}

/** Whether `additionalProperties` is a schema rather than a yes or no. */
export function isSchema(value: CelSchema | boolean | undefined): value is CelSchema {
  return typeof value === 'object' && value !== null
}

const embedded = (schema: CelSchema): boolean => schema['x-kubernetes-embedded-resource'] === true
const notNegative = (count: number): number => Math.max(0, count)
const bytesOfLength = (maxLength: number): number => notNegative(maxLength) * 4

function typeOfArray(schema: CelSchema): DeclType | undefined {
  const items = itemsOf(schema)
  if (!items) return undefined
  const element = typeOfSchema(items, embedded(items))
  if (!element) return undefined
  const most = Math.floor((maxRequestBytes - 2) / (element.minSerializedSize + 1))
  return listDecl(element, schema.maxItems === undefined ? most : notNegative(schema.maxItems))
}

function typeOfMap(schema: CelSchema, values: CelSchema): DeclType | undefined {
  const element = typeOfSchema(values, embedded(values))
  if (!element) return undefined
  const most = Math.floor((maxRequestBytes - 2) / (element.minSerializedSize + 6))
  return mapDecl(stringDecl, element, schema.maxProperties === undefined ? most : notNegative(schema.maxProperties))
}

function typeOfObject(schema: CelSchema): DeclType {
  const required = new Set(schema.required ?? [])
  const fields = new Map<string, DeclType>()
  let minSerializedSize = 2
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = typeOfSchema(property, embedded(property))
    if (!field) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, field)
    // Defaults are filled in by the server and need no bytes of the request.
    if (required.has(name) && (property.default === undefined || property.default === null)) {
      minSerializedSize += Buffer.byteLength(name) + field.minSerializedSize + 4
    }
  }
  return { type: objectType('object'), fields, maxElements: 0, minSerializedSize }
}

function typeOfString(schema: CelSchema): DeclType {
  switch (schema.format) {
    case 'byte':
      return simple(bytesType, 2, schema.maxLength === undefined ? maxStringLength : notNegative(schema.maxLength))
    case 'duration':
      return simple(durationType, 3, longestTime)
    case 'date':
      return simple(timestampType, 12, 12)
    case 'date-time':
      return simple(timestampType, 21, longestTime)
    default:
      return simple(stringType, 2, maxBytesOfString(schema))
  }
}

function maxBytesOfString(schema: CelSchema): number {
  if (schema.maxLength !== undefined) return bytesOfLength(schema.maxLength)
  if (!schema.enum || schema.enum.length === 0) return maxStringLength
  return Math.max(0, ...schema.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}

const stringSchema: CelSchema = { type: 'string' }
const metaSchema: CelSchema = { type: 'object', properties: { name: stringSchema, generateName: stringSchema } }

/** The schema with apiVersion, kind, metadata.name and metadata.generateName, which rules may read at the root of every resource. */
export function withTypeAndObjectMeta(schema: CelSchema): CelSchema {
  const metadata = own(schema.properties, 'metadata')
  const complete =
    own(schema.properties, 'kind')?.type === 'string' &&
    own(schema.properties, 'apiVersion')?.type === 'string' &&
    metadata?.type === 'object' &&
    own(metadata.properties, 'name')?.type === 'string' &&
    own(metadata.properties, 'generateName')?.type === 'string'
  if (complete) return schema
  return { ...schema, properties: { ...schema.properties, kind: stringSchema, apiVersion: stringSchema, metadata: metaSchema } }
}

/** The declaration with its unnamed object types named after their place: `name`, `name.field`, `name.field.@elem`, `name.field.@idx`. */
export function withTypeNames(decl: DeclType, name: string): DeclType {
  if (decl.fields) {
    const fields = new Map([...decl.fields].map(([field, type]) => [field, withTypeNames(type, `${name}.${field}`)]))
    return { ...decl, type: objectType(name), fields }
  }
  if (!decl.element) return decl
  const element = withTypeNames(decl.element, `${name}.${decl.key ? '@elem' : '@idx'}`)
  if (element === decl.element) return decl
  return decl.key ? mapDecl(decl.key, element, decl.maxElements) : listDecl(element, decl.maxElements)
}

/** All object types within a declaration, by name. */
export function objectTypesOf(decl: DeclType, found: Map<string, DeclType> = new Map()): Map<string, DeclType> {
  if (decl.fields) {
    found.set(decl.type.name, decl)
    for (const field of decl.fields.values()) objectTypesOf(field, found)
  }
  if (decl.element) objectTypesOf(decl.element, found)
  return found
}
