/** What a node does about its pods' resources, put together: cgroups, allocations and resizes. */
import { join } from 'node:path'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import type { EventRecorder } from '#client/events.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck, Rejection } from './admission/admission.ts'
import { hugePagesOf } from './cgroups/cgroup-plan.ts'
import { Cgroups } from './cgroups/cgroups.ts'
import type { Settings } from './config/config.ts'
import type { Assigned, CpusAssigned } from './containers/container-config.ts'
import { CpuManager } from './cpus/cpu-manager.ts'
import { observeTopology } from './cpus/topology.ts'
import { AllocateError, DeviceManager } from './devices/device-manager.ts'
import { podResources } from './devices/pod-resources.ts'
import { ConfigError } from './environment/env.ts'
import { topologyAdmissions } from './metrics.ts'
import { reservationProblem } from './node/cgroup-tiers.ts'
import { type MachineFacts, maxProcesses } from './node/machine.ts'
import { NodeCgroups } from './node/node-cgroups.ts'
import { nodeEvents } from './node/node-events.ts'
import type { DeviceAmounts } from './node/node-status.ts'
import type { PodFailure } from './pods/pod-actions.ts'
import type { AnyContainer } from './pods/pod-containers.ts'
import type { RecordEvent } from './pods/pod-events.ts'
import { Allocations } from './resize/allocations.ts'
import { Resizer } from './resize/resizer.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { planAffinity } from './topology/affinity.ts'

export interface NodeResourcesParts {
  settings: Settings
  machine: MachineFacts
  recorder: Pick<EventRecorder, 'event'>
  node(): Node | undefined
  /** Active pods, as they were given resources. */
  pods(): readonly Pod[]
  runtime: ContainerRuntime
  event: RecordEvent
  /** The node ends a pod. */
  end(uid: string, failure: PodFailure): void
  /** What the node offers has changed. */
  offersChanged(): void
  now(): Date
  log: Logger
}

export interface NodeResources {
  cgroups: Cgroups
  allocations: Allocations
  resizer: Resizer
  devices(): DeviceAmounts
  /** Gives a pod that is to come what it needs of the node alone, or says why not. */
  assign: AdmissionCheck
  assigned(pod: Pod, container: AnyContainer): CpusAssigned
  /** As `assigned`, with devices, which their plug-ins hand out then. */
  prepare(pod: Pod, container: AnyContainer): Promise<Assigned>
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
  const mount = settings.runtime === 'fake' ? { mount: join(rootDir, 'cgroup') } : {}
  const cgroups = new Cgroups(config.cgroupRoot, log, {
    driver: config.cgroupDriver,
    singleProcessOOMKill: config.singleProcessOOMKill ?? false,
    pageSizes: Object.keys(hugePagesOf(capacity)),
    ...mount,
  })
  if (cgroups.version === 1 && config.singleProcessOOMKill === false)
    throw new StartupError('invalid configuration: singleProcessOOMKill must not be explicitly set to false when using cgroup v1')
  const event = nodeEvents(recorder, nodeName)
  const failed = (message: string): void => event({ type: 'Warning', reason: 'FailedNodeAllocatableEnforcement', message })
  const tiers = settings.runtime === 'fake' ? undefined : new NodeCgroups({ cgroups, config, capacity, pods, failed, log })
  const allocations = new Allocations(rootDir, log)
  const { cpuManagerPolicy } = config
  const resizer = new Resizer({ ...parts, allocations, reserved, cpuManagerPolicy, changed: () => tiers?.podsChanged() })
  const cpus = cpuManagerPolicy === 'static' ? new CpuManager({ ...parts, config, rootDir }) : undefined
  const numaNodes = [...new Set(observeTopology().map(({ numaNode }) => numaNode))]
  const devices = new DeviceManager({ ...parts, directory: join(rootDir, 'device-plugins'), changed: parts.offersChanged })
  const lister = podResources({
    socket: join(rootDir, 'pod-resources', 'kubelet.sock'),
    pods,
    resources: () => devices.resources(),
    devicesOf: (uid, name) => devices.devicesOf(uid, name),
    cpusOf: (uid, name) => cpus?.ownedBy(uid, name) ?? [],
    allocatableCpus: () => cpus?.allocatable() ?? [],
  })
  const assigned = (pod: Pod, container: AnyContainer): CpusAssigned => {
    if (!cpus) return { noCpuQuota: !config.cpuCFSQuota }
    const { cpus: set, exclusive } = cpus.cpusOf(pod, container.name)
    return { cpus: set, noCpuQuota: exclusive || !config.cpuCFSQuota }
  }
  return {
    cgroups,
    allocations,
    resizer,
    devices: () => devices.amounts(),
    assign: countedAlignment((pod) => {
      const planned = planAffinity(pod, {
        policy: config.topologyManagerPolicy,
        scope: config.topologyManagerScope,
        nodes: numaNodes,
        cpus: cpus?.stateFor(pod),
        devices: devices.stateFor(pod),
      })
      return 'rejection' in planned ? planned.rejection : (devices.admit(pod, planned) ?? cpus?.admit(pod, planned))
    }),
    assigned,
    async prepare(pod, container) {
      try {
        return { ...(await devices.prepare(pod, container)), ...assigned(pod, container) }
      } catch (error) {
        const { message } = error as Error
        if (error instanceof AllocateError) {
          const reason = 'UnexpectedAdmissionError'
          parts.event(pod, { type: 'Warning', reason, message })
          parts.end(pod.metadata.uid ?? '', { reason, message, rejected: true })
        }
        throw new ConfigError(message)
      }
    },
    runnables: [resizer, ...(tiers ? [tiers] : []), ...(cpus ? [cpus] : []), ...(settings.runtime === 'fake' ? [] : [devices, lister])],
  }
}

function countedAlignment(align: (pod: Pod) => Rejection | undefined): AdmissionCheck {
  return (pod) => {
    topologyAdmissions.requests.inc()
    const began = performance.now()
    const rejection = align(pod)
    if (rejection) topologyAdmissions.errors.inc()
    topologyAdmissions.duration.observe(performance.now() - began)
    return rejection
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
