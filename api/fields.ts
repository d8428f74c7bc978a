/**
 * The language in which kinds are written: zod schemas that also carry, per field, the facts that every engine needs
 * (protobuf number, presence in Go and in JSON, default, list and merge keys, enum, description).
 *
 * `message` makes an object type, the field functions (`string`, `int32`, `list`, …) make its fields. A field is optional in TypeScript
 * unless it says `json: 'always'`. `treeOf` in tree.ts turns the result into plain data; nothing else reads these registries.
 */
import type { z } from 'zod'
import { copyOf, defOf, SchemaFacts, schemaValue } from './schema-values.ts'

/** The type of one value on the wire. Everything that is a string in Go (named string types too) is `string`. */
export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'double'
  | 'bytes' // base64 text in JSON
  | 'quantity'
  | 'time' // RFC 3339, seconds
  | 'microTime' // RFC 3339, six digits
  | 'duration' // Go's form, "1h2m3s"
  | 'intOrString'
  | 'raw' // any JSON object, kept as it is (RawExtension, FieldsV1)
  | 'json' // any JSON value, kept as it is

/**
 * Protobuf numbers of a value that is one of several types in JSON: a message of the type that holds the field, a list of those, a list
 * of strings, or a boolean (which is true where there is a message).
 */
export interface Choice {
  object: number
  list?: number
  strings?: number
  bool?: number
}

/** A patch strategy of upstream's `patchStrategy` tag. */
export type PatchStrategy = 'merge' | 'retainKeys' | 'replace' | 'merge,retainKeys'

export interface FieldOptions {
  /**
   * When the field is written: always, unless empty (the default), unless zero. As in Go, `omitempty` never omits a message that is not a
   * pointer: it is written as `{}`.
   */
  json?: 'always' | 'omitempty' | 'omitzero'
  /** A Go pointer: absent and zero differ. */
  pointer?: true
  /** A static default, filled in where the field is absent. */
  default?: unknown
  /** Closed set of values that the schema publishes (Go's `+enum`). */
  enum?: readonly string[]
  /** Required in the published schema although JSON may omit it, or the other way round; derived from `json` where absent. */
  required?: boolean
  listType?: 'atomic' | 'set' | 'map'
  listKeys?: readonly string[]
  mapType?: 'atomic' | 'granular'
  patchStrategy?: PatchStrategy
  patchMergeKey?: string
  /** A list of a named type in Go: in protobuf it stands in a message of its own, and this is that message's number. */
  wrapper?: number
  choice?: Choice
  /**
   * Go's name of the type where it is a named one (`v1.Protocol`): upstream's texts on wrong types call it so. Of a list or map it is that of the
   * elements, unless it begins with `map[` or, for a list or map that has a name itself, with `whole `.
   */
  goType?: string
}

export interface FieldMeta extends FieldOptions {
  number: number
  description: string
  shape: 'value' | 'list' | 'map'
  /**
   * The scalar type of the value, list element or map value; `message` where it is a message, `nested` where an element is itself a list
   * or a map (the element schema then carries meta data of its own; its number is that of the repeated field in the protobuf message
   * that stands for such an element).
   */
  scalar: Scalar | 'message' | 'nested'
  /** Protobuf numbers of the messages that hold this field there, outermost first, where JSON has it inline. */
  inlinedIn?: readonly number[]
  /** Definition names of those messages: upstream's decoding errors name them in a path. */
  inlinedAs?: readonly string[]
}

export interface MessageMeta {
  /** The OpenAPI definition name, such as `io.k8s.api.core.v1.Container`. */
  name: string
  description: string
  /** Server-side apply treats the whole message as one value. */
  atomic?: true
}

export const fieldMetaOf = new SchemaFacts<FieldMeta>()
export const messageMetaOf = new SchemaFacts<MessageMeta>()

type Made<T extends z.ZodType, O> = O extends { json: 'always' } ? T : z.ZodOptional<T>

function made<T extends z.ZodType, O extends FieldOptions>(inner: T, meta: Omit<FieldMeta, keyof FieldOptions>, options?: O): Made<T, O> {
  const outer = options?.json === 'always' ? copyOf(inner) : schemaValue<z.ZodType>({ type: 'optional', inner })
  fieldMetaOf.add(outer, { ...options, ...meta })
  return outer as unknown as Made<T, O>
}

/** An object type. `name` is its OpenAPI definition name. */
export function message<S extends z.ZodRawShape>(
  name: string,
  description: string,
  shape: S,
  options?: Pick<MessageMeta, 'atomic'>,
): z.ZodObject<S> {
  const schema = schemaValue<z.ZodObject<S>>({ type: 'object', shape: shape as unknown as Readonly<Record<string, z.ZodType>> })
  messageMetaOf.add(schema, { name, description, ...options })
  return schema
}

const scalarValue = <T>(): T => schemaValue<T>({ type: 'scalar' })

function scalarField<T extends z.ZodType>(scalar: Scalar) {
  const type = scalarValue<T>()
  return <const O extends FieldOptions = FieldOptions>(number: number, description: string, options?: O): Made<T, O> =>
    made(type, { number, description, shape: 'value', scalar }, options)
}

