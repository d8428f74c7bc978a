/** Rules of what a claim got (upstream: pkg/apis/resource/validation). */
import { validateNodeSelector } from '#api/core/validation/affinity.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkLabelName, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required, tooLong, tooMany } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '#api/resource/resource-claim.ts'
import { validateDriverName } from '#api/storage/validation/csi.ts'
import { formatIp, parseCidr } from '#api/validation/addresses.ts'
import { validateConditions } from '#api/validation/conditions.ts'
import { byteLength } from '#api/validation/names.ts'
import { type RequestNames, requestNamesOf, validateConfigurationFor, validateRequestReference } from './claim.ts'
import { findRepeated, most, validateEach, validatePoolName, validateRawObject } from './names.ts'

const sources = ['FromClaim', 'FromClass']
const longest = { interfaceName: 256, hardwareAddress: 128 }

const validateConsumer = (consumer: ResourceClaimConsumerReference, at: string): FieldError[] =>
  (['resource', 'name', 'uid'] as const).filter((name) => consumer[name] === '').map((name) => required(`${at}.${name}`))

interface DeviceId {
  driver: string
  pool: string
  device: string
  shareID?: string | undefined
}

const idOf = ({ driver, pool, device, shareID }: DeviceId): string => `${driver}/${pool}/${device}${shareID ? `/${shareID}` : ''}`

/** As Go writes upstream's own struct. */
const goId = ({ driver, pool, device, shareID = '' }: DeviceId): object => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID,
})

function validateResult(result: DeviceRequestAllocationResult, at: string, names: RequestNames): FieldError[] {
  return [
    ...validateRequestReference(result.request, `${at}.request`, names),
    ...validateDriverName(result.driver, `${at}.driver`),
    ...validatePoolName(result.pool, `${at}.pool`),
    ...checkLabelName(`${at}.device`, result.device),
  ]
}

function validateAllocatedConfiguration(configuration: DeviceAllocationConfiguration, at: string, names: RequestNames): FieldError[] {
  const { source } = configuration
  const field = `${at}.source`
  const found = source === '' ? [required(field)] : sources.includes(source) ? [] : [notSupported(field, source, sources)]
  return [...found, ...validateConfigurationFor(configuration, at, names)]
}

function validateAllocation({ devices, nodeSelector }: AllocationResult, path: string, names: RequestNames): FieldError[] {
  const { results = [], config = [] } = devices ?? {}
  return [
    ...validateEach(results, `${path}.devices.results`, most.results, (one, at) => validateResult(one, at, names)),
    // those of the class and those of the claim
    ...validateEach(config, `${path}.devices.config`, 2 * most.configs, (one, at) => validateAllocatedConfiguration(one, at, names)),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`, false) : []),
  ]
}

function validateInterfaceAddress(field: string, text: string): FieldError[] {
  const cidr = parseCidr(text)
  if (!cidr) return [invalid(field, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')]
  const { address, prefixLength } = cidr
  const canonical = `${formatIp(address)}/${address.mapped && prefixLength > 32 ? prefixLength - 96 : prefixLength}`
  return text === canonical ? [] : [invalid(field, text, `must be in canonical form (${JSON.stringify(canonical)})`)]
}

function validateNetworkData(data: NetworkDeviceData | undefined, path: string): FieldError[] {
  const { interfaceName = '', hardwareAddress = '', ips = [] } = data ?? {}
  const found: FieldError[] = []
  if (byteLength(interfaceName) > longest.interfaceName) found.push(tooLong(`${path}.interfaceName`, longest.interfaceName))
  if (byteLength(hardwareAddress) > longest.hardwareAddress) found.push(tooLong(`${path}.hardwareAddress`, longest.hardwareAddress))
  found.push(...validateEach(ips, `${path}.ips`, most.ips, (ip, at) => validateInterfaceAddress(at, ip)))
  return ips.length > most.ips ? found : [...found, ...findRepeated(ips, `${path}.ips`, (ip) => ip)]
}

function validateDevice(device: AllocatedDeviceStatus, at: string, allocated: ReadonlySet<string>): FieldError[] {
  const conditions = device.conditions ?? []
  const found = [
    ...validateDriverName(device.driver, `${at}.driver`),
    ...validatePoolName(device.pool, `${at}.pool`),
    ...checkLabelName(`${at}.device`, device.device),
  ]
  if (!allocated.has(idOf(device))) found.push(invalid(at, goId(device), 'must be an allocated device in the claim'))
  if (conditions.length > most.conditions) found.push(tooMany(`${at}.conditions`, conditions.length, most.conditions))
  found.push(...validateConditions(conditions, `${at}.conditions`))
  if (device.data !== undefined) found.push(...validateRawObject(device.data, `${at}.data`))
  return [...found, ...validateNetworkData(device.networkData, `${at}.networkData`)]
}

function validateReserved(next: ResourceClaim, prev: ResourceClaim): FieldError[] {
  const field = 'status.reservedFor'
  const { reservedFor = [], allocation } = next.status
  if (reservedFor.length === 0) return []
  if (!allocation) return [forbidden(field, 'may not be specified when `allocated` is not set')]
  if (next.metadata.deletionTimestamp === undefined) return []
  const old = prev.status.reservedFor ?? []
  if (reservedFor.every((one) => old.some((other) => sameValue(one, other)))) return []
  return [forbidden(field, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
}

/** `shown` prints an allocation as upstream prints its own struct. */
export function validateResourceClaimStatus(
  next: ResourceClaim,
  prev: ResourceClaim,
  shown: (allocation: AllocationResult) => object,
): FieldError[] {
  const { reservedFor = [], devices = [], allocation } = next.status
  const field = 'status.reservedFor'
  const allocated = new Set((allocation?.devices?.results ?? []).map(idOf))
  const found = [
    ...validateKubeFinalizers(next.metadata),
    ...validateEach(reservedFor, field, most.reservedFor, validateConsumer),
    ...(reservedFor.length > most.reservedFor ? [] : findRepeated(reservedFor, field, ({ uid }) => uid)),
    ...devices.flatMap((device, i) => validateDevice(device, `status.devices[${i}]`, allocated)),
    ...findRepeated(devices, 'status.devices', idOf, goId),
    ...validateReserved(next, prev),
  ]
  if (!allocation) return found
  if (!prev.status.allocation) return [...found, ...validateAllocation(allocation, 'status.allocation', requestNamesOf(next.spec.devices))]
  if (sameValue(allocation, prev.status.allocation)) return found
  return [...found, invalid('status.allocation', shown(allocation), immutableMessage)]
}
