/** A structural schema is a settled JSONSchemaProps; these are its parts as the engines walk them (pure). */
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'

export type Structural = JsonSchemaProps

/** The parts of the type meta and the metadata: known to every object without a schema. */
export const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

export function propertyOf(schema: Structural, key: string): Structural | undefined {
  const { properties } = schema
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined
}

export function itemsOf(schema: Structural): Structural | undefined {
  return Array.isArray(schema.items) ? undefined : schema.items
}

/** The schema of all other properties; undefined where there is none, or only a boolean. */
export function additionalOf(schema: Structural): Structural | undefined {
  const { additionalProperties } = schema
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** The schema of a member of an object: its own, or that of all others. */
export function memberOf(schema: Structural, key: string): Structural | undefined {
  return propertyOf(schema, key) ?? additionalOf(schema)
}

export const preservesUnknown = (schema: Structural): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true
export const isEmbedded = (schema: Structural): boolean => schema['x-kubernetes-embedded-resource'] === true
export const isIntOrString = (schema: Structural): boolean => schema['x-kubernetes-int-or-string'] === true
