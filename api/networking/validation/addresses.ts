/** Rules of the addresses of services and their ranges (upstream: pkg/apis/networking/validation). */
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkSubdomainName, immutableMessage, invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { IPAddress, ParentReference } from '#api/networking/ip-address.ts'
import type { ServiceCIDR, ServiceCIDRSpec } from '#api/networking/service-cidr.ts'
import { parseCidr, validateCidr, validateIp } from '#api/validation/addresses.ts'
import { checkPathSegmentName } from '#api/validation/names.ts'

/** The canonical text of an address; upstream's messages without the value. */
export const checkAddressName = (name: string): string[] =>
  validateIp('', name).map(({ message }) => message.replace(`Invalid value: ${JSON.stringify(name)}: `, ''))

function validateParent(parent: ParentReference | undefined, path: string): FieldError[] {
  if (!parent) return [required(path)]
  const { group = '', resource = '', name = '', namespace = '' } = parent
  const segment = (field: string, text: string): FieldError[] => invalids(field, text, checkPathSegmentName(text))
  return [
    ...(group === '' ? [] : checkSubdomainName(`${path}.group`, group)),
    ...(resource === '' ? [required(`${path}.resource`)] : segment(`${path}.resource`, resource)),
    ...(name === '' ? [required(`${path}.name`)] : segment(`${path}.name`, name)),
    ...segment(`${path}.namespace`, namespace),
  ]
}

export function validateIPAddress(next: IPAddress, prev: IPAddress | undefined): FieldError[] {
  const field = 'spec.parentRef'
  const { parentRef } = next.spec
  const found = [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false, validateName: checkAddressName }),
    ...validateParent(parentRef, field),
  ]
  if (prev && !sameValue(parentRef, prev.spec.parentRef)) found.push(invalid(field, parentRef && goParent(parentRef), immutableMessage))
  return found
}

/** As Go writes upstream's own struct. */
const goParent = ({ group = '', resource = '', namespace = '', name = '' }: ParentReference): object => ({
  Group: group,
  Resource: resource,
  Namespace: namespace,
  Name: name,
})

const familyOf = (cidr: string | undefined): 4 | 6 | undefined => parseCidr(cidr ?? '')?.address.family

function validateRanges({ cidrs = [] }: ServiceCIDRSpec): FieldError[] {
  const path = 'spec.cidrs'
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const found = cidrs.flatMap((cidr, i) => validateCidr(`${path}[${i}]`, cidr))
  const family = familyOf(cidrs[0])
  if (cidrs.length === 2 && family !== undefined && family === familyOf(cidrs[1])) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    found.push(invalid(path, cidrs, why))
  }
  return found
}

/** A range may get one of the other family, nothing else. */
export function validateServiceCIDR(next: ServiceCIDR, prev: ServiceCIDR | undefined): FieldError[] {
  const path = 'spec.cidrs'
  const found = validateKubeFinalizers(next.metadata)
  if (!prev) return [...found, ...validateRanges(next.spec)]
  const [old, now] = [prev.spec.cidrs ?? [], next.spec.cidrs ?? []]
  const grows = old.length === 1 && now.length === 2
  if (old.length !== now.length && !grows) return [...found, invalid(path, next.spec.cidrs, immutableMessage)]
  for (const [i, cidr] of old.entries()) if (cidr !== now[i]) found.push(invalid(`${path}[${i}]`, now[i], immutableMessage))
  return grows ? [...found, ...validateRanges(next.spec)] : found
}
