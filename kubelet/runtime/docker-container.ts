/** A container in Docker's words and in ours: the create request, and what inspect says. Pure. */
import { normalizeImageName } from './image-name.ts'
import type { Container, ContainerConfig, ContainerSecurity, LinuxResources } from './runtime.ts'

/** Labels with upstream's names; what the kubelet adds (hash, restart count, …) stands beside them. */
export const label = {
  type: 'io.kubernetes.docker.type',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  attempt: 'io.kubernetes.container.attempt',
  image: 'io.kubernetes.container.image',
  sandboxId: 'io.kubernetes.sandbox.id',
  logPath: 'io.kubernetes.container.logpath',
} as const

/** How a container joins its pod's namespaces; each sandbox driver has its own way. */
export interface Joining {
  networkDisabled: boolean
  hostname?: string
  /** Of HostConfig: NetworkMode, IpcMode, PidMode, UTSMode, Runtime, Sysctls. */
  hostConfig: Readonly<Record<string, unknown>>
}

export interface CreateInput {
  config: ContainerConfig
  pod: { id: string; namespace: string; name: string; cgroupParent: string }
  joining: Joining
  /** Bind mounts that every container of the pod gets unless it mounts something there itself. */
  sandboxMounts: readonly { hostPath: string; containerPath: string }[]
  logPath: string
  log: { maxSize: string; maxFiles: number }
  /** The kernel refuses scores below this to a process that may not lower them. */
  minOomScoreAdj: number
}

export const containerName = (
  pod: { namespace: string; name: string },
  config: { name: string; podUid: string; attempt: number },
): string => `k8s_${config.name}_${pod.name}_${pod.namespace}_${config.podUid}_${config.attempt}`

export function createBody(input: CreateInput): Record<string, unknown> {
  const { config, pod, joining } = input
  return {
    Image: config.imageId,
    ...(config.command === undefined ? {} : { Entrypoint: config.command }),
    ...(config.args === undefined ? {} : { Cmd: config.args }),
    ...(config.workingDir === undefined || config.workingDir === '' ? {} : { WorkingDir: config.workingDir }),
    ...(config.security.user === undefined ? {} : { User: config.security.user }),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
    ...(joining.hostname === undefined ? {} : { Hostname: joining.hostname }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    NetworkDisabled: joining.networkDisabled,
    Tty: config.tty,
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    // Probes are the kubelet's; an image's own health check would only cost.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      ...config.labels,
      [label.type]: 'container',
      [label.podName]: pod.name,
      [label.podNamespace]: pod.namespace,
      [label.podUid]: config.podUid,
      [label.containerName]: config.name,
      [label.attempt]: String(config.attempt),
      [label.image]: config.image,
      [label.sandboxId]: pod.id,
      [label.logPath]: input.logPath,
    },
    HostConfig: {
      ...joining.hostConfig,
      ...(config.processesOf === undefined ? {} : { PidMode: `container:${config.processesOf}` }),
      CgroupParent: pod.cgroupParent,
      Mounts: mounts(input),
      Devices: config.devices.map((d) => ({
        PathOnHost: d.hostPath,
        PathInContainer: d.containerPath,
        CgroupPermissions: d.permissions,
      })),
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': input.log.maxSize, 'max-file': String(input.log.maxFiles) } },
      ...resourceFields(config.resources),
      OomScoreAdj: Math.max(config.resources.oomScoreAdj ?? 0, input.minOomScoreAdj),
      ...securityFields(config.security),
    },
  }
}

function mounts({ config, sandboxMounts }: CreateInput): object[] {
  const own = new Set(config.mounts.map((mount) => mount.containerPath))
  const given = sandboxMounts
    .filter((mount) => !own.has(mount.containerPath))
    .map((mount) => ({
      ...mount,
      readOnly: config.security.readOnlyRootFilesystem && mount.containerPath !== '/dev/shm',
      propagation: 'private' as const,
    }))
  return [...given, ...config.mounts].map((mount) => ({
    Type: 'bind',
    Source: mount.hostPath,
    Target: mount.containerPath,
    ReadOnly: mount.readOnly,
    // Docker's own default is rprivate, and rslave where the source holds Docker's root, as `/` does: there it refuses the word rprivate.
    ...(mount.propagation === 'private' ? {} : { BindOptions: { Propagation: mount.propagation } }),
  }))
}

/** Also the body of an update. A limit without its swap limit would allow as much again in swap, which upstream does not. */
export function resourceFields(resources: LinuxResources): Record<string, number | string> {
  return {
    ...(resources.cpuShares === undefined ? {} : { CpuShares: resources.cpuShares }),
    ...(resources.cpuQuotaMicros === undefined ? {} : { CpuQuota: resources.cpuQuotaMicros }),
    ...(resources.cpuPeriodMicros === undefined ? {} : { CpuPeriod: resources.cpuPeriodMicros }),
    ...(resources.memoryLimitBytes === undefined ? {} : { Memory: resources.memoryLimitBytes, MemorySwap: resources.memoryLimitBytes }),
    ...(resources.cpusetCpus === undefined ? {} : { CpusetCpus: resources.cpusetCpus }),
    ...(resources.pidsLimit === undefined ? {} : { PidsLimit: resources.pidsLimit }),
  }
}

