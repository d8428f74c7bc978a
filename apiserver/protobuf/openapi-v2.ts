/**
 * /openapi/v2 in the protobuf form of gnostic's OpenAPIv2.proto: kubectl up to 1.27 validates manifests with nothing else. A description of
 * the messages that our document uses, and one encoder that walks it (pure).
 */
import { WireWriter } from './wire.ts'

type Json = Record<string, unknown>
/** The content of a field: bytes, or a number as a varint or as a double. */
type Encode = (value: unknown) => Buffer | number | Double | undefined

class Double {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** JSON member to field number and encoder. */
interface Shape {
  members: Readonly<Record<string, { number: number; encode: Encode; repeated?: true }>>
  /** Where members that begin with `x-` go. */
  extensions?: number
}

const text: Encode = (value) => Buffer.from(String(value))
const bool: Encode = (value) => (value === true ? 1 : 0)
const whole: Encode = (value) => Number(value)
const double: Encode = (value) => new Double(Number(value))
/** Any value, as YAML (which JSON is). */
const anything: Encode = (value) => single((w) => w.text(2, `${JSON.stringify(value)}\n`))

function single(fill: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter()
  fill(writer)
  return writer.finish()
}

const wrapped =
  (number: number, encode: Encode): Encode =>
  (value) =>
    single((w) => put(w, number, encode(value)))

function put(writer: WireWriter, number: number, value: ReturnType<Encode>): void {
  if (value instanceof Double) writer.double(number, value.value)
  else if (typeof value === 'number') writer.varint(number, value)
  else if (value !== undefined) writer.bytes(number, value)
}

const named = (name: string, value: ReturnType<Encode>): Buffer =>
  single((w) => {
    w.text(1, name)
    put(w, 2, value)
  })

/** An object as a repeated list of its named members. */
const mapOf =
  (number: number, encode: Encode): Encode =>
  (value) =>
    single((w) => {
      for (const [name, member] of Object.entries(value as Json)) w.bytes(number, named(name, encode(member)))
    })

const shaped =
  (shape: () => Shape): Encode =>
  (value) =>
    single((w) => {
      const { members, extensions } = shape()
      for (const [name, member] of Object.entries(value as Json)) {
        const field = Object.hasOwn(members, name) ? members[name] : undefined
        if (field?.repeated) for (const item of member as unknown[]) put(w, field.number, field.encode(item))
        else if (field) put(w, field.number, field.encode(member))
        else if (name.startsWith('x-') && extensions !== undefined) w.bytes(extensions, named(name, anything(member)))
      }
    })

const one = (number: number, encode: Encode) => ({ number, encode })
const many = (number: number, encode: Encode) => ({ number, encode, repeated: true as const })

const schema: Encode = shaped(() => schemaShape)
const schemaShape: Shape = {
  members: {
    $ref: one(1, text),
    format: one(2, text),
    title: one(3, text),
    description: one(4, text),
    default: one(5, anything),
    multipleOf: one(6, double),
    maximum: one(7, double),
    exclusiveMaximum: one(8, bool),
    minimum: one(9, double),
    exclusiveMinimum: one(10, bool),
    maxLength: one(11, whole),
    minLength: one(12, whole),
    pattern: one(13, text),
    maxItems: one(14, whole),
    minItems: one(15, whole),
    uniqueItems: one(16, bool),
    maxProperties: one(17, whole),
    minProperties: one(18, whole),
    required: many(19, text),
    enum: many(20, anything),
    additionalProperties: one(21, (value) => (typeof value === 'boolean' ? wrapped(2, bool)(value) : wrapped(1, schema)(value))),
    type: one(22, (value) => single((w) => (Array.isArray(value) ? value : [value]).forEach((t) => void w.text(1, String(t))))),
    items: one(23, wrapped(1, schema)),
    allOf: many(24, schema),
    properties: one(25, mapOf(1, schema)),
  },
  extensions: 31,
}

/** Query and path parameters differ in their numbers. */
const primitive = (numbers: { type: number; format: number; unique: number; extensions: number }): Encode =>
  shaped(() => ({
    members: {
      required: one(1, bool),
      in: one(2, text),
      description: one(3, text),
      name: one(4, text),
      type: one(numbers.type, text),
      format: one(numbers.format, text),
      uniqueItems: one(numbers.unique, bool),
    },
    extensions: numbers.extensions,
  }))

const queryParameter = wrapped(2, wrapped(3, primitive({ type: 6, format: 7, unique: 20, extensions: 23 })))
const pathParameter = wrapped(2, wrapped(4, primitive({ type: 5, format: 6, unique: 19, extensions: 22 })))
const bodyParameter = wrapped(
  1,
  shaped(() => ({
    members: { description: one(1, text), name: one(2, text), in: one(3, text), required: one(4, bool), schema: one(5, schema) },
    extensions: 6,
  })),
)

const parameter: Encode = (value) => {
  const place = (value as Json)['in']
  return (place === 'body' ? bodyParameter : place === 'path' ? pathParameter : queryParameter)(value)
}

const parameterItem: Encode = (value) => {
  const reference = (value as Json)['$ref']
  return reference === undefined ? wrapped(1, parameter)(value) : wrapped(2, wrapped(1, text))(reference)
}

const response: Encode = wrapped(
  1,
  shaped(() => ({ members: { description: one(1, text), schema: one(2, wrapped(1, schema)) }, extensions: 5 })),
)

const operation: Encode = shaped(() => ({
  members: {
    tags: many(1, text),
    summary: one(2, text),
    description: one(3, text),
    operationId: one(5, text),
    produces: many(6, text),
    consumes: many(7, text),
    parameters: many(8, parameterItem),
    responses: one(9, mapOf(1, response)),
    schemes: many(10, text),
    deprecated: one(11, bool),
  },
  extensions: 13,
}))

const pathItem: Encode = shaped(() => ({
  members: {
    get: one(2, operation),
    put: one(3, operation),
    post: one(4, operation),
    delete: one(5, operation),
    options: one(6, operation),
    head: one(7, operation),
    patch: one(8, operation),
    parameters: many(9, parameterItem),
  },
  extensions: 10,
}))

const securityDefinition: Encode = wrapped(
  2,
  shaped(() => ({ members: { type: one(1, text), name: one(2, text), in: one(3, text), description: one(4, text) } })),
)

const document: Encode = shaped(() => ({
  members: {
    swagger: one(1, text),
    info: one(
      2,
      shaped(() => ({ members: { title: one(1, text), version: one(2, text), description: one(3, text) }, extensions: 7 })),
    ),
    paths: one(8, mapOf(2, pathItem)),
    definitions: one(9, mapOf(1, schema)),
    parameters: one(10, mapOf(1, parameter)),
    security: many(
      12,
      mapOf(1, (names) => single((w) => (names as string[]).forEach((name) => void w.text(1, name)))),
    ),
    securityDefinitions: one(13, mapOf(1, securityDefinition)),
  },
  extensions: 16,
}))

/** `openApi` is the document as JSON. */
export function encodeOpenApiV2(openApi: object): Buffer {
  const bytes = document(openApi)
  return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0)
}
