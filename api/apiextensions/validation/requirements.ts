/** How strict a definition is judged: an update may keep what was accepted before the rules were tightened (source: validation.go, validationOptions). */
import type { CustomResourceDefinition } from '#api/apiextensions/custom-resource-definition.ts'
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import { isTrue } from '#api/apiextensions/status.ts'
import { sameJson } from '#api/own.ts'
import { itemsOf } from '#api/structural/schema.ts'
import { unsupportedPart, validateStructural } from '#api/structural/structurality.ts'

export interface Requirements {
  knownReviewVersion: boolean
  immutableNames: boolean
  schemas: boolean
  validTypes: boolean
  structural: boolean
  prunedDefaults: boolean
  atomicSets: boolean
  listKeys: boolean
  /** Expressions that were there before are compiled as stored ones. */
  oldRules: ReadonlySet<string>
  oldMessageExpressions: ReadonlySet<string>
  /** Versions whose schema did not change: their rules may cost what they cost. */
  unchangedVersions: ReadonlySet<string>
  allowsBadCaBundle: boolean
  /** Versions that had too many selectable fields already. */
  manySelectable: ReadonlySet<string>
}

export const forCreate: Requirements = {
  knownReviewVersion: true,
  immutableNames: false,
  schemas: true,
  validTypes: true,
  structural: true,
  prunedDefaults: true,
  atomicSets: true,
  listKeys: true,
  oldRules: new Set(),
  oldMessageExpressions: new Set(),
  unchangedVersions: new Set(),
  allowsBadCaBundle: true,
  manySelectable: new Set(),
}

const schemasOf = (definition: CustomResourceDefinition): JsonSchemaProps[] =>
  definition.spec.versions.flatMap(({ schema }) => (schema?.openAPIV3Schema ? [schema.openAPIV3Schema as JsonSchemaProps] : []))

export function forUpdate(next: CustomResourceDefinition, prev: CustomResourceDefinition, hasBadCaBundle: boolean): Requirements {
  const old = schemasOf(prev)
  const rules = new Set<string>()
  const messages = new Set<string>()
  for (const schema of old)
    anySchema(schema, (part) => {
      for (const rule of part['x-kubernetes-validations'] ?? []) {
        rules.add(rule.rule)
        if (rule.messageExpression) messages.add(rule.messageExpression)
      }
      return false
    })
  const reviewVersions = prev.spec.conversion?.webhook?.conversionReviewVersions ?? []
  const unchanged = next.spec.versions.filter((version) => {
    const before = prev.spec.versions.find(({ name }) => name === version.name)
    return before !== undefined && sameJson(before.schema, version.schema)
  })
  const many = prev.spec.versions.filter((before) => {
    const version = next.spec.versions.find(({ name }) => name === before.name)
    return (before.selectableFields?.length ?? 0) > 8 && sameJson(before.selectableFields, version?.selectableFields)
  })
  const isEstablished = isTrue(prev, 'Established')
  return {
    knownReviewVersion: reviewVersions.length === 0 || reviewVersions.some((version) => version === 'v1' || version === 'v1beta1'),
    immutableNames: isEstablished,
    schemas: prev.spec.versions.every(({ schema }) => schema?.openAPIV3Schema !== undefined),
    validTypes: !old.some((schema) => anySchema(schema, ({ type }) => !!type && !openApiTypes.has(type))),
    structural: !old.some((schema) => unsupportedPart(schema) !== undefined || validateStructural(schema, '').length > 0),
    prunedDefaults: true,
    atomicSets: !old.some((schema) => anySchema(schema, hasOpenSet)),
    listKeys: true,
    oldRules: rules,
    oldMessageExpressions: messages,
    unchangedVersions: new Set(unchanged.map(({ name }) => name)),
    allowsBadCaBundle: !isEstablished || hasBadCaBundle,
    manySelectable: new Set(many.map(({ name }) => name)),
  }
}

export const openApiTypes: ReadonlySet<string> = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string'])

/** A set whose items are not compared as a whole. */
function hasOpenSet(schema: JsonSchemaProps): boolean {
  const items = itemsOf(schema)
  if (schema['x-kubernetes-list-type'] !== 'set' || items === undefined) return false
  const listType = items['x-kubernetes-list-type']
  if (items.type === 'array') return listType !== undefined && listType !== 'atomic'
  return items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic'
}

/** Whether a schema or any part of it is such a one. */
export function anySchema(schema: JsonSchemaProps | undefined, test: (schema: JsonSchemaProps) => boolean): boolean {
  if (schema === undefined) return false
  if (test(schema)) return true
  const parts: (JsonSchemaProps | boolean | undefined)[] = [
    ...(Array.isArray(schema.items) ? schema.items : [schema.items]),
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    schema.not,
    ...Object.values(schema.properties ?? {}),
    schema.additionalProperties,
    ...Object.values(schema.patternProperties ?? {}),
    schema.additionalItems,
    ...Object.values(schema.definitions ?? {}),
  ]
  return parts.some((part) => typeof part === 'object' && anySchema(part, test))
}
