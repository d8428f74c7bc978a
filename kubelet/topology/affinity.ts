/** From which NUMA nodes each container of a pod is served, or that the topology manager's policy refuses the pod. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { Rejection } from '#kubelet/admission/admission.ts'
import { assignPod, type CpuFacts, type CpuState } from '#kubelet/cpus/static-policy.ts'
import { assignDevices, type DeviceState } from '#kubelet/devices/device-state.ts'
import { type Affinity, mergeHints, type NodeMask, type TopologyPolicy } from './hints.ts'
import { type Asking, cpuHints, deviceHints } from './providers.ts'

export interface TopologyWorld {
  policy: TopologyPolicy
  /** Containers one by one, or the pod as a whole. */
  scope: 'container' | 'pod'
  /** NUMA nodes of the machine. */
  nodes: readonly number[]
  /** Undefined where nobody gets processors alone. */
  cpus: { state: CpuState; facts: CpuFacts } | undefined
  devices: DeviceState
}

const refused: Rejection = {
  reason: 'TopologyAffinityError',
  message: 'Resources cannot be allocated with Topology locality',
}

export function planAffinity(pod: Pod, world: TopologyWorld): { affinity: Affinity } | { rejection: Rejection } {
  const { policy, scope, nodes } = world
  const affinity = new Map<string, NodeMask>()
  if (policy === 'none') return { affinity }
  const inits = pod.spec?.initContainers ?? []
  const all = [...inits, ...(pod.spec?.containers ?? [])]
  // As upstream, the pod as a whole is what it needs once it runs.
  const lasting = all.filter((each) => !inits.includes(each) || each.restartPolicy === 'Always')
  const groups = scope === 'pod' ? [{ asking: lasting, served: all }] : all.map((one) => ({ asking: [one], served: [one] }))
  const earlier = new Set<string>()
  for (const { asking, served } of groups) {
    const { cpus, devices } = after(pod, world, { affinity, only: earlier })
    const question: Asking = { pod, containers: asking, nodes }
    const hints = [...(cpus ? [cpuHints(question, cpus.state, cpus.facts)] : []), deviceHints(question, devices)]
    const merged = mergeHints(policy, hints, nodes)
    if (!merged.admit) return { rejection: refused }
    for (const { name } of served) {
      if (merged.nodes !== undefined) affinity.set(name, merged.nodes)
      earlier.add(name)
    }
  }
  return { affinity }
}

/** The world in which those containers have what they were promised. What cannot be given is refused by whoever would give it. */
function after(pod: Pod, world: TopologyWorld, part: { affinity: Affinity; only: ReadonlySet<string> }): TopologyWorld {
  const { cpus, devices } = world
  const given = cpus && assignPod(pod, cpus.state, cpus.facts, part)
  const handed = assignDevices(pod, devices, part)
  return {
    ...world,
    cpus: cpus && given && 'state' in given ? { ...cpus, state: given.state } : cpus,
    devices: 'assigned' in handed ? { ...devices, assigned: handed.assigned } : devices,
  }
}
