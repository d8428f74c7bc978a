/** Templates of claims for devices. */
import type { z } from 'zod'
import { kind, message, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { nameAndAgeColumns } from './columns.ts'
import { defaultDeviceClaim } from './device-claim.ts'
import { prepareResourceClaimTemplate } from './prepare.ts'
import { resourceClaimSpecSchema } from './resource-claim.ts'
import { validateResourceClaimTemplate } from './validation/claim.ts'

export const resourceClaimTemplateSpecSchema = message(
  'io.k8s.api.resource.v1.ResourceClaimTemplateSpec',
  'The claims to make; cannot change.',
  {
    metadata: object(1, objectMetaSchema, 'Labels and annotations of the claims.'),
    spec: object(2, resourceClaimSpecSchema, 'What the claims ask for.', { json: 'always' }),
  },
)
export type ResourceClaimTemplateSpec = z.output<typeof resourceClaimTemplateSpecSchema>

export const resourceClaimTemplateSchema = kind(
  'io.k8s.api.resource.v1.ResourceClaimTemplate',
  'A form from which claims are made for single pods.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, resourceClaimTemplateSpecSchema, 'The wanted state.', { json: 'always' }),
  },
)
export type ResourceClaimTemplate = z.output<typeof resourceClaimTemplateSchema>

export const ResourceClaimTemplates: Resource<ResourceClaimTemplate> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: resourceClaimTemplateSchema,
  columns: nameAndAgeColumns,
  generation: false,
  defaults(template) {
    defaultDeviceClaim(template.spec.spec.devices)
    return template
  },
  prepare: prepareResourceClaimTemplate,
  validate: (next, prev) => validateResourceClaimTemplate(next, prev, resourceClaimTemplateSpecSchema),
}
