/** The containers of a pod or of a template, as describe shows them. */
import type { Container } from '#api/core/container.ts'
import type { EnvVar } from '#api/core/env.ts'
import type { Toleration } from '#api/core/pod-spec.ts'
import type { ContainerState, ContainerStatus } from '#api/core/pod-status.ts'
import type { Probe } from '#api/core/probe.ts'
import type { Volume } from '#api/core/volume.ts'
import { type Lines, longTime } from './lines.ts'

/** `statuses` are given for pods; a template has none, and upstream indents its headings a little more than its fields. */
export function describeContainers(
  title: string,
  containers: readonly Container[],
  lines: Lines,
  statuses?: readonly ContainerStatus[],
): void {
  if (containers.length === 0) return
  const template = statuses === undefined
  lines.add(template ? 1 : 0, `${title}:`)
  for (const container of containers) {
    lines.add(1, `${template ? ' ' : ''}${container.name}:`)
    describeContainer(
      container,
      lines,
      statuses?.find((s) => s.name === container.name),
    )
  }
}

function describeContainer(container: Container, lines: Lines, status: ContainerStatus | undefined): void {
  if (status) lines.add(2, `Container ID:\t${status.containerID ?? ''}`)
  lines.add(2, `Image:\t${container.image}`)
  if (status) lines.add(2, `Image ID:\t${status.imageID}`)
  const ports = (container.ports ?? []).map((p) => `${p.containerPort}/${p.protocol ?? 'TCP'}${p.name ? ` (${p.name})` : ''}`)
  lines.add(2, `${ports.length > 1 ? 'Ports' : 'Port'}:\t${ports.length === 0 ? '<none>' : ports.join(', ')}`)
  const hostPorts = (container.ports ?? []).map((p) => `${p.hostPort ?? 0}/${p.protocol ?? 'TCP'}${p.name ? ` (${p.name})` : ''}`)
  lines.add(2, `${hostPorts.length > 1 ? 'Host Ports' : 'Host Port'}:\t${hostPorts.length === 0 ? '<none>' : hostPorts.join(', ')}`)
  for (const [heading, words] of [
    ['Command', container.command],
    ['Args', container.args],
  ] as const) {
    if (!words?.length) continue
    lines.add(2, `${heading}:`)
    for (const word of words) for (const line of word.split('\n')) lines.add(3, line)
  }
  if (status) {
    describeState('State', status.state, lines)
    if (Object.keys(status.lastState ?? {}).length > 0) describeState('Last State', status.lastState, lines)
    lines.add(2, `Ready:\t${status.ready ? 'True' : 'False'}`).add(2, `Restart Count:\t${status.restartCount}`)
  }
  for (const [heading, amounts] of [
    ['Limits', container.resources?.limits],
    ['Requests', container.resources?.requests],
  ] as const) {
    if (!amounts || Object.keys(amounts).length === 0) continue
    lines.add(2, `${heading}:`)
    for (const [name, amount] of Object.entries(amounts).sort()) lines.add(3, `${name}:\t${amount}`)
  }
  for (const [heading, probe] of [
    ['Liveness', container.livenessProbe],
    ['Readiness', container.readinessProbe],
    ['Startup', container.startupProbe],
  ] as const) {
    if (probe) lines.add(2, `${heading}:\t${probeText(probe)}`)
  }
  describeEnv(container, lines)
  lines.add(2, `Mounts:${container.volumeMounts?.length ? '' : '\t<none>'}`)
  for (const mount of [...(container.volumeMounts ?? [])].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const flags = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path="${mount.subPath}"`] : [])]
    lines.add(3, `${mount.mountPath} from ${mount.name} (${flags.join(',')})`)
  }
}

function describeState(title: string, state: ContainerState | undefined, lines: Lines): void {
  if (state?.running) lines.add(2, `${title}:\tRunning`).add(3, `Started:\t${longTime(state.running.startedAt)}`)
  else if (state?.terminated) {
    const { reason, message, exitCode, startedAt, finishedAt, signal } = state.terminated
    lines.add(2, `${title}:\tTerminated`)
    if (reason) lines.add(3, `Reason:\t${reason}`)
    if (message) lines.add(3, `Message:\t${message}`)
    lines.add(3, `Exit Code:\t${exitCode}`)
    if (signal) lines.add(3, `Signal:\t${signal}`)
    lines.add(3, `Started:\t${longTime(startedAt)}`).add(3, `Finished:\t${longTime(finishedAt)}`)
  } else {
    lines.add(2, `${title}:\tWaiting`)
    if (state?.waiting?.reason) lines.add(3, `Reason:\t${state.waiting.reason}`)
  }
}

export function probeText(probe: Probe): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe
  const rhythm = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${rhythm}`
  if (probe.httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '' } = probe.httpGet
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path} ${rhythm}`
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${rhythm}`
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${rhythm}`
  return `unknown ${rhythm}`
}

function describeEnv(container: Container, lines: Lines): void {
  const from = container.envFrom ?? []
  if (from.length > 0) {
    lines.add(2, 'Environment Variables from:')
    for (const source of from) {
      const [name, kind, optional] = source.configMapRef
        ? [source.configMapRef.name, 'ConfigMap', source.configMapRef.optional]
        : [source.secretRef?.name, 'Secret', source.secretRef?.optional]
      lines.add(3, `${name}\t${kind}${source.prefix ? ` with prefix '${source.prefix}'` : ''}\tOptional: ${optional ?? false}`)
    }
  }
  const env = container.env ?? []
  lines.add(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`)
  for (const variable of env) lines.add(3, `${variable.name}:\t${envValue(variable)}`)
}

