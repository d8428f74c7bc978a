/** Checks of what a pod takes from its host: namespaces, paths, ports, kinds of volumes (upstream: pod-security-admission/policy). */
import type { Volume } from '#api/core/volume.ts'
import { type Check, type CheckPod, containerList, containersOf, plural, quoted, sorted } from './check.ts'

const hostNamespaces: CheckPod = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true)
  return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
}

const hostPathVolumes: CheckPod = ({ spec }) => {
  const names = (spec.volumes ?? []).filter((volume) => volume.hostPath !== undefined).map(({ name }) => name)
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural(names.length, 'volume')} ${quoted(names)}` }
}

const hostPorts: CheckPod = (pod) => {
  const ports: string[] = []
  const names = containersOf(pod).flatMap(({ name, ports: declared }) => {
    const used = (declared ?? []).filter(({ hostPort }) => hostPort !== undefined && hostPort !== 0)
    ports.push(...used.map(({ hostPort }) => String(hostPort)))
    return used.length === 0 ? [] : [name]
  })
  if (names.length === 0) return undefined
  const list = sorted(ports)
  const uses = plural(names.length, 'uses', 'use')
  return { reason: 'hostPort', detail: `${containerList(names)} ${uses} ${plural(list.length, 'hostPort')} ${list.join(', ')}` }
}

interface Handler {
  httpGet?: { host?: string | undefined } | undefined
  tcpSocket?: { host?: string | undefined } | undefined
}

const hostsOf = (handler: Handler | undefined): string[] =>
  [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== '') as string[]

const probeHosts: CheckPod = (pod) => {
  const names: string[] = []
  const hosts: string[] = []
  for (const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } of containersOf(pod)) {
    const found = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf)
    if (found.length > 0) names.push(name)
    hosts.push(...found)
  }
  if (names.length === 0) return undefined
  const unique = sorted(names)
  const list = sorted(hosts)
  const what = plural(list.length, 'probe or lifecycle host')
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerList(unique)} ${plural(unique.length, 'uses', 'use')} ${what} ${quoted(list)}`,
  }
}

const allowedSources: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

const sourcesOf = (volume: Volume): string[] =>
  Object.entries(volume).flatMap(([key, value]) => (key === 'name' || value === undefined ? [] : [key]))

const restrictedVolumes: CheckPod = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !sourcesOf(volume).some((source) => allowedSources.has(source)))
  if (bad.length === 0) return undefined
  const types = sorted(bad.map((volume) => sourcesOf(volume)[0] ?? 'unknown'))
  const names = bad.map(({ name }) => name)
  const uses = `${plural(names.length, 'uses', 'use')} ${plural(types.length, 'restricted volume type')}`
  return { reason: 'restricted volume types', detail: `${plural(names.length, 'volume')} ${quoted(names)} ${uses} ${quoted(types)}` }
}

export const hostChecks: readonly Check[] = [
  { id: 'hostNamespaces', level: 'baseline', versions: [{ since: 0, check: hostNamespaces }] },
  { id: 'hostPathVolumes', level: 'baseline', versions: [{ since: 0, check: hostPathVolumes }] },
  { id: 'hostPorts', level: 'baseline', versions: [{ since: 0, check: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', versions: [{ since: 34, check: probeHosts }] },
  { id: 'restrictedVolumes', level: 'restricted', overrides: 'hostPathVolumes', versions: [{ since: 0, check: restrictedVolumes }] },
]
