/**
 * What the server itself decides about devices and claims (upstream: pkg/registry/resource). Fields of features that are off by default
 * (taints, shared counters, binding conditions, consumable capacity, extended resources) are dropped unless the stored object has them.
 */
import { sameValue } from '#api/meta/same-value.ts'
import { keepMetadataOfStatus } from '#api/meta/status-metadata.ts'
import type { DeviceClass } from './device-class.ts'
import type { ResourceClaim, ResourceClaimSpec } from './resource-claim.ts'
import type { ResourceClaimTemplate } from './resource-claim-template.ts'
import type { Device, ResourceSlice } from './resource-slice.ts'

const has = (list: readonly unknown[] | undefined): boolean => (list ?? []).length > 0

function dropFields<T extends object>(object: T, names: readonly (keyof T)[]): void {
  for (const name of names) delete object[name]
}

interface Feature {
  inUse(slice: ResourceSlice): boolean
  drop(slice: ResourceSlice): void
}

const devicesOf = ({ spec }: ResourceSlice): readonly Device[] => spec.devices ?? []
const anyDevice = (slice: ResourceSlice, names: readonly (keyof Device)[]): boolean =>
  devicesOf(slice).some((device) => names.some((name) => device[name] !== undefined))

function dropOfDevices(slice: ResourceSlice, names: readonly (keyof Device)[]): void {
  for (const device of devicesOf(slice)) dropFields(device, names)
}

const partitionFields = ['consumesCounters', 'nodeName', 'nodeSelector', 'allNodes'] as const
const bindingFields = ['bindingConditions', 'bindingFailureConditions', 'bindsToNode'] as const
const capacitiesOf = (device: Device) => Object.values(device.capacity ?? {})

/** In upstream's words: DRADeviceTaints, DRAPartitionableDevices, DRADeviceBindingConditions, DRAConsumableCapacity. */
const featuresOff: readonly Feature[] = [
  {
    inUse: (slice) => devicesOf(slice).some(({ taints }) => has(taints)),
    drop: (slice) => dropOfDevices(slice, ['taints']),
  },
  {
    inUse: (slice) =>
      has(slice.spec.sharedCounters) || slice.spec.perDeviceNodeSelection !== undefined || anyDevice(slice, partitionFields),
    drop(slice) {
      dropFields(slice.spec, ['sharedCounters', 'perDeviceNodeSelection'])
      dropOfDevices(slice, partitionFields)
    },
  },
  {
    inUse: (slice) => anyDevice(slice, bindingFields),
    drop: (slice) => dropOfDevices(slice, bindingFields),
  },
  {
    inUse: (slice) =>
      devicesOf(slice).some((d) => d.allowMultipleAllocations !== undefined || capacitiesOf(d).some((c) => c.requestPolicy !== undefined)),
    drop(slice) {
      for (const device of devicesOf(slice)) {
        delete device.allowMultipleAllocations
        for (const capacity of capacitiesOf(device)) delete capacity.requestPolicy
      }
    },
  },
]

/** Generations count what was sent: fields that are dropped afterwards included. */
export function prepareResourceSlice(next: ResourceSlice, prev: ResourceSlice | undefined): ResourceSlice {
  if (!prev || !sameValue(next.spec, prev.spec)) next.metadata.generation = (prev?.metadata.generation ?? 0) + 1
  for (const feature of featuresOff) if (!prev || !feature.inUse(prev)) feature.drop(next)
  return next
}

export function prepareDeviceClass(next: DeviceClass, prev: DeviceClass | undefined): DeviceClass {
  if (prev?.spec.extendedResourceName === undefined) delete next.spec.extendedResourceName
  return next
}

const exactly = (spec: ResourceClaimSpec) => (spec.devices.requests ?? []).flatMap(({ exactly: exact }) => (exact ? [exact] : []))
const wishes = (spec: ResourceClaimSpec) => [...exactly(spec), ...(spec.devices.requests ?? []).flatMap((r) => r.firstAvailable ?? [])]

function dropClaimFields(next: ResourceClaimSpec, prev: ResourceClaimSpec | undefined): void {
  const old = prev ? wishes(prev) : []
  const tolerates = old.some(({ tolerations }) => has(tolerations))
  const measures =
    old.some(({ capacity }) => capacity !== undefined) || (prev?.devices.constraints ?? []).some((c) => c.distinctAttribute !== undefined)
  for (const wish of wishes(next)) {
    if (!tolerates) delete wish.tolerations
    if (!measures) delete wish.capacity
  }
  if (!measures) for (const constraint of next.devices.constraints ?? []) delete constraint.distinctAttribute
}

export function prepareResourceClaim(next: ResourceClaim, prev: ResourceClaim | undefined): ResourceClaim {
  next.status = prev?.status ?? {}
  dropClaimFields(next.spec, prev?.spec)
  return next
}

interface DeviceId {
  driver: string
  pool: string
  device: string
}

const idOf = ({ driver, pool, device }: DeviceId): string => JSON.stringify([driver, pool, device])
const idsOf = (claim: ResourceClaim): string[] => (claim.status.allocation?.devices?.results ?? []).map(idOf)

/** What drivers said of devices that the claim gave back goes with them. */
export function prepareResourceClaimStatus(next: ResourceClaim, prev: ResourceClaim): ResourceClaim {
  next.spec = prev.spec
  keepMetadataOfStatus(next, prev)
  const { status } = next
  for (const result of status.allocation?.devices?.results ?? []) {
    dropFields(result, ['shareID', 'consumedCapacity', 'bindingConditions', 'bindingFailureConditions'])
  }
  for (const device of status.devices ?? []) delete device.shareID
  const held = new Set(idsOf(next))
  const given = new Set(idsOf(prev).filter((id) => !held.has(id)))
  const devices = (status.devices ?? []).filter((device) => !given.has(idOf(device)))
  if (devices.length > 0) status.devices = devices
  else delete status.devices
  return next
}

export function prepareResourceClaimTemplate(next: ResourceClaimTemplate, prev: ResourceClaimTemplate | undefined): ResourceClaimTemplate {
  dropClaimFields(next.spec.spec, prev?.spec.spec)
  return next
}
