/** Texts for the Warning header where a pod or template is legal but unwise (upstream: pkg/api/pod/warnings.go). */
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { canonicalQuantity, milliValue } from '#api/meta/quantity.ts'
import { warningsForIp } from '#api/validation/addresses.ts'
import { checkDns1123Label, checkLabelValue } from '#api/validation/names.ts'
import type { Affinity, NodeSelectorTerm, PodAffinity } from './affinity.ts'
import { podAppArmorWarnings, templateAppArmorWarnings } from './app-armor.ts'
import type { ContainerPort } from './container.ts'
import type { EnvVar } from './env.ts'
import type { Pod } from './pod.ts'
import type { PodSpec, PodTemplateSpec } from './pod-spec.ts'
import { containersWithPaths } from './validation/operating-system.ts'
import { overlapWarnings } from './volume-warnings.ts'

const deprecatedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}
const deprecatedAnnotations: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]
const noSelector = 'a null labelSelector results in matching no pod'
/** Why a label of nodes should not be used any more; undefined where nothing is wrong with it. */
export const labelFault = (key: string): string | undefined => (Object.hasOwn(deprecatedLabels, key) ? deprecatedLabels[key] : undefined)

/** Old names of labels in a node selector; where `withValues` is set, wrong values too. */
export function termWarnings(term: NodeSelectorTerm, path: string, withValues: boolean): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key, values }, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const fault = labelFault(key)
    const found = fault === undefined ? [] : [`${at}.key: ${key} is ${fault}`]
    if (!withValues) return found
    const wrong = (values ?? []).flatMap((value, v) =>
      checkLabelValue(value).map((text) => `${at}.values[${v}]: ${value} is invalid, ${text}`),
    )
    return [...found, ...wrong]
  })
}

function nodeWarnings(spec: PodSpec, path: string): string[] {
  const affinity = spec.affinity?.nodeAffinity
  if (affinity === undefined && spec.nodeSelector === undefined) return []
  const requiredPath = `${path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  const preferredPath = `${path}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
      const fault = labelFault(key)
      return fault === undefined ? [] : [`${path}.nodeSelector[${key}]: ${fault}`]
    }),
    ...terms.flatMap((term, i) => termWarnings(term, `${requiredPath}[${i}]`, false)),
    ...preferred.flatMap(({ preference }, i) => termWarnings(preference ?? {}, `${preferredPath}[${i}].preference`, true)),
  ]
}

function spreadWarnings(spec: PodSpec, path: string): string[] {
  return (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, i) => {
    const at = `${path}.topologySpreadConstraints[${i}]`
    const fault = labelFault(topologyKey)
    const found = fault === undefined ? [] : [`${at}.topologyKey: ${topologyKey} is ${fault}`]
    return labelSelector ? found : [...found, `${at}.labelSelector: ${noSelector}`]
  })
}

const volumeFaults = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const

const faultySources = Object.entries(volumeFaults) as [keyof typeof volumeFaults, string][]

function volumeWarnings(spec: PodSpec, path: string): string[] {
  const found: string[] = []
  const claims: string[] = []
  const overlaps: string[] = []
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    for (const [name, fault] of faultySources) {
      if (volume[name] !== undefined) found.push(`${path}.volumes[${i}].${name === 'storageos' ? 'storageOS' : name}: ${fault}`)
    }
    const amounts = volume.ephemeral?.volumeClaimTemplate?.spec.resources
    if (amounts) {
      const at = `${path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec.resources`
      claims.push(...fractionWarnings(amounts.requests, `${at}.requests`), ...fractionWarnings(amounts.limits, `${at}.limits`))
    }
    overlaps.push(...overlapWarnings(volume))
  }
  return [...found, ...claims, ...overlaps]
}

