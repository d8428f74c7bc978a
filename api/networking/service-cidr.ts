/** DESCRIBE file api/networking/service-cidr.ts */
import type { z } from 'zod'
import { kind, list, message, object } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const serviceCIDRSpecSchema = message('io.k8s.api.networking.v1.ServiceCIDRSpec', 'DESCRIBE ServiceCIDRSpec', {
  cidrs: list(1, 'string', 'DESCRIBE ServiceCIDRSpec.cidrs', { listType: 'atomic' }),
})
export type ServiceCIDRSpec = z.output<typeof serviceCIDRSpecSchema>

export const serviceCIDRStatusSchema = message('io.k8s.api.networking.v1.ServiceCIDRStatus', 'DESCRIBE ServiceCIDRStatus', {
  conditions: list(1, conditionSchema, 'DESCRIBE ServiceCIDRStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ServiceCIDRStatus = z.output<typeof serviceCIDRStatusSchema>

export const serviceCIDRSchema = kind('io.k8s.api.networking.v1.ServiceCIDR', 'DESCRIBE ServiceCIDR', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ServiceCIDR.metadata', { json: 'always', required: false }),
  spec: object(2, serviceCIDRSpecSchema, 'DESCRIBE ServiceCIDR.spec', { json: 'always', required: false }),
  status: object(3, serviceCIDRStatusSchema, 'DESCRIBE ServiceCIDR.status', { json: 'always', required: false }),
})
export type ServiceCIDR = z.output<typeof serviceCIDRSchema>
