/** What a node does about its pods' resources, put together: cgroups, allocations and resizes. */
import { join } from 'node:path'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck } from './admission.ts'
import { Cgroups } from './cgroups.ts'
import type { Settings } from './config.ts'
import { type Assigned, nothingAssigned } from './container-config.ts'
import { CpuManager } from './cpus/cpu-manager.ts'
import { reservationProblem } from './node/cgroup-tiers.ts'
import { type MachineFacts, maxProcesses } from './node/machine.ts'
import { NodeCgroups } from './node/node-cgroups.ts'
import type { AnyContainer } from './pod-containers.ts'
import type { RecordEvent } from './pod-events.ts'
import { Allocations } from './resize/allocations.ts'
import { Resizer } from './resize/resizer.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'

export interface NodeResourcesParts {
  settings: Settings
  machine: MachineFacts
  recorder: Pick<EventRecorder, 'event'>
  node(): Node | undefined
  /** Active pods, as they were given resources. */
  pods(): readonly Pod[]
  runtime: ContainerRuntime
  event: RecordEvent
  now(): Date
  log: Logger
}

export interface NodeResources {
  cgroups: Cgroups
  allocations: Allocations
  resizer: Resizer
  /** Gives a pod that is to come what it needs of the node alone, or says why not. */
  assign: AdmissionCheck
  assigned(pod: Pod, container: AnyContainer): Assigned
  runnables: Runnable[]
}

/** Throws StartupError for reservations that the node cannot keep. */
export function nodeResources(parts: NodeResourcesParts): NodeResources {
  const { settings, machine, recorder, pods, log } = parts
  const { config, rootDir, nodeName } = settings
  const reserved = [config.systemReserved, config.kubeReserved]
  const capacity = internalCapacity(settings, machine)
  for (const kept of reserved) {
    const problem = reservationProblem(capacity, kept)
    if (problem !== undefined) throw new StartupError(problem)
  }
  // A hollow node makes none: a folder without controllers is nothing to make them in.
  const mount = settings.runtime === 'fake' ? [join(rootDir, 'cgroup')] : []
  const cgroups = new Cgroups(config.cgroupRoot, log, ...mount)
  const failed = (message: string): void =>
    recorder.event(
      { apiVersion: '', kind: 'Node', metadata: { name: nodeName, uid: nodeName } },
      { type: 'Warning', reason: 'FailedNodeAllocatableEnforcement', message },
    )
  const tiers = settings.runtime === 'fake' ? undefined : new NodeCgroups({ cgroups, config, capacity, pods, failed, log })
  tiers?.prepare()
  const allocations = new Allocations(rootDir, log)
  const { cpuManagerPolicy } = config
  const resizer = new Resizer({ ...parts, allocations, reserved, cpuManagerPolicy, changed: () => tiers?.podsChanged() })
  const cpus = cpuManagerPolicy === 'static' ? new CpuManager({ ...parts, config, rootDir }) : undefined
  return {
    cgroups,
    allocations,
    resizer,
    assign: (pod) => cpus?.admit(pod),
    assigned: (pod, container) => {
      if (!cpus) return nothingAssigned
      const { cpus: set, exclusive } = cpus.cpusOf(pod, container.name)
      return { ...nothingAssigned, cpus: set, exclusiveCpus: exclusive }
    },
    runnables: [resizer, ...(tiers ? [tiers] : []), ...(cpus ? [cpus] : [])],
  }
}

/** The node's capacity with its process ids, which the API does not show. */
function internalCapacity({ capacity }: Settings, machine: MachineFacts): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    memory: String(machine.memoryBytes),
    pid: String(maxProcesses()),
    ...Object.fromEntries([...machine.hugePages].map(([name, bytes]) => [name, String(bytes)])),
    ...Object.fromEntries(capacity),
  }
}