function securityFields(security: ContainerSecurity): Record<string, unknown> {
  const options: string[] = []
  if (security.noNewPrivileges) options.push('no-new-privileges')
  if (security.seccomp.type === 'Unconfined') options.push('seccomp=unconfined')
  if (security.seccomp.type === 'Localhost') options.push(`seccomp=${security.seccomp.profile}`)
  if (security.apparmorProfile !== undefined) options.push(`apparmor=${security.apparmorProfile}`)
  return {
    Privileged: security.privileged,
    ReadonlyRootfs: security.readOnlyRootFilesystem,
    GroupAdd: security.supplementalGroups.map(String),
    CapAdd: security.addCapabilities,
    CapDrop: security.dropCapabilities,
    SecurityOpt: options,
    ...(security.unmaskedProc ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  }
}

export interface ContainerInspect {
  Id: string
  Created: string
  Image: string
  LogPath: string
  GraphDriver?: { Data?: { UpperDir?: string } | null }
  State: {
    Status: string
    Running: boolean
    OOMKilled: boolean
    Pid: number
    ExitCode: number
    Error: string
    StartedAt: string
    FinishedAt: string
  }
  Config: {
    Image: string
    Labels: Record<string, string> | null
    Tty: boolean
    OpenStdin: boolean
    StdinOnce: boolean
    StopSignal?: string
  }
}

const zeroTime = '0001-01-01T00:00:00Z'
const timeOf = (text: string): Date | undefined => (text === zeroTime || text === '' ? undefined : new Date(text))

/** `repoDigest` is the image's own digest where it has one. */
export function containerOf(inspect: ContainerInspect, repoDigest: string | undefined): Container {
  const labels = inspect.Config.Labels ?? {}
  const startedAt = timeOf(inspect.State.StartedAt)
  const createdAt = new Date(inspect.Created)
  const ending = endingOf(inspect, startedAt !== undefined)
  const finishedAt = ending === undefined ? undefined : (timeOf(inspect.State.FinishedAt) ?? createdAt)
  return {
    id: inspect.Id,
    sandboxId: labels[label.sandboxId] ?? '',
    podUid: labels[label.podUid] ?? '',
    name: labels[label.containerName] ?? '',
    attempt: Number(labels[label.attempt] ?? 0),
    state: ending === undefined ? unendedState(inspect.State, startedAt) : 'exited',
    image: normalizeImageName(labels[label.image] ?? inspect.Config.Image),
    imageId: inspect.Image,
    imageRef: repoDigest === undefined ? inspect.Image : normalizeImageName(repoDigest),
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(ending === undefined ? {} : { exitCode: ending.exitCode }),
    oomKilled: ending !== undefined && inspect.State.OOMKilled,
    reason: ending?.reason ?? '',
    error: inspect.State.Error,
    ...(inspect.State.Running ? { pid: inspect.State.Pid } : {}),
    ...(inspect.Config.StopSignal ? { stopSignal: inspect.Config.StopSignal } : {}),
    labels,
    ...filesOf(inspect),
  }
}

/** One that is being removed before it was ever started is not there to be killed. */
function unendedState({ Running, Status }: ContainerInspect['State'], startedAt: Date | undefined): Container['state'] {
  if (Running) return 'running'
  return Status === 'created' || (Status === 'removing' && startedAt === undefined) ? 'created' : 'unknown'
}

function filesOf({ GraphDriver, LogPath }: ContainerInspect): Pick<Container, 'files'> {
  const writableLayer = GraphDriver?.Data?.UpperDir
  if (!writableLayer && LogPath === '') return {}
  return { files: { ...(writableLayer ? { writableLayer } : {}), ...(LogPath === '' ? {} : { log: LogPath }) } }
}

/**
 * By Docker's error, nothing of a container has run or been tried: its start was held back for a sandbox that was never made, or containerd was away
 * (in its own words). It is started again as if for the first time.
 */
const hasNotBegun = (error: string): boolean => /exit status 93\b/.test(error) || isContainerdAway(error)

/** The other words are those of a dockerd that is being ended itself. */
export const isContainerdAway = (error: string): boolean => /: unavailable$|client connection is closing/.test(error)

/**
 * A container that Docker could not start stays `created` with an error there, whatever the code it gives (127 for a command that is missing); here it
 * has ended as with upstream's runtime: StartError with 128.
 */
function endingOf(inspect: ContainerInspect, wasStarted: boolean): { exitCode: number; reason: string } | undefined {
  const { Status, Running, ExitCode, Error: error, OOMKilled } = inspect.State
  if (Running) return undefined
  if (!wasStarted) return (error !== '' && !hasNotBegun(error)) || Status === 'dead' ? { exitCode: 128, reason: 'StartError' } : undefined
  if (Status !== 'exited' && Status !== 'dead' && Status !== 'removing') return undefined
  if (OOMKilled) return { exitCode: ExitCode, reason: 'OOMKilled' }
  return { exitCode: ExitCode, reason: ExitCode === 0 ? 'Completed' : 'Error' }
}
