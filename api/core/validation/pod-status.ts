/** Rules of a pod's status. */
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { ContainerStatus, PodCondition, PodResourceClaimStatus } from '#api/core/pod-status.ts'
import { shouldRestart } from '#api/core/rules/restart.ts'
import { duplicate, type FieldError, forbidden, invalid } from '#api/meta/field-error.ts'
import { parseIp, validateIpForLegacyField } from '#api/validation/addresses.ts'
import { checkDns1123Subdomain, checkGroupId, checkQualifiedName, checkUserId } from '#api/validation/names.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateAnnotationUpdate } from './pod.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import { toleratedBy } from './tolerated.ts'
import { immutableMessage, invalids } from './values.ts'

const generationMessage = 'must be a non-negative integer'
const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized'])

function validateConditions(conditions: readonly PodCondition[], path: string): FieldError[] {
  return conditions.flatMap(({ type, observedGeneration = 0 }, i) => [
    ...(observedGeneration < 0 ? [invalid(`${path}[${i}].observedGeneration`, observedGeneration, generationMessage)] : []),
    ...(systemConditions.has(type) ? [] : invalids(`${path}[${i}].Type`, type, checkQualifiedName(type))),
  ])
}

type MayRestart = (name: string, exitCode: number) => boolean

/** A container that ended stays ended unless its restart policy starts it again. */
function validateTransitions(
  next: readonly ContainerStatus[],
  prev: readonly ContainerStatus[],
  path: string,
  may: MayRestart,
): FieldError[] {
  return prev.flatMap((old, i) => {
    const ended = old.state?.terminated
    const now = next.find(({ name }) => name === old.name)
    if (!ended || !now || now.state?.terminated || may(old.name, ended.exitCode ?? 0)) return []
    return [forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state')]
  })
}

function restartsOf(spec: PodSpec, list: 'containers' | 'initContainers'): MayRestart {
  return (name, exitCode) => {
    const container = spec[list]?.find((candidate) => candidate.name === name)
    return container !== undefined && shouldRestart(container, spec, exitCode)
  }
}

function validateAddresses(addresses: readonly string[], prev: readonly string[], path: string): FieldError[] {
  const found = addresses.flatMap((address, i) => validateIpForLegacyField(`${path}[${i}]`, address, prev))
  if (addresses.length < 2) return found
  const wrong = addresses.findIndex((address) => !parseIp(address))
  if (wrong >= 0) {
    const message = `Internal error: failed to check for dual stack with error:invalid IP[${wrong}]: ${addresses[wrong]}`
    found.push({ reason: 'InternalError', field: path, message })
  }
  const families = new Set(addresses.map((address) => parseIp(address)?.family))
  if (wrong < 0 && families.size === 2 && addresses.length === 2) return found
  const shown = addresses.map((ip) => ({ IP: ip }))
  return [...found, invalid(path, shown, 'may specify no more than one IP for each IP family')]
}

function validateHostAddresses(next: Pod, prev: Pod): FieldError[] {
  const addresses = (next.status.hostIPs ?? []).map(({ ip }) => ip)
  const [first] = addresses
  if (first === undefined) return []
  const found = first === (next.status.hostIP ?? '') ? [] : [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')]
  const old = (prev.status.hostIPs ?? []).map(({ ip }) => ip)
  return [...found, ...validateAddresses(addresses, old, 'status.hostIPs')]
}

function validateUsers(statuses: readonly ContainerStatus[], path: string, os: string): FieldError[] {
  return statuses.flatMap(({ user }, i) => {
    const at = `${path}[${i}].user.linux`
    if (!user?.linux) return []
    if (os === 'windows') return [forbidden(at, 'cannot be set for a windows pod')]
    const { uid = 0, gid = 0, supplementalGroups = [] } = user.linux
    return [
      ...invalids(`${at}.uid`, uid, checkUserId(uid)),
      ...invalids(`${at}.gid`, gid, checkGroupId(gid)),
      ...supplementalGroups.flatMap((group, g) => invalids(`${at}.supplementalGroups[${g}]`, group, checkGroupId(group))),
    ]
  })
}

function validateClaims(statuses: readonly PodResourceClaimStatus[], spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, { name, resourceClaimName: claim }] of statuses.entries()) {
    const field = `${path}[${i}].name`
    if (!spec.resourceClaims?.some((candidate) => candidate.name === name)) {
      found.push(invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`'))
    }
    if (seen.has(name)) found.push(duplicate(field, name))
    seen.add(name)
    if (claim !== undefined) found.push(...invalids(field, claim, checkDns1123Subdomain(claim)))
  }
  return found
}

function validateNomination(next: Pod, prev: Pod): FieldError[] {
  const name = next.status.nominatedNodeName ?? ''
  const field = 'status.nominatedNodeName'
  if (name === '' || name === (prev.status.nominatedNodeName ?? '')) return []
  const found = invalids(field, name, checkDns1123Subdomain(name))
  if (prev.spec.nodeName) found.push(forbidden(field, 'may not be set on pods that are already bound to a node'))
  return found
}

export function validatePodStatus(next: Pod, prev: Pod): FieldError[] {
  const { status, spec } = next
  const tolerated = toleratedBy(prev.spec, prev.metadata)
  const found = [
    ...validateKubeFinalizers(next.metadata),
    ...validateAnnotationUpdate(next.metadata, prev.metadata),
    ...validatePodAnnotations(next.metadata, spec, tolerated.invalidDeletionCost),
    ...validateConditions(status.conditions ?? [], 'status.conditions'),
    ...validateNomination(next, prev),
  ]
  if ((status.observedGeneration ?? 0) < 0) found.push(invalid('status.observedGeneration', status.observedGeneration, generationMessage))
  const qos = status.qosClass ?? ''
  if (qos !== (prev.status.qosClass ?? '')) found.push(invalid('status.qosClass', qos, immutableMessage))
  const lists = [
    ['containerStatuses', restartsOf(prev.spec, 'containers')],
    ['initContainerStatuses', restartsOf(prev.spec, 'initContainers')],
    ['ephemeralContainerStatuses', () => false],
  ] as const
  for (const [name, may] of lists) found.push(...validateTransitions(status[name] ?? [], prev.status[name] ?? [], `status.${name}`, may))
  found.push(...validateClaims(status.resourceClaimStatuses ?? [], spec, 'status.resourceClaimStatuses'))
  const old = (prev.status.podIPs ?? []).map(({ ip }) => ip)
  found.push(
    ...validateAddresses(
      (status.podIPs ?? []).map(({ ip }) => ip),
      old,
      'status.podIPs',
    ),
  )
  found.push(...validateHostAddresses(next, prev))
  for (const [name] of lists) found.push(...validateUsers(status[name] ?? [], `status.${name}`, spec.os?.name ?? 'linux'))
  return found
}
