/** What pods of one operating system may not set. */
import type { Container, EphemeralContainer } from '#api/core/container.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { type FieldError, forbidden, invalid } from '#api/meta/field-error.ts'
import { requireOneOf } from './values.ts'

type AnyContainer = Container | EphemeralContainer

/** All containers with their paths, in the order in which upstream visits them. */
export function containersWithPaths(spec: PodSpec, path: string): [AnyContainer, string][] {
  const found: [AnyContainer, string][] = []
  for (const name of containerLists) {
    const containers = spec[name]
    if (containers) for (let i = 0; i < containers.length; i++) found.push([containers[i] as AnyContainer, `${path}.${name}[${i}]`])
  }
  return found
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const

const podFields = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const
const podContextFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const
const containerContextFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

function validateWindows(spec: PodSpec, path: string): FieldError[] {
  const text = 'cannot be set for a windows pod'
  const context = spec.securityContext ?? {}
  const inContext = (name: (typeof podContextFields)[number]): FieldError[] =>
    context[name] === undefined ? [] : [forbidden(`${path}.securityContext.${name}`, text)]
  const inPod = (name: (typeof podFields)[number]): FieldError[] => {
    const set = name === 'hostPID' || name === 'hostIPC' ? spec[name] === true : spec[name] !== undefined
    return set ? [forbidden(`${path}.${name}`, text)] : []
  }
  const [appArmor, seLinux, seccomp, group, groupPolicy, sysctls, ...others] = podContextFields
  return [
    ...[appArmor, seLinux].flatMap(inContext),
    ...(['hostUsers', 'hostPID', 'hostIPC'] as const).flatMap(inPod),
    ...[seccomp, group, groupPolicy, sysctls].flatMap(inContext),
    ...inPod('shareProcessNamespace'),
    ...others.flatMap(inContext),
    ...containersWithPaths(spec, path).flatMap(([container, at]) =>
      containerContextFields
        .filter((name) => container.securityContext?.[name] !== undefined)
        .map((name) => forbidden(`${at}.securityContext.${name}`, text)),
    ),
  ]
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const text = 'windows options cannot be set for a linux pod'
  const holders: [{ securityContext?: { windowsOptions?: unknown } | undefined }, string][] = [
    [spec, path],
    ...containersWithPaths(spec, path),
  ]
  return holders
    .filter(([holder]) => holder.securityContext?.windowsOptions !== undefined)
    .map(([, at]) => forbidden(`${at}.securityContext.windowsOptions`, text))
}

export function validateOS(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return []
  const found = requireOneOf(`${path}.os.name`, spec.os.name, ['linux', 'windows'])
  // upstream reports an unknown system at `os` itself
  if (found.length > 0) return spec.os.name ? found.map((error) => ({ ...error, field: `${path}.os` })) : found
  return spec.os.name === 'linux' ? validateLinux(spec, path) : validateWindows(spec, path)
}

export function validateWindowsHostProcess(spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const containers = containersWithPaths(spec, path)
  let count = 0
  for (const [container, at] of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      found.push(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, text))
    }
    if (own ?? ofPod) count++
  }
  if (count === 0) return found
  if (count !== containers.length) {
    found.push(invalid(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  }
  if (!spec.hostNetwork) {
    found.push(invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'))
  }
  return found
}
