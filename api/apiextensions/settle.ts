/** Brings the parts of a schema that Go reads with codecs of its own into their canonical form; in place (pure). */
import { canonical } from '#api/canonical.ts'
import { DecodeError, decodeMessage } from '#api/decode.ts'
import { badRequest } from '#api/meta/status.ts'
import { settleNumbers } from '#api/structural/values.ts'
import { type JsonSchemaProps, jsonSchemaPropsSchema } from './json-schema.ts'

const isSchema = (value: unknown): value is JsonSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Throws 400 where a part is neither a schema nor what may stand in its place. */
export function settleSchema(schema: JsonSchemaProps): void {
  if (schema.items !== undefined) schema.items = Array.isArray(schema.items) ? schema.items.map(settled) : settled(schema.items)
  if (schema.additionalProperties !== undefined) schema.additionalProperties = schemaOrBool(schema.additionalProperties)
  if (schema.additionalItems !== undefined) schema.additionalItems = schemaOrBool(schema.additionalItems)
  for (const key of ['default', 'example'] as const) if (schema[key] !== undefined) schema[key] = settleNumbers(schema[key])
  if (schema.enum !== undefined) settleNumbers(schema.enum)
  for (const [key, value] of Object.entries(schema.dependencies ?? {}))
    if (isSchema(value) && schema.dependencies !== undefined) schema.dependencies[key] = settled(value)
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) settleSchema(part)
  if (schema.not !== undefined) settleSchema(schema.not)
  for (const map of [schema.properties, schema.patternProperties, schema.definitions])
    for (const part of Object.values(map ?? {})) settleSchema(part)
}

const schemaOrBool = (value: unknown): JsonSchemaProps | boolean => (typeof value === 'boolean' ? value : settled(value))

const done = new WeakSet<object>()

function settled(value: unknown): JsonSchemaProps {
  if (typeof value === 'object' && value !== null && done.has(value)) return value as JsonSchemaProps
  try {
    const schema = decodeMessage(value, jsonSchemaPropsSchema).object as JsonSchemaProps
    settleSchema(schema)
    const made = canonical(schema as never, jsonSchemaPropsSchema) as JsonSchemaProps
    done.add(made)
    return made
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(`CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: ${error.message}`)
  }
}
