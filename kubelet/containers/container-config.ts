/** Puts together all that the runtime must know to create one container of a pod. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { bytesOf, cpuPeriodMicros, cpuQuotaMicros, cpuShares, milliCpuOf, oomScoreAdj } from '#kubelet/cgroups/qos.ts'
import { expand } from '#kubelet/environment/expansion.ts'
import { type AnyContainer, type ContainerKind, containerHash } from '#kubelet/pods/pod-containers.ts'
import type { ContainerConfig, ContainerSecurity, Image, LinuxResources, Mount } from '#kubelet/runtime/runtime.ts'
import { labelsOf } from './container-labels.ts'

export interface ConfigInputs {
  pod: Pod
  container: AnyContainer
  kind: ContainerKind
  attempt: number
  backoffSeconds: number
  image: Image
  env: ReadonlyMap<string, string>
  mounts: readonly Mount[]
  /** Volumes in block mode. */
  devices?: ContainerConfig['devices']
  security: ContainerSecurity
  nodeMemoryBytes: number
  /** What the node gives this container alone. */
  assigned: Assigned
  /** Id of the container whose processes this one shall see. */
  processesOf?: string
}

export interface CpusAssigned {
  cpus?: string
  /** No one else runs there, so that a quota would only slow it down; or this node sets none at all. */
  noCpuQuota: boolean
}

/** What is chosen for one container out of what the node has: processors and devices, with what comes with these. */
export interface Assigned extends CpusAssigned {
  devices: ContainerConfig['devices']
  mounts: readonly Mount[]
  env: Readonly<Record<string, string>>
}

export const nothingAssigned: Assigned = { noCpuQuota: false, devices: [], mounts: [], env: {} }

export function containerConfig(inputs: ConfigInputs): ContainerConfig {
  const { pod, container, env, assigned } = inputs
  const lookup = (name: string): string | undefined => env.get(name)
  const expanded = (words: readonly string[] | undefined): readonly string[] | undefined => words?.map((word) => expand(word, lookup))
  const command = expanded(container.command)
  const args = expanded(container.args)
  const stopSignal = container.lifecycle?.stopSignal
  return {
    podUid: pod.metadata.uid ?? '',
    name: container.name,
    attempt: inputs.attempt,
    imageId: inputs.image.id,
    image: container.image ?? '',
    ...(command && command.length > 0 ? { command } : {}),
    ...(args && args.length > 0 ? { args } : {}),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    env: [...new Map([...env, ...Object.entries(assigned.env)])].map(([name, value]) => ({ name, value })),
    mounts: [...inputs.mounts, ...assigned.mounts],
    devices: [...(inputs.devices ?? []), ...assigned.devices],
    resources: { ...containerResources(pod, container, inputs), ...(assigned.cpus === undefined ? {} : { cpusetCpus: assigned.cpus }) },
    security: inputs.security,
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    ...(stopSignal ? { stopSignal } : {}),
    ...(inputs.processesOf === undefined ? {} : { processesOf: inputs.processesOf }),
    labels: labelsOf(pod, container, {
      kind: inputs.kind,
      hash: containerHash(container),
      restartCount: inputs.attempt,
      backoffSeconds: inputs.backoffSeconds,
    }),
  }
}

/**
 * Shares follow the request, or the limit where there is no request; the quota and the memory limit follow the limits, which are the pod's own
 * where the container has none.
 */
export function containerResources(
  pod: Pod,
  container: AnyContainer,
  { nodeMemoryBytes, assigned = nothingAssigned }: { nodeMemoryBytes: number; assigned?: CpusAssigned },
): LinuxResources {
  const { limits = {}, requests = {} } = container.resources ?? {}
  const whole = pod.spec?.resources?.limits ?? {}
  const limit = (name: string): string | undefined => (bytesOf(limits[name]) > 0 ? limits[name] : whole[name])
  const quota = assigned.noCpuQuota ? undefined : cpuQuotaMicros(milliCpuOf(limit('cpu')))
  const memory = bytesOf(limit('memory'))
  return {
    cpuShares: cpuShares(milliCpuOf(requests['cpu'] ?? limit('cpu'))),
    ...(quota === undefined ? {} : { cpuQuotaMicros: quota, cpuPeriodMicros }),
    ...(memory > 0 ? { memoryLimitBytes: memory } : {}),
    oomScoreAdj: oomScoreAdj(pod, container, nodeMemoryBytes),
  }
}
