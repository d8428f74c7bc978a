/**
 * The container runtime as the kubelet sees it, shaped like CRI (RunPodSandbox, CreateContainer, …). `docker.ts` is the real one, `fake.ts` a
 * faithful one in memory. Docker is the database: all that must survive a restart of the kubelet stands in labels and comes back by `list`.
 */
import type { Duplex } from 'node:stream'

export interface SandboxConfig {
  podUid: string
  namespace: string
  name: string
  attempt: number
  hostname: string
  hostNetwork: boolean
  hostPid: boolean
  hostIpc: boolean
  shareProcessNamespace: boolean
  dns: { servers: readonly string[]; searches: readonly string[]; options: readonly string[] }
  portMappings: readonly { containerPort: number; hostPort: number; protocol: 'TCP' | 'UDP' | 'SCTP'; hostIp: string }[]
  sysctls: Readonly<Record<string, string>>
  /** Of the pod's RuntimeClass: one of those that `status` names. Empty or missing is the usual one. */
  runtimeHandler?: string
  /** The pod's cgroup, made by the kubelet; containers are placed below it. */
  cgroupParent: string
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
}

export interface Sandbox {
  id: string
  podUid: string
  namespace: string
  name: string
  attempt: number
  ready: boolean
  createdAt: Date
  /** Empty under hostNetwork. */
  ips: readonly string[]
  labels: Readonly<Record<string, string>>
}

export interface Mount {
  hostPath: string
  containerPath: string
  readOnly: boolean
  propagation: 'private' | 'rslave' | 'rshared'
  /** Known to be there: nobody has to look. */
  exists?: true
}

/** Resource limits in the kernel's units. */
export interface LinuxResources {
  cpuShares?: number
  cpuQuotaMicros?: number
  cpuPeriodMicros?: number
  memoryLimitBytes?: number
  /** Absent in an update that leaves it. */
  oomScoreAdj?: number
  pidsLimit?: number
  /** As the kernel writes sets: `0-3,8`. */
  cpusetCpus?: string
}

export interface ContainerSecurity {
  privileged: boolean
  readOnlyRootFilesystem: boolean
  noNewPrivileges: boolean
  user?: string // "uid[:gid]"
  supplementalGroups: readonly number[]
  addCapabilities: readonly string[]
  dropCapabilities: readonly string[]
  /** A profile's JSON text, or undefined for the runtime's default. */
  seccomp: { type: 'RuntimeDefault' | 'Unconfined' } | { type: 'Localhost'; profile: string }
  apparmorProfile?: string
  unmaskedProc: boolean
}

export interface ContainerConfig {
  podUid: string
  name: string
  attempt: number
  imageId: string
  /** As the pod names it. */
  image: string
  command?: readonly string[]
  args?: readonly string[]
  workingDir?: string
  env: readonly { name: string; value: string }[]
  mounts: readonly Mount[]
  devices: readonly { hostPath: string; containerPath: string; permissions: string }[]
  resources: LinuxResources
  security: ContainerSecurity
  tty: boolean
  stdin: boolean
  stdinOnce: boolean
  stopSignal?: string
  /** Id of the container of the same pod whose processes this one sees and may touch. */
  processesOf?: string
  labels: Readonly<Record<string, string>>
}

export type ContainerState = 'created' | 'running' | 'exited' | 'unknown'

export interface Container {
  id: string
  sandboxId: string
  podUid: string
  name: string
  attempt: number
  state: ContainerState
  image: string
  imageId: string
  /** Repo digest or image id as the pod's status shows it. */
  imageRef: string
  createdAt: Date
  startedAt?: Date
  finishedAt?: Date
  exitCode?: number
  oomKilled: boolean
  /** Why it ended, in the words of the pod's status: Completed, Error, OOMKilled, StartError; empty while it has not. */
  reason: string
  /** Docker's own error text, for a container that could not start. */
  error: string
  pid?: number
  /** What asks it to end, where that is not SIGTERM. */
  stopSignal?: string
  labels: Readonly<Record<string, string>>
  /** Where its writable layer and its log lie on the node, for those who measure them. */
  files?: { writableLayer?: string; log?: string }
}

export interface Image {
  id: string
  repoTags: readonly string[]
  repoDigests: readonly string[]
  sizeBytes: number
  /** The image's own user, as `uid`, `name` or empty. */
  user: string
  /** Never collected: the runtime itself needs it. */
  pinned?: boolean
}

export type RuntimeEvent =
  | { type: 'started' | 'died' | 'removed'; containerId: string; podUid: string; at: Date }
  /** The stream was cut and is back, or a sandbox has ended that nobody had asked to: observe everything again. */
  | { type: 'resync' }