function repeated(values: readonly string[], path: string, word: string): string[] {
  if (values.length < 2) return []
  const [list, field] = path.split('[]')
  const seen = new Set<string>()
  return values.flatMap((value, i) => {
    const again = seen.has(value)
    seen.add(value)
    return again ? [`${list}[${i}]${field}: duplicate ${word} ${JSON.stringify(value)}`] : []
  })
}

const countedInBytes = ['memory', 'ephemeral-storage', 'storage']

function fractionWarnings(amounts: Readonly<Record<string, string>> | undefined, path: string): string[] {
  if (amounts === undefined) return []
  return countedInBytes.flatMap((name) => {
    const amount = amounts[name]
    if (amount === undefined || milliValue(amount) % 1000 === 0) return []
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(canonicalQuantity(amount))} is invalid, must be an integer`]
  })
}

/** A variable that is set twice hides the first, unless it builds upon it. */
function envWarnings(variables: readonly EnvVar[], path: string): string[] {
  if (variables.length < 2) return []
  const seen = new Set<string>()
  return variables.flatMap(({ name, value = '', valueFrom }, i) => {
    const again = seen.has(name)
    seen.add(name)
    const reference = `$(${name})`
    if (!again || (!valueFrom && value !== reference && value.includes(reference))) return []
    return [`${path}[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`]
  })
}

function containerWarnings(spec: PodSpec, meta: ObjectMeta, path: { spec: string; meta: string }): string[] {
  const found: string[] = []
  for (const [container, at] of containersWithPaths(spec, path.spec)) {
    const key = `container.seccomp.security.alpha.kubernetes.io/${container.name}`
    const annotated = meta.annotations?.[key] !== undefined && !container.securityContext?.seccompProfile
    if (annotated) found.push(`${path.meta}.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
    found.push(
      ...fractionWarnings(container.resources?.limits, `${at}.resources.limits`),
      ...fractionWarnings(container.resources?.requests, `${at}.resources.requests`),
      ...envWarnings(container.env ?? [], `${at}.env`),
    )
  }
  return found
}

function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIP] = [port.hostIP ?? '', other.hostIP ?? '']
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0]
  if (ip === otherIP && host === otherHost) return 'duplicate port definition with'
  if (host === 0 || otherHost === 0) return 'overlapping port definition with'
  if (host === otherHost && (ip === '') !== (otherIP === '')) return 'dangerously ambiguous port definition with'
  return undefined
}

/** As Go prints the struct. */
function printed({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
}

/** So many pairs of ports with the same number are looked at: a pod of tens of thousands would keep the server busy, and nobody reads so many warnings. */
const maxPairs = 20_000

function portWarnings(spec: PodSpec, path: string): string[] {
  const found: string[] = []
  const seen = new Map<string, { at: string; port: ContainerPort }[]>()
  let pairs = 0
  const names = new Map<string, string>()
  const repeats: string[] = []
  for (const [container, at] of containersWithPaths(spec, path)) {
    for (const [i, port] of (container.ports ?? []).entries()) {
      const field = `${at}.ports[${i}]`
      if (port.hostIP && !port.hostPort) found.push(`${field}: hostIP set without hostPort: ${printed(port)}`)
      const key = `${port.containerPort}/${port.protocol ?? ''}`
      const others = seen.get(key) ?? []
      seen.set(key, others)
      for (const other of others) {
        if (++pairs > maxPairs) break
        const text = clash(port, other.port)
        if (text !== undefined) found.push(`${field}: ${text} ${other.at}`)
      }
      others.push({ at: field, port })
      const first = port.name ? names.get(port.name) : undefined
      if (first !== undefined) {
        const name = JSON.stringify(port.name)
        repeats.push(`${field}: duplicate port name ${name} with ${first}, services and probes that select ports by name will use ${first}`)
      } else if (port.name) names.set(port.name, field)
    }
  }
  return [...found, ...repeats]
}

function neighbourWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  if (affinity === undefined) return []
  const terms = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const weighted = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return [
    ...terms.flatMap(({ labelSelector }, i) =>
      labelSelector ? [] : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${noSelector}`],
    ),
    ...weighted.flatMap(({ podAffinityTerm: term }, i) => {
      const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector`
      return term?.labelSelector ? [] : [`${at}: ${noSelector}`]
    }),
  ]
}

