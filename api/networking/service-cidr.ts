/** Ranges of service addresses. */
import type { z } from 'zod'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { kind, list, message, object } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpecAndMetadata } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { serviceCIDRColumns } from './columns.ts'
import { validateServiceCIDR } from './validation/addresses.ts'

export const serviceCIDRSpecSchema = message('io.k8s.api.networking.v1.ServiceCIDRSpec', 'Ranges of service addresses.', {
  cidrs: list(1, 'string', 'One range, or one of each family; cannot change.', { listType: 'atomic' }),
})
export type ServiceCIDRSpec = z.output<typeof serviceCIDRSpecSchema>

export const serviceCIDRStatusSchema = message(
  'io.k8s.api.networking.v1.ServiceCIDRStatus',
  'What is seen of ranges of service addresses.',
  {
    conditions: list(1, conditionSchema, 'Aspects of its state, such as Ready.', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type ServiceCIDRStatus = z.output<typeof serviceCIDRStatusSchema>

export const serviceCIDRSchema = kind('io.k8s.api.networking.v1.ServiceCIDR', 'Ranges from which services get their cluster addresses.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, serviceCIDRSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, serviceCIDRStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type ServiceCIDR = z.output<typeof serviceCIDRSchema>

export const ServiceCIDRs: Resource<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  scope: 'Cluster',
  schema: serviceCIDRSchema,
  columns: serviceCIDRColumns,
  generation: false,
  validate: validateServiceCIDR,
  subresources: {
    status: {
      prepare: keepSpecAndMetadata,
      validate: ({ metadata }) => validateKubeFinalizers(metadata),
    },
  },
}
