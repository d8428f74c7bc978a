/** Devices as v1beta1 has them: requests are not told apart by a field of their own, devices keep what they are in `basic`. */
import type { z } from 'zod'
import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { bool, int64, list, map, message, object, string } from '#api/fields.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { type Conversion, convertedFace, versionFace } from '#api/version-face.ts'
import { capacityRequirementsSchema, deviceSelectorSchema, deviceTolerationSchema } from './device-claim.ts'
import { DeviceClasses } from './device-class.ts'
import { ResourceClaims } from './resource-claim.ts'
import { ResourceClaimTemplates } from './resource-claim-template.ts'
import {
  deviceAttributeSchema,
  deviceCapacitySchema,
  deviceCounterConsumptionSchema,
  deviceTaintSchema,
  ResourceSlices,
  resourceSliceSpecSchema,
} from './resource-slice.ts'

const definition = 'io.k8s.api.resource.v1'
type Plain = Record<string, unknown>

const wish = {
  deviceClassName: string(2, 'Class of the devices.', { json: 'always', required: false }),
  selectors: list(3, deviceSelectorSchema, 'What must hold for each device.', { listType: 'atomic' }),
  allocationMode: string(4, 'ExactCount or All.', { enum: ['All', 'ExactCount'] }),
  count: int64(5, 'How many devices, for ExactCount.'),
}

const subRequestSchema = message(`${definition}.DeviceSubRequest`, 'One of several ways to meet a wish.', {
  name: string(1, 'Name of this way.', { json: 'always' }),
  ...wish,
  deviceClassName: string(2, 'Class of the devices.', { json: 'always' }),
  tolerations: list(7, deviceTolerationSchema, 'Taints that it bears.', { listType: 'atomic' }),
  capacity: object(8, capacityRequirementsSchema, 'Amounts of capacity that are needed.', { pointer: true }),
})

const requestSchema = message(`${definition}.DeviceRequest`, 'A wish for devices.', {
  name: string(1, 'Name of the wish, unique in the claim.', { json: 'always' }),
  ...wish,
  adminAccess: bool(6, 'Whether they are for administration only, even if in use.', { pointer: true }),
  firstAvailable: list(7, subRequestSchema, 'Wishes in order; the first that can be met counts.', { listType: 'atomic' }),
  tolerations: list(8, deviceTolerationSchema, 'Taints that it bears.', { listType: 'atomic' }),
  capacity: object(9, capacityRequirementsSchema, 'Amounts of capacity that are needed.', { pointer: true }),
})

const deviceSchema = message(`${definition}.Device`, 'One device of a pool.', {
  name: string(1, 'Name of the device, unique in its pool.', { json: 'always' }),
  basic: object(
    2,
    message(`${definition}.BasicDevice`, 'What a device is.', {
      attributes: map(1, deviceAttributeSchema, 'Facts about it, by name.'),
      capacity: map(2, deviceCapacitySchema, 'Amounts that it has, by name.'),
      consumesCounters: list(3, deviceCounterConsumptionSchema, 'What it takes of shared amounts.', { listType: 'atomic' }),
      nodeName: string(4, 'Node that can use it.', { pointer: true }),
      nodeSelector: object(5, nodeSelectorSchema, 'Nodes that can use it.', { pointer: true }),
      allNodes: bool(6, 'Whether every node can use it.', { pointer: true }),
      taints: list(7, deviceTaintSchema, 'Taints that keep claims away.', { listType: 'atomic' }),
      bindsToNode: bool(8, 'Whether its claim can be used on the chosen node only.', { pointer: true }),
      bindingConditions: list(9, 'string', 'Conditions that must be true before a pod is bound.', { listType: 'atomic' }),
      bindingFailureConditions: list(10, 'string', 'Conditions that tell that binding failed.', { listType: 'atomic' }),
      allowMultipleAllocations: bool(11, 'Whether several claims can share it.', { pointer: true }),
    }),
    'What it is.',
    { pointer: true },
  ),
})

/** Values of Go here, pointers in later versions. */
const sliceSpecSchema = message(`${definition}.ResourceSliceSpec`, 'The devices and who can use them.', {
  ...resourceSliceSpecSchema.shape,
  nodeName: string(3, 'Node that can use the devices; cannot change.'),
  allNodes: bool(5, 'Whether every node can use the devices.'),
})

const flattened = ['deviceClassName', 'selectors', 'allocationMode', 'count', 'adminAccess', 'tolerations', 'capacity'] as const

/** A request with any of these is one for exactly that. */
function gather(request: Plain): void {
  const exactly: Plain = {}
  for (const name of flattened) {
    const value = request[name]
    delete request[name]
    if (value !== undefined && value !== null && value !== '' && value !== 0) exactly[name] = value
  }
  if (Object.keys(exactly).length > 0) request['exactly'] = { deviceClassName: '', ...exactly }
}

function spread(request: Plain): void {
  const { exactly } = request
  delete request['exactly']
  Object.assign(request, { deviceClassName: '' }, exactly)
}

type Spec = { devices?: { requests?: Plain[] | null } } | undefined
const requestsOf = (object: KubeObject): Plain[] => {
  const { spec } = object as KubeObject & { spec?: Spec & { spec?: Spec } }
  return (object.kind === 'ResourceClaimTemplate' ? spec?.spec : spec)?.devices?.requests ?? []
}

const replaced = new Map<string, z.ZodType>([
  [`${definition}.DeviceRequest`, requestSchema],
  [`${definition}.DeviceSubRequest`, subRequestSchema],
  [`${definition}.Device`, deviceSchema],
  [`${definition}.ResourceSliceSpec`, sliceSpecSchema],
])

const ofClaims: Conversion = {
  replaced,
  toStored: (object) => requestsOf(object).forEach(gather),
  fromStored: (object) => requestsOf(object).forEach(spread),
}

type Slice = KubeObject & { spec?: Plain & { devices?: Plain[] | null } }

const ofSlices: Conversion = {
  replaced,
  toStored(object) {
    const { spec } = object as Slice
    if (!spec) return
    if (spec['nodeName'] === '') delete spec['nodeName']
    if (spec['allNodes'] === false) delete spec['allNodes']
    spec.devices = spec.devices?.map(({ name, basic }) => ({ name, ...(basic as Plain | undefined) })) ?? null
    if (spec.devices === null) delete spec.devices
  },
  fromStored(object) {
    const { spec } = object as Slice
    if (spec?.devices) spec.devices = spec.devices.map(({ name, ...basic }) => ({ name, basic }))
  },
}

export const resourceV1beta1 = (): Resource[] => [
  versionFace(DeviceClasses, 'v1beta1') as unknown as Resource,
  convertedFace(ResourceClaims, 'v1beta1', ofClaims),
  convertedFace(ResourceClaimTemplates, 'v1beta1', ofClaims),
  convertedFace(ResourceSlices, 'v1beta1', ofSlices),
]