function affinityWarnings(affinity: Affinity | undefined, path: string): string[] {
  return [
    ...neighbourWarnings(affinity?.podAffinity, `${path}.podAffinity`),
    ...neighbourWarnings(affinity?.podAntiAffinity, `${path}.podAntiAffinity`),
  ]
}

function annotationWarnings(meta: ObjectMeta, path: string): string[] {
  return deprecatedAnnotations
    .filter(([key]) => meta.annotations?.[key] !== undefined)
    .map(([key, text]) => `${path}.annotations[${key}]: ${text}`)
}

function listWarnings(spec: PodSpec, path: string): string[] {
  const secrets = (spec.imagePullSecrets ?? []).map(({ name }) => name ?? '')
  return [
    ...repeated(
      (spec.hostAliases ?? []).map(({ ip }) => ip),
      `${path}.hostAliases[].ip`,
      'ip',
    ),
    ...repeated(secrets, `${path}.imagePullSecrets[].name`, 'name'),
    ...secrets.flatMap((name, i) => (name === '' ? [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`] : [])),
    ...fractionWarnings(spec.overhead, `${path}.overhead`),
  ]
}

function specWarnings(spec: PodSpec, meta: ObjectMeta, prefix: string): string[] {
  const [path, metaPath] = [`${prefix}spec`, `${prefix}metadata`]
  const seccomp = 'seccomp.security.alpha.kubernetes.io/pod'
  const annotated = meta.annotations?.[seccomp] !== undefined && !spec.securityContext?.seccompProfile
  return [
    ...nodeWarnings(spec, path),
    ...spreadWarnings(spec, path),
    ...annotationWarnings(meta, metaPath),
    ...volumeWarnings(spec, path),
    ...listWarnings(spec, path),
    ...(annotated ? [`${metaPath}.annotations[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`] : []),
    ...containerWarnings(spec, meta, { spec: path, meta: metaPath }),
    ...portWarnings(spec, path),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec.affinity, `${path}.affinity`),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, i) => warningsForIp(`${path}.dnsConfig.nameservers[${i}]`, ip)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, i) => warningsForIp(`${path}.hostAliases[${i}].ip`, ip)),
  ]
}

/** Only new pods are looked at: people seldom touch a pod after that. */
export function podWarnings(next: Pod, prev: Pod | undefined): string[] {
  if (prev) return []
  const messages = checkDns1123Label(next.metadata.name ?? '')
  const text = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: "
  return [
    ...podAppArmorWarnings(next.spec, next.metadata),
    ...(messages.length > 0 ? [`${text}[${messages.join(' ')}]`] : []),
    ...specWarnings(next.spec, next.metadata, ''),
  ]
}

/** `path` ends with a dot. */
export const templateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template?.spec
    ? [
        ...specWarnings(template.spec, template.metadata ?? {}, path),
        ...templateAppArmorWarnings(template.spec, template.metadata ?? {}, `${path}metadata`),
      ]
    : []

interface Workload {
  metadata: ObjectMeta
  spec: { template?: PodTemplateSpec | undefined }
}

/** Of a controller of pods: when it is new, and whenever its generation moves. */
export function workloadWarnings(next: Workload, prev: Workload | undefined): string[] {
  if (prev && next.metadata.generation === prev.metadata.generation) return []
  const found = templateWarnings(next.spec.template, 'spec.template.')
  const messages = prev ? [] : checkDns1123Label(next.metadata.name ?? '')
  const text =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: '
  return [...(messages.length > 0 ? [`${text}[${messages.join(' ')}]`] : []), ...found]
}
