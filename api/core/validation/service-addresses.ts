/** Rules of a service's cluster IPs and address families, and of their change. */
import { isHeadless } from '#api/core/rules/service.ts'
import type { ServiceSpec } from '#api/core/service.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { parseIp, validateIpForLegacyField } from '#api/validation/addresses.ts'

const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const onceSet = 'may not change once set'

export const isHeadlessSpec = (spec: ServiceSpec): boolean =>
  isHeadless(spec) || (spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None')

function validateSingular(spec: ServiceSpec, field: string): FieldError[] {
  const addresses = spec.clusterIPs ?? []
  if (!spec.clusterIP) {
    return addresses.length === 0 ? [] : [invalid(field, addresses, 'must be empty when `clusterIP` is not specified')]
  }
  if (addresses.length === 0) return [required(field)]
  return addresses[0] === spec.clusterIP ? [] : [invalid(field, addresses, 'first value must match `clusterIP`')]
}

function validateFamilies(spec: ServiceSpec): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    const field = `spec.ipFamilies[${i}]`
    if (!families.includes(family)) found.push(notSupported(field, family, families))
    if (seen.has(family)) found.push(duplicate(field, family))
    seen.add(family)
  }
  const policy = spec.ipFamilyPolicy
  if (policy !== undefined && !policies.includes(policy)) found.push(notSupported('spec.ipFamilyPolicy', policy, policies))
  return found
}

function validateSyntax(addresses: readonly string[], old: readonly string[], field: string): FieldError[] {
  return addresses.flatMap((address, i) => {
    if (i !== 0 || address !== 'None') return validateIpForLegacyField(`${field}[${i}]`, address, old)
    return addresses.length > 1 ? [invalid(field, addresses, "'None' must be the first and only value")] : []
  })
}

function validateMatch(spec: ServiceSpec, field: string): FieldError[] {
  if (isHeadlessSpec(spec)) return []
  return (spec.clusterIPs ?? []).flatMap((address, i) => {
    const family = spec.ipFamilies?.[i]
    const isV6 = address.includes(':') && parseIp(address)?.family === 6
    const wrong = (family === 'IPv4' && isV6) || (family === 'IPv6' && !isV6)
    return wrong ? [invalid(`${field}[${i}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``)] : []
  })
}

export function validateAddresses(spec: ServiceSpec, prev: ServiceSpec | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const field = 'spec.clusterIPs'
  const addresses = spec.clusterIPs ?? []
  const found = [...validateSingular(spec, field), ...validateFamilies(spec)]
  const syntax = validateSyntax(addresses, prev?.clusterIPs ?? [], field)
  found.push(...syntax)
  if (addresses.length > 2) found.push(invalid(field, addresses, 'may only hold up to 2 values'))
  if (syntax.length > 0) return found
  const kinds = new Set(addresses.map((address) => parseIp(address)?.family))
  if (addresses.length > 1 && kinds.size < 2) {
    found.push(invalid(field, addresses, 'may specify no more than one IP for each IP family'))
  }
  return [...found, ...validateMatch(spec, field)]
}

interface ListChange {
  field: string
  now: readonly string[]
  was: readonly string[]
  /** What the message shows. */
  shown: readonly string[]
}

function validateReleased({ field, now, was, shown }: ListChange, spec: ServiceSpec, noun: string): FieldError[] {
  const found: FieldError[] = []
  const empty = (spec.clusterIPs ?? []).length === 0
  if (empty) found.push(invalid(`${field}[0]`, now, `primary ${noun} can not be unset`))
  if (now.length > 0 && now[0] !== was[0]) found.push(invalid(`${field}[0]`, shown, onceSet))
  if (now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const text = `must be set to 'SingleStack' when releasing the secondary ${noun}`
    found.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, text))
  }
  return found
}

export function validateClusterIPChange(next: ServiceSpec, prev: ServiceSpec): FieldError[] {
  if (next.type === 'ExternalName' || prev.type === 'ExternalName') return []
  if (isHeadlessSpec(next) && isHeadlessSpec(prev)) return []
  const field = 'spec.clusterIPs'
  const [now, was] = [next.clusterIPs ?? [], prev.clusterIPs ?? []]
  if (now.length === was.length) {
    return was.flatMap((address, i) => (address === now[i] ? [] : [invalid(`${field}[${i}]`, now, onceSet)]))
  }
  if (now.length < was.length) return validateReleased({ field, now, was, shown: now }, next, 'clusterIP')
  return was.length > 0 && now[0] !== was[0] ? [invalid(`${field}[0]`, now, onceSet)] : []
}

export function validateFamilyChange(next: ServiceSpec, prev: ServiceSpec): FieldError[] {
  if (next.type === 'ExternalName' || prev.type === 'ExternalName') return []
  if (isHeadlessSpec(next) || isHeadlessSpec(prev)) return []
  const field = 'spec.ipFamilies'
  const [now, was] = [next.ipFamilies ?? [], prev.ipFamilies ?? []]
  const shown = next.clusterIPs ?? []
  if (now.length === was.length) {
    return was.flatMap((family, i) => (family === now[i] ? [] : [invalid(`${field}[0]`, now, onceSet)]))
  }
  if (now.length < was.length) return validateReleased({ field, now, was, shown }, next, 'ipFamily')
  return was.length > 0 && now[0] !== was[0] ? [invalid(`${field}[0]`, shown, onceSet)] : []
}
