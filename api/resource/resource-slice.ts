/** Devices that drivers offer. */
import type { z } from 'zod'
import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { bool, int64, kind, list, map, message, object, quantity, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { resourceSliceColumns } from './columns.ts'
import { prepareResourceSlice } from './prepare.ts'
import { resourceSliceWarnings, validateResourceSlice } from './validation/slice.ts'

export const resourcePoolSchema = message('io.k8s.api.resource.v1.ResourcePool', 'The pool that the devices of a slice belong to.', {
  name: string(1, 'Name of the pool.', { json: 'always' }),
  generation: int64(2, 'Counts changes of the pool; only slices of the highest count.', { json: 'always' }),
  resourceSliceCount: int64(3, 'Number of slices that the pool has at this generation.', { json: 'always' }),
})
export type ResourcePool = z.output<typeof resourcePoolSchema>

export const deviceAttributeSchema = message('io.k8s.api.resource.v1.DeviceAttribute', 'A fact about a device; exactly one value is set.', {
  int: int64(2, 'A number.', { pointer: true }),
  bool: bool(3, 'A truth value.', { pointer: true }),
  string: string(4, 'A text of at most 64 characters.', { pointer: true }),
  version: string(5, 'A version as semver.org has it.', { pointer: true }),
})
export type DeviceAttribute = z.output<typeof deviceAttributeSchema>

export const capacityRequestPolicyRangeSchema = message('io.k8s.api.resource.v1.CapacityRequestPolicyRange', 'A range of amounts.', {
  min: quantity(1, 'Smallest amount.', { pointer: true, required: true }),
  max: quantity(2, 'Largest amount.', { pointer: true }),
  step: quantity(3, 'Distance between amounts.', { pointer: true }),
})
export type CapacityRequestPolicyRange = z.output<typeof capacityRequestPolicyRangeSchema>

export const capacityRequestPolicySchema = message(
  'io.k8s.api.resource.v1.CapacityRequestPolicy',
  'Which amounts of a capacity can be asked for.',
  {
    default: quantity(1, 'Amount that is used where none is asked for.', { json: 'always', pointer: true, required: false }),
    validValues: list(3, 'quantity', 'List of possible amounts; excludes validRange.', { listType: 'atomic' }),
    validRange: object(4, capacityRequestPolicyRangeSchema, 'Range of possible amounts; excludes validValues.', { pointer: true }),
  },
)
export type CapacityRequestPolicy = z.output<typeof capacityRequestPolicySchema>

export const deviceCapacitySchema = message('io.k8s.api.resource.v1.DeviceCapacity', 'An amount that a device has.', {
  value: quantity(1, 'How much there is.', { json: 'always' }),
  requestPolicy: object(2, capacityRequestPolicySchema, 'Which parts of it can be asked for.', { pointer: true }),
})
export type DeviceCapacity = z.output<typeof deviceCapacitySchema>

export const counterSchema = message('io.k8s.api.resource.v1.Counter', 'An amount that devices share.', {
  value: quantity(1, 'How much there is, or how much is taken.', { json: 'always' }),
})
export type Counter = z.output<typeof counterSchema>

export const deviceCounterConsumptionSchema = message(
  'io.k8s.api.resource.v1.DeviceCounterConsumption',
  'What a device takes of shared amounts.',
  {
    counterSet: string(1, 'The set of shared amounts.', { json: 'always' }),
    counters: map(2, counterSchema, 'How much it takes, by name.', { required: true }),
  },
)
export type DeviceCounterConsumption = z.output<typeof deviceCounterConsumptionSchema>

export const deviceTaintSchema = message('io.k8s.api.resource.v1.DeviceTaint', 'A mark on a device that keeps claims away.', {
  key: string(1, 'Key of the taint, a label name.', { json: 'always' }),
  value: string(2, 'Value of the taint, a label value.'),
  effect: string(3, 'NoSchedule, NoExecute or None.', {
    json: 'always',
    enum: ['NoExecute', 'NoSchedule', 'None'],
    goType: 'v1.DeviceTaintEffect',
  }),
  timeAdded: time(4, 'When it was set.', { pointer: true }),
})
export type DeviceTaint = z.output<typeof deviceTaintSchema>

export const deviceSchema = message('io.k8s.api.resource.v1.Device', 'One device of a pool.', {
  name: string(1, 'Name of the device, unique in its pool.', { json: 'always' }),
  attributes: map(2, deviceAttributeSchema, 'Facts about it, by name.', { goType: 'map[v1.QualifiedName]v1.DeviceAttribute' }),
  capacity: map(3, deviceCapacitySchema, 'Amounts that it has, by name.', { goType: 'map[v1.QualifiedName]v1.DeviceCapacity' }),
  consumesCounters: list(4, deviceCounterConsumptionSchema, 'What it takes of shared amounts.', { listType: 'atomic' }),
  nodeName: string(5, 'Node that can use it.', { pointer: true }),
  nodeSelector: object(6, nodeSelectorSchema, 'Nodes that can use it.', { pointer: true }),
  allNodes: bool(7, 'Whether every node can use it.', { pointer: true }),
  taints: list(8, deviceTaintSchema, 'Taints that keep claims away.', { listType: 'atomic' }),
  bindsToNode: bool(9, 'Whether its claim can be used on the chosen node only.', { pointer: true }),
  bindingConditions: list(10, 'string', 'Conditions that must be true before a pod is bound.', { listType: 'atomic' }),
  bindingFailureConditions: list(11, 'string', 'Conditions that tell that binding failed.', { listType: 'atomic' }),
  allowMultipleAllocations: bool(12, 'Whether several claims can share it.', { pointer: true }),
})
export type Device = z.output<typeof deviceSchema>

export const counterSetSchema = message('io.k8s.api.resource.v1.CounterSet', 'Amounts that several devices share.', {
  name: string(1, 'Name of the set.', { json: 'always' }),
  counters: map(2, counterSchema, 'The amounts by name.', { required: true }),
})
export type CounterSet = z.output<typeof counterSetSchema>

export const resourceSliceSpecSchema = message('io.k8s.api.resource.v1.ResourceSliceSpec', 'The devices and who can use them.', {
  driver: string(1, 'The driver; cannot change.', { json: 'always' }),
  pool: object(2, resourcePoolSchema, 'The pool.', { json: 'always' }),
  nodeName: string(3, 'Node that can use the devices; cannot change.', { pointer: true }),
  nodeSelector: object(4, nodeSelectorSchema, 'Nodes that can use the devices.', { pointer: true }),
  allNodes: bool(5, 'Whether every node can use the devices.', { pointer: true }),
  devices: list(6, deviceSchema, 'The devices, at most 128.', { listType: 'atomic' }),
  perDeviceNodeSelection: bool(7, 'Whether each device names its nodes.', { pointer: true }),
  sharedCounters: list(8, counterSetSchema, 'Amounts that devices share.', { listType: 'atomic' }),
})
export type ResourceSliceSpec = z.output<typeof resourceSliceSpecSchema>

export const resourceSliceSchema = kind('io.k8s.api.resource.v1.ResourceSlice', 'Devices of one driver and pool.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, resourceSliceSpecSchema, 'The wanted state.', { json: 'always' }),
})
export type ResourceSlice = z.output<typeof resourceSliceSchema>

export const ResourceSlices: Resource<ResourceSlice> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  scope: 'Cluster',
  returnsDeleted: true,
  schema: resourceSliceSchema,
  columns: resourceSliceColumns,
  generation: false,
  prepare: prepareResourceSlice,
  validate: validateResourceSlice,
  warnings: resourceSliceWarnings,
  fieldRefusal: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  selectableFields: { 'spec.nodeName': ({ spec }) => spec.nodeName ?? '', 'spec.driver': ({ spec }) => spec.driver },
}
