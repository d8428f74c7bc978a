/** Claims for devices. */
import type { z } from 'zod'
import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { bool, inline, kind, list, map, message, object, raw, string, time } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { goStruct } from '#api/validation/go-struct.ts'
import { resourceClaimColumns } from './columns.ts'
import { defaultDeviceClaim, deviceClaimSchema, deviceConfigurationSchema, deviceTolerationSchema } from './device-claim.ts'
import { prepareResourceClaim, prepareResourceClaimStatus } from './prepare.ts'
import { validateResourceClaim } from './validation/claim.ts'
import { validateResourceClaimStatus } from './validation/claim-status.ts'

export const resourceClaimSpecSchema = message('io.k8s.api.resource.v1.ResourceClaimSpec', 'What a claim asks for; cannot change.', {
  devices: object(1, deviceClaimSchema, 'The devices.', { json: 'always', required: false }),
})
export type ResourceClaimSpec = z.output<typeof resourceClaimSpecSchema>

export const deviceRequestAllocationResultSchema = message(
  'io.k8s.api.resource.v1.DeviceRequestAllocationResult',
  'One device that a request got.',
  {
    request: string(1, 'Request that it was for.', { json: 'always' }),
    driver: string(2, 'Driver of the device.', { json: 'always' }),
    pool: string(3, 'Pool of the device.', { json: 'always' }),
    device: string(4, 'Name of the device in its pool.', { json: 'always' }),
    adminAccess: bool(5, 'Whether it is used for administration only.', { pointer: true }),
    tolerations: list(6, deviceTolerationSchema, 'Taints that the request bore.', { listType: 'atomic' }),
    bindingConditions: list(7, 'string', 'Conditions that must be true before a pod is bound.', { listType: 'atomic' }),
    bindingFailureConditions: list(8, 'string', 'Conditions that tell that binding failed.', { listType: 'atomic' }),
    shareID: string(9, 'Which share of the device, where several can be used.', { pointer: true, goType: 'types.UID' }),
    consumedCapacity: map(10, 'quantity', 'Amounts that were taken, by name.', { goType: 'map[v1.QualifiedName]resource.Quantity' }),
  },
)
export type DeviceRequestAllocationResult = z.output<typeof deviceRequestAllocationResultSchema>

export const deviceAllocationConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceAllocationConfiguration',
  'Settings for devices that a claim got.',
  {
    source: string(1, 'FromClass or FromClaim.', { json: 'always', enum: ['FromClaim', 'FromClass'], goType: 'v1.AllocationConfigSource' }),
    requests: list(2, 'string', 'Requests that the settings are for; all where empty.', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 3
    ...inline(3, deviceConfigurationSchema),
  },
)
export type DeviceAllocationConfiguration = z.output<typeof deviceAllocationConfigurationSchema>

export const deviceAllocationResultSchema = message('io.k8s.api.resource.v1.DeviceAllocationResult', 'Devices and their settings.', {
  results: list(1, deviceRequestAllocationResultSchema, 'The devices.', { listType: 'atomic' }),
  config: list(2, deviceAllocationConfigurationSchema, 'Settings for the drivers.', { listType: 'atomic' }),
})
export type DeviceAllocationResult = z.output<typeof deviceAllocationResultSchema>

export const allocationResultSchema = message('io.k8s.api.resource.v1.AllocationResult', 'Devices that a claim got.', {
  devices: object(1, deviceAllocationResultSchema, 'The devices.'),
  nodeSelector: object(3, nodeSelectorSchema, 'Nodes from which the devices can be used; all where absent.', { pointer: true }),
  allocationTimestamp: time(5, 'When it got them.', { pointer: true }),
})
export type AllocationResult = z.output<typeof allocationResultSchema>

export const resourceClaimConsumerReferenceSchema = message('io.k8s.api.resource.v1.ResourceClaimConsumerReference', 'Who uses a claim.', {
  apiGroup: string(1, 'API group of the object; empty for the core group.'),
  resource: string(3, 'Resource of the object, in the plural.', { json: 'always' }),
  name: string(4, 'Name of the object.', { json: 'always' }),
  uid: string(5, 'Uid of the object.', { json: 'always', goType: 'types.UID' }),
})
export type ResourceClaimConsumerReference = z.output<typeof resourceClaimConsumerReferenceSchema>

export const networkDeviceDataSchema = message('io.k8s.api.resource.v1.NetworkDeviceData', 'Network facts of a device.', {
  interfaceName: string(1, 'Name of the interface in the pod.'),
  ips: list(2, 'string', 'Addresses of the interface, with prefix length.', { listType: 'atomic' }),
  hardwareAddress: string(3, 'MAC address of the interface.'),
})
export type NetworkDeviceData = z.output<typeof networkDeviceDataSchema>

export const allocatedDeviceStatusSchema = message(
  'io.k8s.api.resource.v1.AllocatedDeviceStatus',
  'What a driver says of a device that is in use.',
  {
    driver: string(1, 'Driver of the device.', { json: 'always' }),
    pool: string(2, 'Pool of the device.', { json: 'always' }),
    device: string(3, 'Name of the device in its pool.', { json: 'always' }),
    shareID: string(7, 'Which share of the device, where several can be used.', { pointer: true }),
    conditions: list(4, conditionSchema, 'Aspects of its state.', {
      json: 'always',
      required: false,
      listType: 'map',
      listKeys: ['type'],
    }),
    data: raw(5, 'Further data of the driver.', { pointer: true }),
    networkData: object(6, networkDeviceDataSchema, 'Network facts of the device.', { pointer: true }),
  },
)
export type AllocatedDeviceStatus = z.output<typeof allocatedDeviceStatusSchema>

export const resourceClaimStatusSchema = message('io.k8s.api.resource.v1.ResourceClaimStatus', 'What a claim got and who uses it.', {
  allocation: object(1, allocationResultSchema, 'What it got.', { pointer: true }),
  reservedFor: list(2, resourceClaimConsumerReferenceSchema, 'Who may use it now, at most 256.', {
    listType: 'map',
    listKeys: ['uid'],
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
  }),
  devices: list(4, allocatedDeviceStatusSchema, 'What the drivers say of the devices.', {
    listType: 'map',
    listKeys: ['driver', 'device', 'pool', 'shareID'],
  }),
})
export type ResourceClaimStatus = z.output<typeof resourceClaimStatusSchema>

export const resourceClaimSchema = kind('io.k8s.api.resource.v1.ResourceClaim', 'A claim for devices, which pods can share.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, resourceClaimSpecSchema, 'The wanted state.', { json: 'always' }),
  status: object(3, resourceClaimStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type ResourceClaim = z.output<typeof resourceClaimSchema>

export const ResourceClaims: Resource<ResourceClaim> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: resourceClaimSchema,
  columns: resourceClaimColumns,
  generation: false,
  defaults(claim) {
    defaultDeviceClaim(claim.spec.devices)
    return claim
  },
  prepare: prepareResourceClaim,
  validate: (next, prev) => validateResourceClaim(next, prev, resourceClaimSpecSchema),
  subresources: {
    status: {
      prepare: prepareResourceClaimStatus,
      validate: (next, prev) => validateResourceClaimStatus(next, prev, (allocation) => goStruct(allocationResultSchema, allocation)),
    },
  },
}
