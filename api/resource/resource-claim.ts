/** DESCRIBE file api/resource/resource-claim.ts */
import type { z } from 'zod'
import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { bool, inline, kind, list, map, message, object, raw, string, time } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { deviceClaimSchema, deviceConfigurationSchema, deviceTolerationSchema } from './device-claim.ts'

export const resourceClaimSpecSchema = message('io.k8s.api.resource.v1.ResourceClaimSpec', 'DESCRIBE ResourceClaimSpec', {
  devices: object(1, deviceClaimSchema, 'DESCRIBE ResourceClaimSpec.devices', { json: 'always', required: false }),
})
export type ResourceClaimSpec = z.output<typeof resourceClaimSpecSchema>

export const deviceRequestAllocationResultSchema = message(
  'io.k8s.api.resource.v1.DeviceRequestAllocationResult',
  'DESCRIBE DeviceRequestAllocationResult',
  {
    request: string(1, 'DESCRIBE DeviceRequestAllocationResult.request', { json: 'always' }),
    driver: string(2, 'DESCRIBE DeviceRequestAllocationResult.driver', { json: 'always' }),
    pool: string(3, 'DESCRIBE DeviceRequestAllocationResult.pool', { json: 'always' }),
    device: string(4, 'DESCRIBE DeviceRequestAllocationResult.device', { json: 'always' }),
    adminAccess: bool(5, 'DESCRIBE DeviceRequestAllocationResult.adminAccess', { pointer: true }),
    tolerations: list(6, deviceTolerationSchema, 'DESCRIBE DeviceRequestAllocationResult.tolerations', { listType: 'atomic' }),
    bindingConditions: list(7, 'string', 'DESCRIBE DeviceRequestAllocationResult.bindingConditions', { listType: 'atomic' }),
    bindingFailureConditions: list(8, 'string', 'DESCRIBE DeviceRequestAllocationResult.bindingFailureConditions', { listType: 'atomic' }),
    shareID: string(9, 'DESCRIBE DeviceRequestAllocationResult.shareID', { pointer: true }),
    consumedCapacity: map(10, 'quantity', 'DESCRIBE DeviceRequestAllocationResult.consumedCapacity'),
  },
)
export type DeviceRequestAllocationResult = z.output<typeof deviceRequestAllocationResultSchema>

export const deviceAllocationConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceAllocationConfiguration',
  'DESCRIBE DeviceAllocationConfiguration',
  {
    source: string(1, 'DESCRIBE DeviceAllocationConfiguration.source', { json: 'always', enum: ['FromClaim', 'FromClass'] }),
    requests: list(2, 'string', 'DESCRIBE DeviceAllocationConfiguration.requests', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 3
    ...inline(3, deviceConfigurationSchema),
  },
)
export type DeviceAllocationConfiguration = z.output<typeof deviceAllocationConfigurationSchema>

export const deviceAllocationResultSchema = message('io.k8s.api.resource.v1.DeviceAllocationResult', 'DESCRIBE DeviceAllocationResult', {
  results: list(1, deviceRequestAllocationResultSchema, 'DESCRIBE DeviceAllocationResult.results', { listType: 'atomic' }),
  config: list(2, deviceAllocationConfigurationSchema, 'DESCRIBE DeviceAllocationResult.config', { listType: 'atomic' }),
})
export type DeviceAllocationResult = z.output<typeof deviceAllocationResultSchema>

export const allocationResultSchema = message('io.k8s.api.resource.v1.AllocationResult', 'DESCRIBE AllocationResult', {
  devices: object(1, deviceAllocationResultSchema, 'DESCRIBE AllocationResult.devices'),
  nodeSelector: object(3, nodeSelectorSchema, 'DESCRIBE AllocationResult.nodeSelector', { pointer: true }),
  allocationTimestamp: time(5, 'DESCRIBE AllocationResult.allocationTimestamp', { pointer: true }),
})
export type AllocationResult = z.output<typeof allocationResultSchema>

