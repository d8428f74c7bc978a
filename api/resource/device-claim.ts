/** Devices as claims and classes ask for them. */
import type { z } from 'zod'
import { bool, inline, int64, list, map, message, object, raw, string } from '#api/fields.ts'

export const celDeviceSelectorSchema = message('io.k8s.api.resource.v1.CELDeviceSelector', 'A CEL expression that picks devices.', {
  expression: string(1, 'The expression; its value is true or false.', { json: 'always' }),
})
export type CELDeviceSelector = z.output<typeof celDeviceSelectorSchema>

export const deviceSelectorSchema = message('io.k8s.api.resource.v1.DeviceSelector', 'What must hold for a device.', {
  cel: object(1, celDeviceSelectorSchema, 'A CEL expression that must be true.', { pointer: true }),
})
export type DeviceSelector = z.output<typeof deviceSelectorSchema>

export const deviceTolerationSchema = message('io.k8s.api.resource.v1.DeviceToleration', 'A taint that a request bears.', {
  key: string(1, 'Key of the taint; all where empty.'),
  operator: string(2, 'Exists or Equal.', { default: 'Equal', enum: ['Equal', 'Exists'], goType: 'v1.DeviceTolerationOperator' }),
  value: string(3, 'Value of the taint, for Equal.'),
  effect: string(4, 'Effect that is borne; all where empty.', {
    enum: ['NoExecute', 'NoSchedule', 'None'],
    goType: 'v1.DeviceTaintEffect',
  }),
  tolerationSeconds: int64(5, 'Seconds that NoExecute is borne; for ever where absent.', { pointer: true }),
})
export type DeviceToleration = z.output<typeof deviceTolerationSchema>

export const capacityRequirementsSchema = message(
  'io.k8s.api.resource.v1.CapacityRequirements',
  'Amounts of capacity that are asked for.',
  {
    requests: map(1, 'quantity', 'Amounts by name of the capacity.', { goType: 'map[v1.QualifiedName]resource.Quantity' }),
  },
)
export type CapacityRequirements = z.output<typeof capacityRequirementsSchema>

export const exactDeviceRequestSchema = message('io.k8s.api.resource.v1.ExactDeviceRequest', 'Devices that are wanted.', {
  deviceClassName: string(1, 'Class of the devices.', { json: 'always' }),
  selectors: list(2, deviceSelectorSchema, 'What must hold for each device.', { listType: 'atomic' }),
  allocationMode: string(3, 'ExactCount or All.', { enum: ['All', 'ExactCount'], goType: 'v1.DeviceAllocationMode' }),
  count: int64(4, 'How many devices, for ExactCount.'),
  adminAccess: bool(5, 'Whether they are for administration only, even if in use.', { pointer: true }),
  tolerations: list(6, deviceTolerationSchema, 'Taints that it bears.', { listType: 'atomic' }),
  capacity: object(7, capacityRequirementsSchema, 'Amounts of capacity that are needed.', { pointer: true }),
})
export type ExactDeviceRequest = z.output<typeof exactDeviceRequestSchema>

export const deviceSubRequestSchema = message('io.k8s.api.resource.v1.DeviceSubRequest', 'One of several ways to meet a wish.', {
  name: string(1, 'Name of this way.', { json: 'always' }),
  deviceClassName: string(2, 'Class of the devices.', { json: 'always' }),
  selectors: list(3, deviceSelectorSchema, 'What must hold for each device.', { listType: 'atomic' }),
  allocationMode: string(4, 'ExactCount or All.', { enum: ['All', 'ExactCount'], goType: 'v1.DeviceAllocationMode' }),
  count: int64(5, 'How many devices, for ExactCount.'),
  tolerations: list(6, deviceTolerationSchema, 'Taints that it bears.', { listType: 'atomic' }),
  capacity: object(7, capacityRequirementsSchema, 'Amounts of capacity that are needed.', { pointer: true }),
})
export type DeviceSubRequest = z.output<typeof deviceSubRequestSchema>

export const deviceRequestSchema = message('io.k8s.api.resource.v1.DeviceRequest', 'A wish for devices.', {
  name: string(1, 'Name of the wish, unique in the claim.', { json: 'always' }),
  exactly: object(2, exactDeviceRequestSchema, 'The devices that are wanted.', { pointer: true }),
  firstAvailable: list(3, deviceSubRequestSchema, 'Wishes in order; the first that can be met counts.', { listType: 'atomic' }),
})
export type DeviceRequest = z.output<typeof deviceRequestSchema>

export const deviceConstraintSchema = message('io.k8s.api.resource.v1.DeviceConstraint', 'What must hold for several devices together.', {
  requests: list(1, 'string', 'Requests that it is about; all where empty.', { listType: 'atomic' }),
  matchAttribute: string(2, 'Attribute in which they must agree.', { pointer: true, goType: 'v1.FullyQualifiedName' }),
  distinctAttribute: string(3, 'Attribute in which they must differ.', { pointer: true, goType: 'v1.FullyQualifiedName' }),
})
export type DeviceConstraint = z.output<typeof deviceConstraintSchema>

export const opaqueDeviceConfigurationSchema = message(
  'io.k8s.api.resource.v1.OpaqueDeviceConfiguration',
  'Settings that only a driver understands.',
  {
    driver: string(1, 'The driver.', { json: 'always' }),
    parameters: raw(2, 'The settings, an object with kind and apiVersion.', { json: 'always' }),
  },
)
export type OpaqueDeviceConfiguration = z.output<typeof opaqueDeviceConfigurationSchema>

export const deviceConfigurationSchema = message('io.k8s.api.resource.v1.DeviceConfiguration', 'Settings for devices.', {
  opaque: object(1, opaqueDeviceConfigurationSchema, 'Settings that only the driver understands.', { pointer: true }),
})
export type DeviceConfiguration = z.output<typeof deviceConfigurationSchema>

export const deviceClaimConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceClaimConfiguration',
  'Settings for requested devices.',
  {
    requests: list(1, 'string', 'Requests that the settings are for; all where empty.', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, deviceConfigurationSchema),
  },
)
export type DeviceClaimConfiguration = z.output<typeof deviceClaimConfigurationSchema>

export const deviceClaimSchema = message('io.k8s.api.resource.v1.DeviceClaim', 'Devices that a claim asks for.', {
  requests: list(1, deviceRequestSchema, 'Single wishes.', { json: 'always', required: false, listType: 'atomic' }),
  constraints: list(2, deviceConstraintSchema, 'What must hold for the devices together.', { listType: 'atomic' }),
  config: list(3, deviceClaimConfigurationSchema, 'Settings for the drivers.', { listType: 'atomic' }),
})
export type DeviceClaim = z.output<typeof deviceClaimSchema>

function defaultWish(wish: { allocationMode?: string | undefined; count?: number | undefined }): void {
  wish.allocationMode ||= 'ExactCount'
  if (wish.allocationMode === 'ExactCount') wish.count ||= 1
}

/** Dependent defaults of all wishes of a claim, in place. */
export function defaultDeviceClaim(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of claim?.requests ?? []) {
    if (exactly) defaultWish(exactly)
    for (const wish of firstAvailable ?? []) defaultWish(wish)
  }
}
