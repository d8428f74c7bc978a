/** Amounts that containers ask for and may use. */
import type { z } from 'zod'
import { list, map, message, string } from '#api/fields.ts'

export const resourceClaimSchema = message('io.k8s.api.core.v1.ResourceClaim', 'A claim of the pod that a container uses.', {
  name: string(1, 'Name of the claim in the pod.', { json: 'always' }),
  request: string(2, 'One request of the claim; all by default.'),
})
export type ResourceClaim = z.output<typeof resourceClaimSchema>

export const resourceRequirementsSchema = message('io.k8s.api.core.v1.ResourceRequirements', 'Amounts asked for and allowed.', {
  limits: map(1, 'quantity', 'Most that may be used.', { goType: 'v1.ResourceList' }),
  requests: map(2, 'quantity', 'What is set aside.', { goType: 'v1.ResourceList' }),
  claims: list(3, resourceClaimSchema, 'Claims for devices.', { listType: 'map', listKeys: ['name'] }),
})
export type ResourceRequirements = z.output<typeof resourceRequirementsSchema>

export const containerResizePolicySchema = message(
  'io.k8s.api.core.v1.ContainerResizePolicy',
  'What a change of one resource does to the container.',
  {
    resourceName: string(1, 'cpu or memory.', { json: 'always', goType: 'v1.ResourceName' }),
    restartPolicy: string(2, 'NotRequired or RestartContainer.', { json: 'always', goType: 'v1.ResourceResizeRestartPolicy' }),
  },
)
export type ContainerResizePolicy = z.output<typeof containerResizePolicySchema>
