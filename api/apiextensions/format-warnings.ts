/** Warns of formats that nobody checks (source: registry/customresourcedefinition/strategy.go). */
import { goQuote } from '#api/meta/go-quote.ts'
import { formatCheck } from '#api/structural/formats.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import type { JsonSchemaProps } from './json-schema.ts'
import { internalOf } from './validation/internal-form.ts'
import { anySchema } from './validation/requirements.ts'

function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  const found: string[] = []
  const { validation, versions } = internalOf(spec)
  for (const part of [validation, ...versions.map(({ schema }) => schema)])
    anySchema(part?.openAPIV3Schema as JsonSchemaProps | undefined, ({ type, format }) => {
      if (type === 'string' && format && formatCheck(format) === undefined) found.push(format)
      return false
    })
  return found
}

export function formatWarnings(next: CustomResourceDefinition, prev: CustomResourceDefinition | undefined): readonly string[] {
  const old = new Set(prev === undefined ? [] : unknownFormats(prev))
  return unknownFormats(next)
    .filter((format) => !old.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`)
}
