/** Rules of a pod's settings beside its containers and volumes: names, DNS, tolerations, host, security. */
import { isMirror } from '#api/core/mirror-pod.ts'
import type { HostAlias, PodDNSConfig, PodResourceClaim, PodSpec, Toleration } from '#api/core/pod-spec.ts'
import type { PodSecurityContext } from '#api/core/security-context.ts'
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { validateIpForLegacyField } from '#api/validation/addresses.ts'
import { byteLength, checkDns1123SubdomainWithUnderscore, checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'
import { validateLabelName } from '#api/validation/object-meta.ts'
import { containersWithPaths } from './operating-system.ts'
import { validateAppArmor, validatePodIds, validateSeccomp, validateWindowsOptions } from './security-context.ts'
import { checkLabelName, checkSubdomainName, invalids } from './values.ts'

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function validateTolerationOperator(toleration: Toleration, path: string): FieldError[] {
  const { operator = '', value = '' } = toleration
  const field = `${path}.operator`
  switch (operator) {
    case '':
    case 'Equal': {
      const messages = checkLabelValue(value)
      return messages.length === 0 ? [] : [invalid(field, value, messages.join(';'))]
    }
    case 'Exists':
      return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'")]
    case 'Lt':
    case 'Gt':
      return [notSupported(field, operator, ['Equal', 'Exists', 'Lt', 'Gt'])]
    default:
      return [notSupported(field, operator, ['Equal', 'Exists'])]
  }
}

export function validateTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  const found: FieldError[] = []
  for (const [i, toleration] of tolerations.entries()) {
    const at = `${path}[${i}]`
    const { key, operator = '', effect = '' } = toleration
    if (key) found.push(...validateLabelName(key, `${at}.key`))
    else if (operator !== 'Exists') {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      found.push(invalid(`${at}.operator`, operator, text))
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      found.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    found.push(...validateTolerationOperator(toleration, at))
    if (effect && !taintEffects.includes(effect)) found.push(notSupported(`${at}.effect`, effect, taintEffects))
  }
  return found
}

const most = { nameservers: 3, searches: 32, searchBytes: 2048 }

export function validateDNSConfig(config: PodDNSConfig | undefined, policy: string | undefined, path: string): FieldError[] {
  const nameservers = config?.nameservers ?? []
  const searches = config?.searches ?? []
  if (policy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (nameservers.length === 0) {
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
    }
  }
  const found: FieldError[] = []
  if (nameservers.length > most.nameservers) {
    found.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${most.nameservers} nameservers`))
  }
  for (const [i, address] of nameservers.entries()) found.push(...validateIpForLegacyField(`${path}.nameservers[${i}]`, address))
  if (searches.length > most.searches) {
    found.push(invalid(`${path}.searches`, searches, `must not have more than ${most.searches} search paths`))
  }
  if (byteLength(searches.join(' ')) > most.searchBytes) {
    const text = `must not have more than ${most.searchBytes} characters (including spaces) in the search list`
    found.push(invalid(`${path}.searches`, searches, text))
  }
  for (const [i, search] of searches.entries()) {
    const name = search.endsWith('.') ? search.slice(0, -1) : search
    if (search !== '.') found.push(...invalids(`${path}.searches[${i}]`, name, checkDns1123SubdomainWithUnderscore(name)))
  }
  for (const [i, option] of (config?.options ?? []).entries()) {
    if (!option.name) found.push(required(`${path}.options[${i}]`, 'must not be empty'))
  }
  return found
}

export function validateHostAliases(aliases: readonly HostAlias[], path: string): FieldError[] {
  return aliases.flatMap(({ ip, hostnames }, i) => [
    ...validateIpForLegacyField(`${path}[${i}].ip`, ip ?? ''),
    ...(hostnames ?? []).flatMap((name, j) => checkSubdomainName(`${path}[${i}].hostnames[${j}]`, name)),
  ])
}

const longestSysctl = 253
const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlPattern = `^(${sysctlSegment}[\\./])*${sysctlSegment}$`
const sysctlShape = new RegExp(sysctlPattern)

/** The namespace that isolates a sysctl, if any. */
function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  const dotted = name.replaceAll('/', '.')
  if (dotted.startsWith('net.')) return 'net'
  if (dotted === 'kernel.sem' || /^(kernel\.(shm|msg)|fs\.mqueue\.)/.test(dotted)) return 'ipc'
  return undefined
}

/** A pod on the host's network or IPC namespace would set the host's own values. */
export function hostSysctlErrors(name: string, spec: PodSpec, field: string): FieldError[] {
  const namespace = sysctlNamespace(name)
  if (spec.hostNetwork && namespace === 'net') return [invalid(field, name, "may not be specified when 'hostNetwork' is true")]
  if (spec.hostIPC && namespace === 'ipc') return [invalid(field, name, "may not be specified when 'hostIPC' is true")]
  return []
}

function validateSysctls(spec: PodSpec, path: string, hostAllowed: boolean): FieldError[] {
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const field = `${path}[${i}].name`
    if (!name) found.push(required(field))
    else if (byteLength(name) > longestSysctl || !sysctlShape.test(name)) {
      found.push(invalid(field, name, `must have at most ${longestSysctl} characters and match regex ${sysctlPattern}`))
    } else if (names.has(name)) found.push(duplicate(field, name))
    if (!hostAllowed) found.push(...hostSysctlErrors(name ?? '', spec, field))
    names.add(name ?? '')
  }
  return found
}

const oneOf = (field: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)]

export function validatePodSecurity(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  path: string,
  hostSysctls: boolean,
): FieldError[] {
  if (!context) return []
  const found = validatePodIds(context, path)
  if (spec.shareProcessNamespace && spec.hostPID) {
    found.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  return [
    ...found,
    ...validateSysctls(spec, `${path}.sysctls`, hostSysctls),
    ...oneOf(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOf(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...oneOf(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
  ]
}

export function validateHostUsers(spec: PodSpec, path: string, prev: PodSpec | undefined): FieldError[] {
  if (spec.hostUsers !== false) return []
  const text = 'when `hostUsers` is false'
  const found: FieldError[] = []
  if (spec.hostNetwork) found.push(forbidden(`${path}.hostNetwork`, text))
  if (spec.hostPID) found.push(forbidden(`${path}.HostPID`, text))
  if (spec.hostIPC) found.push(forbidden(`${path}.HostIPC`, text))
  const hadDevices = prev?.hostUsers === false && containersWithPaths(prev, '').some(([container]) => container.volumeDevices?.length)
  if (hadDevices) return found
  for (const [container, at] of containersWithPaths(spec, path)) {
    if (container.volumeDevices?.length) found.push(forbidden(`${at}.volumeDevices`, text))
  }
  return found
}

const longestHostname = 64

export function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const name = spec.hostnameOverride
  if (name === undefined) return []
  const field = `${path}.hostnameOverride`
  const found: FieldError[] = []
  if (spec.setHostnameAsFQDN) found.push(forbidden(field, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) found.push(forbidden(field, 'may not be specified when hostNetwork is true'))
  if (byteLength(name) > longestHostname) found.push(tooLong(field, longestHostname))
  return [...found, ...checkSubdomainName(field, name)]
}

export function validateHostNetworkPorts(spec: PodSpec, path: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return []
  return (spec.containers ?? []).flatMap((container, c) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort }, p) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalid(`${path}.containers[${c}].ports[${p}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  )
}

export function validateGates(spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    found.push(...invalids(`${path}.readinessGates[${i}].conditionType`, conditionType ?? '', checkQualifiedName(conditionType ?? '')))
  }
  const seen = new Set<string>()
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    const field = `${path}.schedulingGates[${i}]`
    found.push(...invalids(field, name ?? '', checkQualifiedName(name ?? '')))
    if (seen.has(name)) found.push(duplicate(field, name))
    seen.add(name)
  }
  return found
}

