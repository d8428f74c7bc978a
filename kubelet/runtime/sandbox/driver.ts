/** How a pod's namespaces are kept: pinned to files, or by a pause container where dockerd does not know our runtime. */
import type { PodLink } from '#kubelet/runtime/bridge/own-network.ts'
import type { Joining } from '#kubelet/runtime/docker-container.ts'
import type { SandboxRecord } from './record.ts'

export interface Creation {
  /** Called once containers can be created for the sandbox. */
  joinable: () => void
  /** Makes the pod's cgroup: awaited before anything runs in it. */
  cgroup: () => Promise<void>
  /** The link to be made inside the new network namespace, by a driver that can; none where plug-ins make it. */
  link: () => Promise<PodLink | undefined>
}

export interface SandboxDriver {
  readonly kind: SandboxRecord['driver']
  /** Whether a container may be started while the sandbox is still made: the runtime wrapper holds it back until it is told. */
  readonly holdsStarts: boolean
  /** Where the parts of a new sandbox will be: known before any of them exists, so that it can be recorded first. */
  plan(record: SandboxRecord): SandboxRecord
  /** Makes the namespaces. Answers the record with what only now is known. */
  create(record: SandboxRecord, how: Creation, signal: AbortSignal): Promise<SandboxRecord>
  /** The path by which CNI plug-ins reach the network namespace. */
  netnsPath(record: SandboxRecord, signal: AbortSignal): Promise<string>
  alive(record: SandboxRecord, signal: AbortSignal): Promise<boolean>
  /** Takes away whatever of the sandbox is there; nothing there is no error. */
  destroy(record: SandboxRecord, signal: AbortSignal): Promise<void>
  joining(record: SandboxRecord): Joining
  /** Namespaces that a container of it enters through the runtime wrapper: `network` and `ipc` by path. */
  wrapped(record: SandboxRecord): Readonly<Record<string, string>>
}

/** The parts of `Joining` that do not depend on the driver. */
export function hostNamespaces(record: SandboxRecord): { hostname?: string; hostConfig: Record<string, string> } {
  const { config, pauseId } = record
  const pid = config.hostPid ? 'host' : config.shareProcessNamespace && pauseId !== undefined ? `container:${pauseId}` : undefined
  return {
    // A pod on the host's network has the host's name (upstream's runtimes drop the UTS namespace there).
    ...(config.hostNetwork ? {} : { hostname: config.hostname }),
    hostConfig: {
      ...(config.hostNetwork ? { NetworkMode: 'host', UTSMode: 'host' } : {}),
      ...(pid === undefined ? {} : { PidMode: pid }),
      ...(record.runtime === undefined ? {} : { Runtime: record.runtime }),
    },
  }
}
