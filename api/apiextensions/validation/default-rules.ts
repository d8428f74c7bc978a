/** Defaults must be valid themselves, and hold nothing that pruning would drop (source: schema/defaulting/validation.go). */
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import { ruleValidator } from '#api/cel/rule-validator.ts'
import { decodeObjectMeta } from '#api/decode.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { sameJson } from '#api/own.ts'
import { coerceEmbedded, EmbeddedMetaError } from '#api/structural/decode.ts'
import { validateEmbedded } from '#api/structural/embedded.ts'
import { pruneValue } from '#api/structural/prune.ts'
import { isEmbedded, itemsOf, META_FIELDS } from '#api/structural/schema.ts'
import { validateValue } from '#api/structural/validate.ts'
import { sortedKeys } from '#api/structural/value-print.ts'
import { copyJson } from '#api/structural/values.ts'

/** `path` is that of the schema. */
export function validateDefaults(schema: JsonSchemaProps, path: string, mustBePruned: boolean): FieldError[] {
  return walk(schema, path, { insideMeta: false, isRoot: true, mustBePruned })
}

interface Place {
  insideMeta: boolean
  isRoot: boolean
  mustBePruned: boolean
}

function walk(schema: JsonSchemaProps, path: string, at: Place): FieldError[] {
  const embedded = at.isRoot || isEmbedded(schema)
  const insideMeta = embedded ? false : at.insideMeta
  const own = at.isRoot ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema
  const found: FieldError[] = schema.default === undefined ? [] : judge(own, `${path}.default`, { ...at, insideMeta })
  const below = { ...at, isRoot: false }
  const items = itemsOf(schema)
  if (items !== undefined) found.push(...walk(items, `${path}.items`, { ...below, insideMeta }))
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    found.push(
      ...walk(property, `${path}.properties[${name}]`, { ...below, insideMeta: insideMeta || (embedded && META_FIELDS.has(name)) }),
    )
  return found
}

function judge(schema: JsonSchemaProps, field: string, at: Place): FieldError[] {
  const value = copyJson(schema.default)
  const found: FieldError[] = []
  if (at.mustBePruned && !at.insideMeta) {
    const pruned = copyJson(value)
    pruneValue(pruned, schema)
    if (!sameJson(pruned, value)) found.push(invalid(field, sortedKeys(value), 'must not have unknown fields'))
  }
  try {
    coerceEmbedded(value, schema, decodeObjectMeta)
  } catch (error) {
    if (!(error instanceof EmbeddedMetaError)) throw error
    return [...found, invalid(field, sortedKeys(value), error.message)]
  }
  const embedded = validateEmbedded(value, schema, field)
  const faults = embedded.length > 0 ? embedded : validateValue(value, schema, field)
  if (faults.length > 0) return [...found, ...faults]
  const rules = ruleValidator(schema, at.isRoot)
  // As an update that changes nothing, and as a creation: rules may look at the old value.
  const unchanged = rules?.validate({ value, oldValue: value, correlated: undefined, path: field }).errors ?? []
  if (unchanged.length > 0) return [...found, ...unchanged]
  return [...found, ...(rules?.validate({ value, oldValue: undefined, correlated: undefined, path: field }).errors ?? [])]
}
