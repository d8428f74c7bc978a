/** DESCRIBE file api/resource/resource-slice.ts */
import type { z } from 'zod'
import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { bool, int64, kind, list, map, message, object, quantity, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const resourcePoolSchema = message('io.k8s.api.resource.v1.ResourcePool', 'DESCRIBE ResourcePool', {
  name: string(1, 'DESCRIBE ResourcePool.name', { json: 'always' }),
  generation: int64(2, 'DESCRIBE ResourcePool.generation', { json: 'always' }),
  resourceSliceCount: int64(3, 'DESCRIBE ResourcePool.resourceSliceCount', { json: 'always' }),
})
export type ResourcePool = z.output<typeof resourcePoolSchema>

export const deviceAttributeSchema = message('io.k8s.api.resource.v1.DeviceAttribute', 'DESCRIBE DeviceAttribute', {
  int: int64(2, 'DESCRIBE DeviceAttribute.int', { pointer: true }),
  bool: bool(3, 'DESCRIBE DeviceAttribute.bool', { pointer: true }),
  string: string(4, 'DESCRIBE DeviceAttribute.string', { pointer: true }),
  version: string(5, 'DESCRIBE DeviceAttribute.version', { pointer: true }),
})
export type DeviceAttribute = z.output<typeof deviceAttributeSchema>

export const capacityRequestPolicyRangeSchema = message(
  'io.k8s.api.resource.v1.CapacityRequestPolicyRange',
  'DESCRIBE CapacityRequestPolicyRange',
  {
    min: quantity(1, 'DESCRIBE CapacityRequestPolicyRange.min', { pointer: true, required: true }),
    max: quantity(2, 'DESCRIBE CapacityRequestPolicyRange.max', { pointer: true }),
    step: quantity(3, 'DESCRIBE CapacityRequestPolicyRange.step', { pointer: true }),
  },
)
export type CapacityRequestPolicyRange = z.output<typeof capacityRequestPolicyRangeSchema>

export const capacityRequestPolicySchema = message('io.k8s.api.resource.v1.CapacityRequestPolicy', 'DESCRIBE CapacityRequestPolicy', {
  default: quantity(1, 'DESCRIBE CapacityRequestPolicy.default', { json: 'always', pointer: true, required: false }),
  validValues: list(3, 'quantity', 'DESCRIBE CapacityRequestPolicy.validValues', { listType: 'atomic' }),
  validRange: object(4, capacityRequestPolicyRangeSchema, 'DESCRIBE CapacityRequestPolicy.validRange', { pointer: true }),
})
export type CapacityRequestPolicy = z.output<typeof capacityRequestPolicySchema>

export const deviceCapacitySchema = message('io.k8s.api.resource.v1.DeviceCapacity', 'DESCRIBE DeviceCapacity', {
  value: quantity(1, 'DESCRIBE DeviceCapacity.value', { json: 'always' }),
  requestPolicy: object(2, capacityRequestPolicySchema, 'DESCRIBE DeviceCapacity.requestPolicy', { pointer: true }),
})
export type DeviceCapacity = z.output<typeof deviceCapacitySchema>

export const counterSchema = message('io.k8s.api.resource.v1.Counter', 'DESCRIBE Counter', {
  value: quantity(1, 'DESCRIBE Counter.value', { json: 'always' }),
})
export type Counter = z.output<typeof counterSchema>

export const deviceCounterConsumptionSchema = message(
  'io.k8s.api.resource.v1.DeviceCounterConsumption',
  'DESCRIBE DeviceCounterConsumption',
  {
    counterSet: string(1, 'DESCRIBE DeviceCounterConsumption.counterSet', { json: 'always' }),
    counters: map(2, counterSchema, 'DESCRIBE DeviceCounterConsumption.counters', { required: true }),
  },
)
export type DeviceCounterConsumption = z.output<typeof deviceCounterConsumptionSchema>

export const deviceTaintSchema = message('io.k8s.api.resource.v1.DeviceTaint', 'DESCRIBE DeviceTaint', {
  key: string(1, 'DESCRIBE DeviceTaint.key', { json: 'always' }),
  value: string(2, 'DESCRIBE DeviceTaint.value'),
  effect: string(3, 'DESCRIBE DeviceTaint.effect', { json: 'always', enum: ['NoExecute', 'NoSchedule', 'None'] }),
  timeAdded: time(4, 'DESCRIBE DeviceTaint.timeAdded', { pointer: true }),
})
export type DeviceTaint = z.output<typeof deviceTaintSchema>

export const deviceSchema = message('io.k8s.api.resource.v1.Device', 'DESCRIBE Device', {
  name: string(1, 'DESCRIBE Device.name', { json: 'always' }),
  attributes: map(2, deviceAttributeSchema, 'DESCRIBE Device.attributes'),
  capacity: map(3, deviceCapacitySchema, 'DESCRIBE Device.capacity'),
  consumesCounters: list(4, deviceCounterConsumptionSchema, 'DESCRIBE Device.consumesCounters', { listType: 'atomic' }),
  nodeName: string(5, 'DESCRIBE Device.nodeName', { pointer: true }),
  nodeSelector: object(6, nodeSelectorSchema, 'DESCRIBE Device.nodeSelector', { pointer: true }),
  allNodes: bool(7, 'DESCRIBE Device.allNodes', { pointer: true }),
  taints: list(8, deviceTaintSchema, 'DESCRIBE Device.taints', { listType: 'atomic' }),
  bindsToNode: bool(9, 'DESCRIBE Device.bindsToNode', { pointer: true }),
  bindingConditions: list(10, 'string', 'DESCRIBE Device.bindingConditions', { listType: 'atomic' }),
  bindingFailureConditions: list(11, 'string', 'DESCRIBE Device.bindingFailureConditions', { listType: 'atomic' }),
  allowMultipleAllocations: bool(12, 'DESCRIBE Device.allowMultipleAllocations', { pointer: true }),
})
export type Device = z.output<typeof deviceSchema>

export const counterSetSchema = message('io.k8s.api.resource.v1.CounterSet', 'DESCRIBE CounterSet', {
  name: string(1, 'DESCRIBE CounterSet.name', { json: 'always' }),
  counters: map(2, counterSchema, 'DESCRIBE CounterSet.counters', { required: true }),
})
export type CounterSet = z.output<typeof counterSetSchema>

export const resourceSliceSpecSchema = message('io.k8s.api.resource.v1.ResourceSliceSpec', 'DESCRIBE ResourceSliceSpec', {
  driver: string(1, 'DESCRIBE ResourceSliceSpec.driver', { json: 'always' }),
  pool: object(2, resourcePoolSchema, 'DESCRIBE ResourceSliceSpec.pool', { json: 'always' }),
  nodeName: string(3, 'DESCRIBE ResourceSliceSpec.nodeName', { pointer: true }),
  nodeSelector: object(4, nodeSelectorSchema, 'DESCRIBE ResourceSliceSpec.nodeSelector', { pointer: true }),
  allNodes: bool(5, 'DESCRIBE ResourceSliceSpec.allNodes', { pointer: true }),
  devices: list(6, deviceSchema, 'DESCRIBE ResourceSliceSpec.devices', { listType: 'atomic' }),
  perDeviceNodeSelection: bool(7, 'DESCRIBE ResourceSliceSpec.perDeviceNodeSelection', { pointer: true }),
  sharedCounters: list(8, counterSetSchema, 'DESCRIBE ResourceSliceSpec.sharedCounters', { listType: 'atomic' }),
})
export type ResourceSliceSpec = z.output<typeof resourceSliceSpecSchema>

export const resourceSliceSchema = kind('io.k8s.api.resource.v1.ResourceSlice', 'DESCRIBE ResourceSlice', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ResourceSlice.metadata', { json: 'always', required: false }),
  spec: object(2, resourceSliceSpecSchema, 'DESCRIBE ResourceSlice.spec', { json: 'always' }),
})
export type ResourceSlice = z.output<typeof resourceSliceSchema>
