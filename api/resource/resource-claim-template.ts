/** DESCRIBE file api/resource/resource-claim-template.ts */
import type { z } from 'zod'
import { kind, message, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { resourceClaimSpecSchema } from './resource-claim.ts'

export const resourceClaimTemplateSpecSchema = message(
  'io.k8s.api.resource.v1.ResourceClaimTemplateSpec',
  'DESCRIBE ResourceClaimTemplateSpec',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE ResourceClaimTemplateSpec.metadata'),
    spec: object(2, resourceClaimSpecSchema, 'DESCRIBE ResourceClaimTemplateSpec.spec', { json: 'always' }),
  },
)
export type ResourceClaimTemplateSpec = z.output<typeof resourceClaimTemplateSpecSchema>

export const resourceClaimTemplateSchema = kind('io.k8s.api.resource.v1.ResourceClaimTemplate', 'DESCRIBE ResourceClaimTemplate', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ResourceClaimTemplate.metadata', { json: 'always', required: false }),
  spec: object(2, resourceClaimTemplateSpecSchema, 'DESCRIBE ResourceClaimTemplate.spec', { json: 'always' }),
})
export type ResourceClaimTemplate = z.output<typeof resourceClaimTemplateSchema>
