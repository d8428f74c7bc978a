/** DESCRIBE file api/core/resources.ts */
import type { z } from 'zod'
import { list, map, message, string } from '#api/fields.ts'

export const resourceClaimSchema = message('io.k8s.api.core.v1.ResourceClaim', 'DESCRIBE ResourceClaim', {
  name: string(1, 'DESCRIBE ResourceClaim.name', { json: 'always' }),
  request: string(2, 'DESCRIBE ResourceClaim.request'),
})
export type ResourceClaim = z.output<typeof resourceClaimSchema>

export const resourceRequirementsSchema = message('io.k8s.api.core.v1.ResourceRequirements', 'DESCRIBE ResourceRequirements', {
  limits: map(1, 'quantity', 'DESCRIBE ResourceRequirements.limits'),
  requests: map(2, 'quantity', 'DESCRIBE ResourceRequirements.requests'),
  claims: list(3, resourceClaimSchema, 'DESCRIBE ResourceRequirements.claims', { listType: 'map', listKeys: ['name'] }),
})
export type ResourceRequirements = z.output<typeof resourceRequirementsSchema>

export const containerResizePolicySchema = message('io.k8s.api.core.v1.ContainerResizePolicy', 'DESCRIBE ContainerResizePolicy', {
  resourceName: string(1, 'DESCRIBE ContainerResizePolicy.resourceName', { json: 'always' }),
  restartPolicy: string(2, 'DESCRIBE ContainerResizePolicy.restartPolicy', { json: 'always' }),
})
export type ContainerResizePolicy = z.output<typeof containerResizePolicySchema>
