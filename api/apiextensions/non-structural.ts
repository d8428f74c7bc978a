/** Whether schemas of a definition cannot be pruned by: only definitions from before this was refused (source: controller/nonstructuralschema). */
import { invalid } from '#api/meta/field-error.ts'
import { unsupportedPart, validateStructural } from '#api/structural/structurality.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import type { JsonSchemaProps } from './json-schema.ts'
import type { NewCondition } from './status.ts'

export function nonStructuralCondition({ spec }: CustomResourceDefinition): NewCondition | undefined {
  const found = spec.preserveUnknownFields === true ? [invalid('spec.preserveUnknownFields', true, 'must be false')] : []
  for (const [i, { name, schema }] of spec.versions.entries()) {
    const given = schema?.openAPIV3Schema as JsonSchemaProps | undefined
    if (given === undefined) continue
    const why = unsupportedPart(given)
    if (why !== undefined) {
      const message = `failed to check validation schema for version ${name}: ${why}`
      return { type: 'NonStructuralSchema', status: 'Unknown', reason: 'StructuralError', message }
    }
    found.push(...validateStructural(given, `spec.versions[${i}].schema.openAPIV3Schema`))
  }
  if (found.length === 0) return undefined
  const texts = [...new Set(found.map(({ field, message }) => `${field}: ${message}`))]
  const message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  return { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message }
}