export const string = scalarField<z.ZodString>('string')
export const int32 = scalarField<z.ZodNumber>('int32')
export const int64 = scalarField<z.ZodNumber>('int64')
export const bool = scalarField<z.ZodBoolean>('bool')
export const quantity = scalarField<z.ZodString>('quantity')
export const time = scalarField<z.ZodString>('time')
export const microTime = scalarField<z.ZodString>('microTime')
export const intOrString = scalarField<z.ZodUnion<[z.ZodNumber, z.ZodString]>>('intOrString')
export const double = scalarField<z.ZodNumber>('double')
export const bytes = scalarField<z.ZodString>('bytes')
export const raw = scalarField<z.ZodRecord<z.ZodString, z.ZodUnknown>>('raw')
export const json = scalarField<z.ZodUnknown>('json')

/** A message that is defined further down, or that holds itself. */
export const later = <T>(type: () => z.ZodType<T>): z.ZodType<T> => schemaValue<z.ZodType<T>>({ type: 'lazy', getter: type })

/** What a value of another origin is given as a schema. */
export const untyped = <T>(): z.ZodType<T> => scalarValue<z.ZodType<T>>()

/** A field whose value is a message. */
export function object<T extends z.ZodType, const O extends FieldOptions = FieldOptions>(
  number: number,
  type: T,
  description: string,
  options?: O,
): Made<T, O> {
  return made(type, { number, description, shape: 'value', scalar: 'message' }, options)
}

const elementTypes = {
  string: scalarValue<z.ZodString>(),
  int32: scalarValue<z.ZodNumber>(),
  int64: scalarValue<z.ZodNumber>(),
  bool: scalarValue<z.ZodBoolean>(),
  bytes: scalarValue<z.ZodString>(),
  quantity: scalarValue<z.ZodString>(),
  time: scalarValue<z.ZodString>(),
  raw: scalarValue<z.ZodRecord<z.ZodString, z.ZodUnknown>>(),
  json: scalarValue<z.ZodUnknown>(),
} as const
type ElementScalar = keyof typeof elementTypes
type Element<E> = E extends ElementScalar ? (typeof elementTypes)[E & ElementScalar] : E extends z.ZodType ? E : never

function elementOf<E extends ElementScalar | z.ZodType>(element: E): { type: Element<E>; scalar: Scalar | 'message' | 'nested' } {
  if (typeof element === 'string') return { type: elementTypes[element as ElementScalar] as unknown as Element<E>, scalar: element }
  if (fieldMetaOf.has(element)) return { type: element as unknown as Element<E>, scalar: 'nested' }
  return { type: element as unknown as Element<E>, scalar: 'message' }
}

/** A list of scalars (named by word), of messages, or of lists and maps (made with `list` and `map`, `json: 'always'`). */
export function list<E extends ElementScalar | z.ZodType, const O extends FieldOptions = FieldOptions>(
  number: number,
  element: E,
  description: string,
  options?: O,
): Made<z.ZodArray<Element<E>>, O> {
  const { type, scalar } = elementOf(element)
  return made(schemaValue<z.ZodArray<Element<E>>>({ type: 'array', inner: type }), { number, description, shape: 'list', scalar }, options)
}

/** A map from strings to scalars (named by word), to messages, or to lists and maps. */
export function map<E extends ElementScalar | z.ZodType, const O extends FieldOptions = FieldOptions>(
  number: number,
  element: E,
  description: string,
  options?: O,
): Made<z.ZodRecord<z.ZodString, Element<E>>, O> {
  const { type, scalar } = elementOf(element)
  return made(
    schemaValue<z.ZodRecord<z.ZodString, Element<E>>>({ type: 'record', inner: type }),
    { number, description, shape: 'map', scalar },
    options,
  )
}

/**
 * A message whose fields stand beside their owner's in JSON while protobuf nests it as field `number` (Go's `json:",inline"`).
 * Spread the result into the owner's shape.
 */
export function inline<S extends z.ZodRawShape>(number: number, type: z.ZodObject<S>): S {
  const shape: Record<string, z.ZodType> = {}
  const owner = messageMetaOf.get(type)?.name ?? ''
  for (const [name, field] of Object.entries(defOf(type).shape ?? {})) {
    const meta = fieldMetaOf.get(field)
    if (!meta) throw new Error(`field ${name} carries no meta data`)
    const copy = copyOf(field)
    fieldMetaOf.add(copy, { ...meta, inlinedIn: [number, ...(meta.inlinedIn ?? [])], inlinedAs: [owner, ...(meta.inlinedAs ?? [])] })
    shape[name] = copy
  }
  return shape as unknown as S
}

/** A message that stands alone on the API: `apiVersion` and `kind` are added (they have no protobuf number, an envelope carries them). */
export function kind<S extends z.ZodRawShape>(name: string, description: string, shape: S) {
  return message(name, description, {
    apiVersion: string(0, 'APIVersion defines the group and the version in which this object is written.', {
      json: 'always',
      required: false,
    }),
    kind: string(0, 'Kind of this object, CamelCase.', { json: 'always', required: false }),
    ...shape,
  })
}
