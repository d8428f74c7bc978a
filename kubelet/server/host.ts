/** What the kubelet's server asks of the kubelet: plain lookups, so that it is tested against a fake runtime and a list of pods. */
import type { Pod } from '#api/core/pod.ts'
import type { Logger } from '#component/logging.ts'
import type { Container, ContainerRuntime, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { StatsPages } from './stats.ts'

export interface ServerHost {
  nodeName: string
  runtime: ContainerRuntime
  /** Pods of this node with the newest status known here. */
  pods(): readonly Pod[]
  /** What is measured of the node and its pods. */
  stats: StatsPages
  /** The configuration in force, as /configz shows it. */
  config(): object
  /** Throws with the reason while the kubelet is not healthy. */
  healthy(): void
  log: Logger
}

/** An answer that is not a success; the body is plain text, as upstream's kubelet has it. */
export class ServerError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'ServerError'
    this.code = code
  }
}

export interface ContainerPath {
  namespace: string
  pod: string
  uid?: string
  container?: string
}

/** By its name: whether it is the one whose uid the path may name is asked where upstream asks, which for commands it does not. */
export function findPod(host: ServerHost, path: ContainerPath): Pod | undefined {
  return host.pods().find(({ metadata }) => metadata.namespace === path.namespace && metadata.name === path.pod)
}

export const isMeant = (pod: Pod, { uid }: ContainerPath): boolean => uid === undefined || pod.metadata.uid === uid

export const containerNames = (pod: Pod): readonly string[] =>
  [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].map(({ name }) => name)

/** Attempts of one container, newest first. */
export async function attemptsOf(host: ServerHost, pod: Pod, name: string): Promise<readonly Container[]> {
  const containers = await host.runtime.listContainers({ podUid: pod.metadata.uid ?? '' }, AbortSignal.timeout(30_000))
  return containers
    .filter((container) => container.name === name)
    .sort((a, b) => b.attempt - a.attempt || b.createdAt.getTime() - a.createdAt.getTime())
}

/** `missing`: what is said where it does not run; else the words for commands. */
export async function findRunning(host: ServerHost, path: ContainerPath, missing?: string): Promise<Container> {
  const pod = findPod(host, path)
  if (pod === undefined) throw new ServerError(404, 'pod does not exist')
  const [newest] = await attemptsOf(host, pod, path.container ?? '')
  if (newest?.state !== 'running') throw new ServerError(500, missing ?? `container not found (${JSON.stringify(path.container)})`)
  return newest
}

export async function findSandbox(host: ServerHost, path: ContainerPath): Promise<Sandbox> {
  const pod = findPod(host, path)
  if (pod === undefined) throw new ServerError(404, 'pod does not exist')
  if (!isMeant(pod, path)) throw new ServerError(404, 'pod not found')
  const sandboxes = await host.runtime.listSandboxes(AbortSignal.timeout(30_000))
  const own = sandboxes.filter((sandbox) => sandbox.podUid === pod.metadata.uid && sandbox.ready).sort((a, b) => b.attempt - a.attempt)[0]
  if (own === undefined) throw new ServerError(500, `pod not found ("${path.pod}_${path.namespace}")`)
  return own
}
