/** Address families of a service: its policy, families and the fit of what the user wrote (pure; upstream: service/storage/alloc.go). */
import type { Service, ServiceSpec } from '#api/core/service.ts'
import { validateAddresses } from '#api/core/validation/service-addresses.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { parseIp } from '#api/validation/addresses.ts'
import type { Family } from './service-range.ts'

const familyOf = (address: string): Family => (parseIp(address)?.family === 6 ? 'IPv6' : 'IPv4')
const other = (family: string): Family => (family === 'IPv4' ? 'IPv6' : 'IPv4')

/** Brings clusterIP and clusterIPs in step where the user changed one of them. */
export function normalizeClusterIps(next: ServiceSpec, prev: ServiceSpec | undefined): void {
  const listed = next.clusterIPs?.length ?? 0
  if (!prev) {
    if (next.clusterIP && listed === 0) next.clusterIPs = [next.clusterIP]
    return
  }
  const [now = '', was = ''] = [next.clusterIP, prev.clusterIP]
  if ((prev.clusterIPs?.length ?? 0) > 0 && listed === 0 && now === was) next.clusterIPs = [...(prev.clusterIPs ?? [])]
  if (now === was || !sameValue(next.clusterIPs, prev.clusterIPs)) return
  if (was !== '' && now === '') delete next.clusterIPs
  else next.clusterIPs = [now]
}

/** Fills policy and families; returns what does not fit together. */
export function fillFamilies(next: Service, prev: Service | undefined, configured: readonly Family[]): FieldError[] {
  const { spec } = next
  if (spec.type === 'ExternalName') return []
  const headlessBare = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= prev?.spec.ipFamilyPolicy ?? (headlessBare ? 'RequireDualStack' : 'SingleStack')
  const wrong = validateAddresses(spec, prev?.spec)
  if (wrong.length > 0) return wrong
  const errors = [...(prev ? reduced(spec, prev.spec) : []), ...tooMany(spec), ...addFamiliesOfAddresses(spec, configured)]
  if (errors.length > 0) return errors
  const families = spec.ipFamilies ?? []
  spec.ipFamilies = families
  if (headlessBare) {
    if (families.length === 0) families.push(configured[0] ?? 'IPv4')
    if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') families.push(other(families[0] ?? 'IPv4'))
    return []
  }
  const unfit = notConfigured(spec, configured)
  if (unfit.length > 0) return unfit
  if (families.length === 0) families.push(configured[0] ?? 'IPv4')
  if (spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1 && configured.length === 2) families.push(other(families[0] ?? 'IPv4'))
  return []
}

/** SingleStack lets go of a second address and family that was only carried along; other policies must not lose one. */
function reduced(spec: ServiceSpec, prev: ServiceSpec): FieldError[] {
  const sameIps = sameValue(spec.clusterIPs, prev.clusterIPs)
  const sameFamilies = sameValue(spec.ipFamilies, prev.ipFamilies)
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (sameIps && (spec.clusterIPs?.length ?? 0) > 1) spec.clusterIPs = spec.clusterIPs?.slice(0, 1) ?? []
    if (sameFamilies && (spec.ipFamilies?.length ?? 0) > 1) spec.ipFamilies = spec.ipFamilies?.slice(0, 1) ?? []
    return []
  }
  const errors: FieldError[] = []
  const lost = (now: readonly string[] = [], was: readonly string[] = []): boolean => now.length > 0 && now.length < was.length
  if (lost(spec.clusterIPs, prev.clusterIPs))
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"))
  if (lost(spec.ipFamilies, prev.ipFamilies))
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"))
  return errors
}

function tooMany(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return []
  const words = (what: string): string => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
  const errors: FieldError[] = []
  if ((spec.clusterIPs?.length ?? 0) === 2) errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, words('cluster IPs')))
  if ((spec.ipFamilies?.length ?? 0) === 2) errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, words('IP families')))
  return errors
}

/** An address that the user asked for says its family. */
function addFamiliesOfAddresses(spec: ServiceSpec, configured: readonly Family[]): FieldError[] {
  const errors: FieldError[] = []
  const families = [...(spec.ipFamilies ?? [])]
  for (const [i, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None') break
    if (i < families.length || parseIp(address) === undefined) continue
    const family = familyOf(address)
    if (configured.includes(family)) families.push(family)
    else errors.push(invalid(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`))
  }
  if (families.length > 0) spec.ipFamilies = families
  return errors
}

function notConfigured(spec: ServiceSpec, configured: readonly Family[]): FieldError[] {
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2)
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  for (const [i, family] of (spec.ipFamilies ?? []).entries())
    if (!configured.includes(family as Family)) errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'))
  return errors
}