export const resourceClaimConsumerReferenceSchema = message(
  'io.k8s.api.resource.v1.ResourceClaimConsumerReference',
  'DESCRIBE ResourceClaimConsumerReference',
  {
    apiGroup: string(1, 'DESCRIBE ResourceClaimConsumerReference.apiGroup'),
    resource: string(3, 'DESCRIBE ResourceClaimConsumerReference.resource', { json: 'always' }),
    name: string(4, 'DESCRIBE ResourceClaimConsumerReference.name', { json: 'always' }),
    uid: string(5, 'DESCRIBE ResourceClaimConsumerReference.uid', { json: 'always' }),
  },
)
export type ResourceClaimConsumerReference = z.output<typeof resourceClaimConsumerReferenceSchema>

export const networkDeviceDataSchema = message('io.k8s.api.resource.v1.NetworkDeviceData', 'DESCRIBE NetworkDeviceData', {
  interfaceName: string(1, 'DESCRIBE NetworkDeviceData.interfaceName'),
  ips: list(2, 'string', 'DESCRIBE NetworkDeviceData.ips', { listType: 'atomic' }),
  hardwareAddress: string(3, 'DESCRIBE NetworkDeviceData.hardwareAddress'),
})
export type NetworkDeviceData = z.output<typeof networkDeviceDataSchema>

export const allocatedDeviceStatusSchema = message('io.k8s.api.resource.v1.AllocatedDeviceStatus', 'DESCRIBE AllocatedDeviceStatus', {
  driver: string(1, 'DESCRIBE AllocatedDeviceStatus.driver', { json: 'always' }),
  pool: string(2, 'DESCRIBE AllocatedDeviceStatus.pool', { json: 'always' }),
  device: string(3, 'DESCRIBE AllocatedDeviceStatus.device', { json: 'always' }),
  shareID: string(7, 'DESCRIBE AllocatedDeviceStatus.shareID', { pointer: true }),
  conditions: list(4, conditionSchema, 'DESCRIBE AllocatedDeviceStatus.conditions', {
    json: 'always',
    required: false,
    listType: 'map',
    listKeys: ['type'],
  }),
  data: raw(5, 'DESCRIBE AllocatedDeviceStatus.data', { pointer: true }),
  networkData: object(6, networkDeviceDataSchema, 'DESCRIBE AllocatedDeviceStatus.networkData', { pointer: true }),
})
export type AllocatedDeviceStatus = z.output<typeof allocatedDeviceStatusSchema>

export const resourceClaimStatusSchema = message('io.k8s.api.resource.v1.ResourceClaimStatus', 'DESCRIBE ResourceClaimStatus', {
  allocation: object(1, allocationResultSchema, 'DESCRIBE ResourceClaimStatus.allocation', { pointer: true }),
  reservedFor: list(2, resourceClaimConsumerReferenceSchema, 'DESCRIBE ResourceClaimStatus.reservedFor', {
    listType: 'map',
    listKeys: ['uid'],
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
  }),
  devices: list(4, allocatedDeviceStatusSchema, 'DESCRIBE ResourceClaimStatus.devices', {
    listType: 'map',
    listKeys: ['driver', 'device', 'pool', 'shareID'],
  }),
})
export type ResourceClaimStatus = z.output<typeof resourceClaimStatusSchema>

export const resourceClaimSchema = kind('io.k8s.api.resource.v1.ResourceClaim', 'DESCRIBE ResourceClaim', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ResourceClaim.metadata', { json: 'always', required: false }),
  spec: object(2, resourceClaimSpecSchema, 'DESCRIBE ResourceClaim.spec', { json: 'always' }),
  status: object(3, resourceClaimStatusSchema, 'DESCRIBE ResourceClaim.status', { json: 'always', required: false }),
})
export type ResourceClaim = z.output<typeof resourceClaimSchema>
