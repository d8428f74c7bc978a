/** Defaults of definitions: names that follow from the kind, the conversion, the storage version (source: apiextensions/v1/defaults.go). */
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import type { JsonSchemaProps } from './json-schema.ts'
import { settleSchema } from './settle.ts'

export function defaultDefinition(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec, status } = definition
  for (const version of spec.versions) {
    const schema = version.schema?.openAPIV3Schema as JsonSchemaProps | undefined
    if (schema !== undefined) settleSchema(schema)
  }
  if (!spec.names.singular) spec.names.singular = spec.names.kind.toLowerCase()
  if (!spec.names.listKind && spec.names.kind !== '') spec.names.listKind = `${spec.names.kind}List`
  spec.conversion ??= { strategy: 'None' }
  // upstream's internal form has no place for a webhook of which nothing is said
  const { webhook } = spec.conversion
  if (webhook && webhook.clientConfig === undefined && (webhook.conversionReviewVersions?.length ?? 0) === 0) delete spec.conversion.webhook
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service) service.port ??= 443
  if (status.storedVersions.length === 0) {
    const storage = spec.versions.find((version) => version.storage)
    if (storage) status.storedVersions = [storage.name]
  }
  return definition
}