export function validateResourceClaims(claims: readonly PodResourceClaim[], path: string, meta: ObjectMeta): FieldError[] {
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, claim] of claims.entries()) {
    const at = `${path}[${i}]`
    if (isMirror({ metadata: meta })) {
      found.push(forbidden('[]', 'static pods do not support resource claims'))
      continue
    }
    const { name, resourceClaimName: claimName, resourceClaimTemplateName: template } = claim
    if (!name) found.push(required(`${at}.name`))
    else if (names.has(name)) found.push(duplicate(`${at}.name`, name))
    else found.push(...checkLabelName(`${at}.name`, name))
    names.add(name)
    // upstream prints its own struct
    const shown = { Name: name, ResourceClaimName: claimName ?? null, ResourceClaimTemplateName: template ?? null }
    if (claimName !== undefined && template !== undefined) {
      found.push(invalid(at, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    }
    if (claimName === undefined && template === undefined) {
      found.push(invalid(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    }
    if (claimName !== undefined) found.push(...checkSubdomainName(`${at}.resourceClaimName`, claimName))
    if (template !== undefined) found.push(...checkSubdomainName(`${at}.resourceClaimTemplateName`, template))
  }
  return found
}

/** A variable from a file needs an emptyDir in which the file stands. */
export function validateFileKeyVolumes(spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  for (const [container, at] of containersWithPaths(spec, path)) {
    for (const [i, { valueFrom }] of (container.env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName
      if (name === undefined) continue
      const field = `${at}.env[${i}].valueFrom.fileKeyRef.volumeName`
      const volume = spec.volumes?.find((candidate) => candidate.name === name)
      if (!volume) found.push(notFound(field, name))
      else if (!volume.emptyDir) found.push(invalid(field, name, 'referenced volume must be of type emptyDir'))
    }
  }
  return found
}
