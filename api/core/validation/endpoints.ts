/** Rules of endpoints. */
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '#api/core/endpoints.ts'
import { type FieldError, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateIpForLegacyField } from '#api/validation/addresses.ts'
import { checkPortNumber, checkQualifiedName } from '#api/validation/names.ts'
import { protocols } from './containers.ts'
import { validateEndpointIP } from './endpoint-address.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { checkLabelName, checkSubdomainName, invalids, requireOneOf } from './values.ts'

function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  return [
    ...validateIpForLegacyField(`${path}.ip`, address.ip ?? ''),
    ...(address.hostname ? checkLabelName(`${path}.hostname`, address.hostname) : []),
    ...(address.nodeName === undefined ? [] : checkSubdomainName(`${path}.nodeName`, address.nodeName)),
    ...validateEndpointIP(`${path}.ip`, address.ip ?? ''),
  ]
}

function validatePort(port: EndpointPort, path: string, nameRequired: boolean): FieldError[] {
  const { name, protocol, appProtocol } = port
  return [
    ...(name ? checkLabelName(`${path}.name`, name) : nameRequired ? [required(`${path}.name`)] : []),
    ...invalids(`${path}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0)),
    ...requireOneOf(`${path}.protocol`, protocol, protocols),
    ...(appProtocol === undefined ? [] : invalids(`${path}.appProtocol`, appProtocol, checkQualifiedName(appProtocol))),
  ]
}

function validateSubset(subset: EndpointSubset, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  return [
    ...(addresses.length + notReadyAddresses.length === 0 ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...addresses.flatMap((address, i) => validateAddress(address, `${path}.addresses[${i}]`)),
    ...notReadyAddresses.flatMap((address, i) => validateAddress(address, `${path}.notReadyAddresses[${i}]`)),
    ...ports.flatMap((port, i) => validatePort(port, `${path}.ports[${i}]`, ports.length > 1)),
  ]
}

export function validateEndpoints(next: Endpoints, prev: Endpoints | undefined): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  // what was stored under older rules may stay as long as nobody touches it
  if (prev && sameValue(next.subsets, prev.subsets)) return found
  return [...found, ...(next.subsets ?? []).flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`))]
}