function envValue({ value, valueFrom }: EnvVar): string {
  if (valueFrom?.fieldRef) return ` (${valueFrom.fieldRef.apiVersion ?? 'v1'}:${valueFrom.fieldRef.fieldPath})`
  if (valueFrom?.resourceFieldRef) return `${valueFrom.resourceFieldRef.containerName ?? ''} (${valueFrom.resourceFieldRef.resource})`
  if (valueFrom?.secretKeyRef)
    return `<set to the key '${valueFrom.secretKeyRef.key}' in secret '${valueFrom.secretKeyRef.name}'>\tOptional: ${valueFrom.secretKeyRef.optional ?? false}`
  if (valueFrom?.configMapKeyRef)
    return `<set to the key '${valueFrom.configMapKeyRef.key}' of config map '${valueFrom.configMapKeyRef.name}'>\tOptional: ${valueFrom.configMapKeyRef.optional ?? false}`
  return (value ?? '').replaceAll('\n', '\n\t\t')
}

const volumeTypes: Readonly<Record<string, string>> = {
  emptyDir: "EmptyDir (a temporary directory that shares a pod's lifetime)",
  hostPath: 'HostPath (bare host directory volume)',
  configMap: 'ConfigMap (a volume populated by a ConfigMap)',
  secret: 'Secret (a volume populated by a Secret)',
  downwardAPI: 'DownwardAPI (a volume populated by information about the pod)',
  projected: 'Projected (a volume that contains injected data from multiple sources)',
  persistentVolumeClaim: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
}

export function describeVolumes(volumes: readonly Volume[] | undefined, lines: Lines, template = false): void {
  const level = template ? 1 : 0
  if (!volumes?.length) {
    lines.add(level, 'Volumes:\t<none>')
    return
  }
  lines.add(level, 'Volumes:')
  for (const volume of volumes) {
    const [type = 'unknown'] = Object.keys(volume).filter((key) => key !== 'name')
    lines.add(1, `${template ? ' ' : ''}${volume.name}:`).add(2, `Type:\t${volumeTypes[type] ?? type}`)
    if (volume.emptyDir)
      lines.add(2, `Medium:\t${volume.emptyDir.medium ?? ''}`).add(2, `SizeLimit:\t${volume.emptyDir.sizeLimit ?? '<unset>'}`)
    else if (volume.hostPath) lines.add(2, `Path:\t${volume.hostPath.path}`).add(2, `HostPathType:\t${volume.hostPath.type ?? ''}`)
    else if (volume.configMap) lines.add(2, `Name:\t${volume.configMap.name}`).add(2, `Optional:\t${volume.configMap.optional ?? false}`)
    else if (volume.secret) lines.add(2, `SecretName:\t${volume.secret.secretName}`).add(2, `Optional:\t${volume.secret.optional ?? false}`)
    else if (volume.persistentVolumeClaim)
      lines
        .add(2, `ClaimName:\t${volume.persistentVolumeClaim.claimName}`)
        .add(2, `ReadOnly:\t${volume.persistentVolumeClaim.readOnly ?? false}`)
    else for (const source of volume.projected?.sources ?? []) describeProjection(source, lines)
  }
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]

function describeProjection(source: Projection, lines: Lines): void {
  if (source.serviceAccountToken) lines.add(2, `TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds ?? 3600}`)
  if (source.configMap) lines.add(2, `ConfigMapName:\t${source.configMap.name}`).add(2, `Optional:\t${source.configMap.optional ?? false}`)
  if (source.secret) lines.add(2, `SecretName:\t${source.secret.name}`).add(2, `Optional:\t${source.secret.optional ?? false}`)
  if (source.downwardAPI) lines.add(2, 'DownwardAPI:\ttrue')
}

export function describeTolerations(title: string, tolerations: readonly Toleration[] | undefined, lines: Lines): void {
  const texts = (tolerations ?? []).map(({ key = '', operator, value, effect, tolerationSeconds }) => {
    const match = key === '' ? '' : value ? `${key}=${value}` : key
    const exists = operator === 'Exists' && !value ? ' op=Exists' : ''
    return `${match}${effect ? `:${effect}` : ''}${exists}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`
  })
  if (texts.length === 0) lines.add(0, `${title}:\t<none>`)
  texts.sort().forEach((line, i) => {
    lines.add(0, `${i === 0 ? `${title}:` : ''}\t${line}`)
  })
}