/** What a command wrote, standard output first; where a runtime tells them apart, the rest of it alone as well. */
export interface SyncResult {
  exitCode: number
  output: string
  stderr?: string
  timedOut: boolean
}

export interface ExecStreams {
  stdin?: NodeJS.ReadableStream
  stdout?: NodeJS.WritableStream
  stderr?: NodeJS.WritableStream
  tty: boolean
  /** Terminal sizes as they come. */
  resize?: AsyncIterable<{ width: number; height: number }>
}

/** What a runtime call that failed means. `notFound` is folded into outcomes where that is harmless. */
export class RuntimeError extends Error {
  readonly code: 'notFound' | 'conflict' | 'startFailed' | 'imageNotFound' | 'pullFailed' | 'unavailable' | 'other'
  constructor(code: RuntimeError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RuntimeError'
    this.code = code
  }
}

export interface RuntimeStatus {
  runtimeReady: boolean
  runtimeMessage: string
  networkReady: boolean
  networkMessage: string
  /** What a RuntimeClass may name as its handler; none while the runtime has not answered yet. */
  handlers: readonly string[]
}

export interface SandboxHooks {
  /**
   * Told of the sandbox as soon as containers can be created for it, which is before it has addresses; where they cannot, it is not called. If making
   * the sandbox fails, so do the starts of those containers.
   */
  planned?(sandbox: Sandbox): void
  /** Makes the cgroup that the sandbox's `cgroupParent` names. Called once, before anything runs in it. */
  cgroup?(): Promise<void>
}

export interface ContainerRuntime {
  version(signal: AbortSignal): Promise<{ name: string; version: string; apiVersion: string }>
  /** Ready, or why not (network: CNI configuration present). */
  status(signal: AbortSignal): Promise<RuntimeStatus>

  runSandbox(config: SandboxConfig, signal: AbortSignal, hooks?: SandboxHooks): Promise<Sandbox>
  /** Ends the sandbox's network and namespaces; running containers in it must have been killed. No error if it is gone. */
  stopSandbox(id: string, signal: AbortSignal): Promise<void>
  removeSandbox(id: string, signal: AbortSignal): Promise<void>
  listSandboxes(signal: AbortSignal): Promise<readonly Sandbox[]>

  createContainer(sandbox: Sandbox, config: ContainerConfig, signal: AbortSignal): Promise<string>
  /** `ready` is given for a container of a sandbox that is still being made: its process does not run before that resolves. */
  startContainer(id: string, signal: AbortSignal, ready?: Promise<unknown>): Promise<void>
  /** SIGTERM (or the stop signal), then SIGKILL after the grace. No error if it is gone. */
  stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<void>
  removeContainer(id: string, signal: AbortSignal): Promise<void>
  listContainers(filter: { podUid?: string }, signal: AbortSignal): Promise<readonly Container[]>
  updateResources(id: string, resources: LinuxResources, signal: AbortSignal): Promise<void>

  /** Runs a command to its end, bounded by `timeoutMs` (the process is killed then). Output is cut at 10 KiB for probes. */
  execSync(id: string, command: readonly string[], timeoutMs: number): Promise<SyncResult>
  exec(id: string, command: readonly string[], streams: ExecStreams, signal: AbortSignal): Promise<{ exitCode: number }>
  attach(id: string, streams: ExecStreams, signal: AbortSignal): Promise<void>
  /** A connection to a port inside the sandbox's network namespace. */
  portForward(sandboxId: string, port: number): Promise<Duplex>
  /** Path of the container's log file and its format. */
  logFile(id: string): Promise<{ path: string; format: 'docker-json' | 'cri' }>
  reopenLog(id: string): Promise<void>

  listImages(signal: AbortSignal): Promise<readonly Image[]>
  imageStatus(image: string, signal: AbortSignal): Promise<Image | undefined>
  pullImage(
    image: string,
    auth: { username: string; password: string; serverAddress?: string } | undefined,
    signal: AbortSignal,
  ): Promise<Image>
  removeImage(id: string, signal: AbortSignal): Promise<void>
  /** Shows what an image holds at an empty directory, read-only, until that is unmounted. */
  mountImage(id: string, target: string, signal: AbortSignal): Promise<void>
  /** The folder whose file system holds images and writable layers; undefined for a runtime that has none. */
  imageRoot(signal: AbortSignal): Promise<string | undefined>

  /** Live events; never ends by itself, reconnects and says `resync`. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>
}
