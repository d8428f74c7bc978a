/** DESCRIBE file api/resource/device-claim.ts */
import type { z } from 'zod'
import { bool, inline, int64, list, map, message, object, raw, string } from '#api/fields.ts'

export const celDeviceSelectorSchema = message('io.k8s.api.resource.v1.CELDeviceSelector', 'DESCRIBE CELDeviceSelector', {
  expression: string(1, 'DESCRIBE CELDeviceSelector.expression', { json: 'always' }),
})
export type CELDeviceSelector = z.output<typeof celDeviceSelectorSchema>

export const deviceSelectorSchema = message('io.k8s.api.resource.v1.DeviceSelector', 'DESCRIBE DeviceSelector', {
  cel: object(1, celDeviceSelectorSchema, 'DESCRIBE DeviceSelector.cel', { pointer: true }),
})
export type DeviceSelector = z.output<typeof deviceSelectorSchema>

export const deviceTolerationSchema = message('io.k8s.api.resource.v1.DeviceToleration', 'DESCRIBE DeviceToleration', {
  key: string(1, 'DESCRIBE DeviceToleration.key'),
  operator: string(2, 'DESCRIBE DeviceToleration.operator', { default: 'Equal', enum: ['Equal', 'Exists'] }),
  value: string(3, 'DESCRIBE DeviceToleration.value'),
  effect: string(4, 'DESCRIBE DeviceToleration.effect', { enum: ['NoExecute', 'NoSchedule', 'None'] }),
  tolerationSeconds: int64(5, 'DESCRIBE DeviceToleration.tolerationSeconds', { pointer: true }),
})
export type DeviceToleration = z.output<typeof deviceTolerationSchema>

export const capacityRequirementsSchema = message('io.k8s.api.resource.v1.CapacityRequirements', 'DESCRIBE CapacityRequirements', {
  requests: map(1, 'quantity', 'DESCRIBE CapacityRequirements.requests'),
})
export type CapacityRequirements = z.output<typeof capacityRequirementsSchema>

export const exactDeviceRequestSchema = message('io.k8s.api.resource.v1.ExactDeviceRequest', 'DESCRIBE ExactDeviceRequest', {
  deviceClassName: string(1, 'DESCRIBE ExactDeviceRequest.deviceClassName', { json: 'always' }),
  selectors: list(2, deviceSelectorSchema, 'DESCRIBE ExactDeviceRequest.selectors', { listType: 'atomic' }),
  allocationMode: string(3, 'DESCRIBE ExactDeviceRequest.allocationMode', { enum: [] }),
  count: int64(4, 'DESCRIBE ExactDeviceRequest.count'),
  adminAccess: bool(5, 'DESCRIBE ExactDeviceRequest.adminAccess', { pointer: true }),
  tolerations: list(6, deviceTolerationSchema, 'DESCRIBE ExactDeviceRequest.tolerations', { listType: 'atomic' }),
  capacity: object(7, capacityRequirementsSchema, 'DESCRIBE ExactDeviceRequest.capacity', { pointer: true }),
})
export type ExactDeviceRequest = z.output<typeof exactDeviceRequestSchema>

export const deviceSubRequestSchema = message('io.k8s.api.resource.v1.DeviceSubRequest', 'DESCRIBE DeviceSubRequest', {
  name: string(1, 'DESCRIBE DeviceSubRequest.name', { json: 'always' }),
  deviceClassName: string(2, 'DESCRIBE DeviceSubRequest.deviceClassName', { json: 'always' }),
  selectors: list(3, deviceSelectorSchema, 'DESCRIBE DeviceSubRequest.selectors', { listType: 'atomic' }),
  allocationMode: string(4, 'DESCRIBE DeviceSubRequest.allocationMode', { enum: [] }),
  count: int64(5, 'DESCRIBE DeviceSubRequest.count'),
  tolerations: list(6, deviceTolerationSchema, 'DESCRIBE DeviceSubRequest.tolerations', { listType: 'atomic' }),
  capacity: object(7, capacityRequirementsSchema, 'DESCRIBE DeviceSubRequest.capacity', { pointer: true }),
})
export type DeviceSubRequest = z.output<typeof deviceSubRequestSchema>

export const deviceRequestSchema = message('io.k8s.api.resource.v1.DeviceRequest', 'DESCRIBE DeviceRequest', {
  name: string(1, 'DESCRIBE DeviceRequest.name', { json: 'always' }),
  exactly: object(2, exactDeviceRequestSchema, 'DESCRIBE DeviceRequest.exactly', { pointer: true }),
  firstAvailable: list(3, deviceSubRequestSchema, 'DESCRIBE DeviceRequest.firstAvailable', { listType: 'atomic' }),
})
export type DeviceRequest = z.output<typeof deviceRequestSchema>

export const deviceConstraintSchema = message('io.k8s.api.resource.v1.DeviceConstraint', 'DESCRIBE DeviceConstraint', {
  requests: list(1, 'string', 'DESCRIBE DeviceConstraint.requests', { listType: 'atomic' }),
  matchAttribute: string(2, 'DESCRIBE DeviceConstraint.matchAttribute', { pointer: true }),
  distinctAttribute: string(3, 'DESCRIBE DeviceConstraint.distinctAttribute', { pointer: true }),
})
export type DeviceConstraint = z.output<typeof deviceConstraintSchema>

export const opaqueDeviceConfigurationSchema = message(
  'io.k8s.api.resource.v1.OpaqueDeviceConfiguration',
  'DESCRIBE OpaqueDeviceConfiguration',
  {
    driver: string(1, 'DESCRIBE OpaqueDeviceConfiguration.driver', { json: 'always' }),
    parameters: raw(2, 'DESCRIBE OpaqueDeviceConfiguration.parameters', { json: 'always' }),
  },
)
export type OpaqueDeviceConfiguration = z.output<typeof opaqueDeviceConfigurationSchema>

export const deviceConfigurationSchema = message('io.k8s.api.resource.v1.DeviceConfiguration', 'DESCRIBE DeviceConfiguration', {
  opaque: object(1, opaqueDeviceConfigurationSchema, 'DESCRIBE DeviceConfiguration.opaque', { pointer: true }),
})
export type DeviceConfiguration = z.output<typeof deviceConfigurationSchema>

export const deviceClaimConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceClaimConfiguration',
  'DESCRIBE DeviceClaimConfiguration',
  {
    requests: list(1, 'string', 'DESCRIBE DeviceClaimConfiguration.requests', { listType: 'atomic' }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, deviceConfigurationSchema),
  },
)
export type DeviceClaimConfiguration = z.output<typeof deviceClaimConfigurationSchema>

export const deviceClaimSchema = message('io.k8s.api.resource.v1.DeviceClaim', 'DESCRIBE DeviceClaim', {
  requests: list(1, deviceRequestSchema, 'DESCRIBE DeviceClaim.requests', { json: 'always', required: false, listType: 'atomic' }),
  constraints: list(2, deviceConstraintSchema, 'DESCRIBE DeviceClaim.constraints', { listType: 'atomic' }),
  config: list(3, deviceClaimConfigurationSchema, 'DESCRIBE DeviceClaim.config', { listType: 'atomic' }),
})
export type DeviceClaim = z.output<typeof deviceClaimSchema>
