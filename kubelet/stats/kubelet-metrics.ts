/** What /metrics tells beside its counters: pods by what becomes of them, volumes, logs and this process, looked at anew each time. Pure. */
import { type Family, render, type Sample } from './exposition.ts'
import type { ProcessUsage } from './process-usage.ts'
import type { NodeUsage, PodUsage, VolumeUsage } from './usage.ts'

export interface CountedPod {
  isStatic: boolean
  isMirror: boolean
  /** The API or a manifest has it. */
  wanted: boolean
  lifecycle: 'sync' | 'terminating' | 'terminated'
  ephemeralContainers: number
  hasSandbox: boolean
  containerStates: readonly string[]
}

/** Volumes of one plug-in that pods are to have, or have. */
export interface CountedVolumes {
  plugin: string
  state: 'desired_state_of_world' | 'actual_state_of_world'
  count: number
}

export interface KubeletFacts {
  pods: readonly CountedPod[]
  cgroupVersion: 1 | 2
  process: ProcessUsage
  volumes: readonly CountedVolumes[]
  buildInfo: Readonly<Record<string, string>>
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, type: 'gauge', help, samples })

export function kubeletMetrics(node: NodeUsage, usages: readonly PodUsage[], facts: KubeletFacts): string {
  const { kubelet } = node
  return render([
    ...podFamilies(facts.pods),
    ...volumeFamilies(usages),
    gauge('volume_manager_total_volumes', 'Volumes by plug-in, that pods are to have and that are in place.', volumeSamples(facts.volumes)),
    gauge('kubelet_container_log_filesystem_used_bytes', 'Bytes of the logs of a container.', logSamples(usages)),
    gauge('kubelet_cgroup_version', 'Version of the cgroup interface of this host.', [{ labels: {}, value: facts.cgroupVersion }]),
    gauge('kubernetes_build_info', 'The version of this program; always 1.', [{ labels: facts.buildInfo, value: 1 }]),
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time.',
      samples: [{ labels: {}, value: kubelet.cpuNanos / 1e9 }],
    },
    ...processFamilies(facts.process),
    gauge('process_resident_memory_bytes', 'Resident memory.', [{ labels: {}, value: kubelet.rssBytes }]),
    gauge('process_start_time_seconds', 'Start of this process.', [{ labels: {}, value: kubelet.startedAt.getTime() / 1000 }]),
  ])
}

const volumeSamples = (volumes: readonly CountedVolumes[]): Sample[] =>
  volumes.map(({ plugin, state, count }) => ({ labels: { plugin_name: plugin, state }, value: count }))

function processFamilies(usage: ProcessUsage): Family[] {
  const one = (value: number | undefined): Sample[] => [{ labels: {}, value }]
  const counter = (name: string, help: string, value: number): Family => ({ name, type: 'counter', help, samples: one(value) })
  return [
    gauge('process_open_fds', 'Files that this process has open.', one(usage.openFiles)),
    gauge('process_max_fds', 'Files that this process may have open.', one(usage.maxFiles)),
    gauge('process_virtual_memory_bytes', 'Virtual memory of this process.', one(usage.virtualBytes)),
    // What has no limit has the largest number.
    gauge('process_virtual_memory_max_bytes', 'Virtual memory that this process may have.', one(usage.maxVirtualBytes ?? 2 ** 64)),
    counter('process_network_receive_bytes_total', 'Bytes that came over the network of this process.', usage.receivedBytes),
    counter('process_network_transmit_bytes_total', 'Bytes that went over the network of this process.', usage.sentBytes),
  ]
}

function podFamilies(pods: readonly CountedPod[]): Family[] {
  const byOrigin = (chosen: readonly CountedPod[]): Sample[] =>
    [false, true].map((isStatic) => ({
      labels: { static: isStatic ? 'true' : '' },
      value: chosen.filter((pod) => pod.isStatic === isStatic).length,
    }))
  const working = Map.groupBy(
    pods,
    ({ wanted, lifecycle, isStatic }) => `${wanted ? 'desired' : 'orphan'} ${lifecycle} ${isStatic ? 'true' : ''}`,
  )
  const shown = [...working].map(([key, group]) => {
    const [config = '', lifecycle = '', own = ''] = key.split(' ')
    return { labels: { config, lifecycle, static: own }, value: group.length }
  })
  const inState = (state: string): number =>
    pods.reduce((sum, { containerStates }) => sum + containerStates.filter((each) => each === state).length, 0)
  return [
    gauge('kubelet_running_pods', 'Pods that have a running sandbox.', [
      { labels: {}, value: pods.filter(({ hasSandbox }) => hasSandbox).length },
    ]),
    gauge(
      'kubelet_running_containers',
      'Containers by state.',
      ['created', 'running', 'exited', 'unknown'].map((state) => ({ labels: { container_state: state }, value: inState(state) })),
    ),
    gauge('kubelet_desired_pods', 'Pods that the node is to run.', byOrigin(pods.filter(({ wanted }) => wanted))),
    gauge('kubelet_active_pods', 'Pods that the node takes into account for its resources.', byOrigin(pods.filter(isActive))),
    gauge('kubelet_mirror_pods', 'Mirrors of static pods.', [{ labels: {}, value: pods.filter(({ isMirror }) => isMirror).length }]),
    gauge('kubelet_working_pods', 'Pods that the node works on, by what becomes of them.', shown),
    gauge('kubelet_managed_ephemeral_containers', 'Ephemeral containers in pods of this node.', [
      { labels: {}, value: pods.reduce((sum, { ephemeralContainers }) => sum + ephemeralContainers, 0) },
    ]),
  ]
}

const isActive = ({ wanted, lifecycle }: CountedPod): boolean => wanted && lifecycle !== 'terminated'

function logSamples(usages: readonly PodUsage[]): Sample[] {
  return usages.flatMap(({ pod, containers }) =>
    containers.map(({ name, logs }) => ({
      labels: { uid: pod.metadata.uid ?? '', namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '', container: name },
      value: logs?.usedBytes,
    })),
  )
}

/** Of claims only, as upstream. */
function volumeFamilies(usages: readonly PodUsage[]): Family[] {
  const claims = new Map<string, { labels: Record<string, string>; volume: VolumeUsage }>()
  for (const { pod, volumes = [] } of usages) {
    for (const volume of volumes) {
      if (volume.claim === undefined) continue
      const labels = { namespace: pod.metadata.namespace ?? '', persistentvolumeclaim: volume.claim }
      claims.set(JSON.stringify(labels), { labels, volume })
    }
  }
  const of = (name: string, help: string, value: (volume: VolumeUsage) => number): Family =>
    gauge(
      `kubelet_volume_stats_${name}`,
      help,
      [...claims.values()].map(({ labels, volume }) => ({ labels, value: value(volume) })),
    )
  return [
    of('capacity_bytes', 'Size of the volume.', ({ fs }) => fs.capacityBytes),
    of('available_bytes', 'Bytes that are left in the volume.', ({ fs }) => fs.availableBytes),
    of('used_bytes', 'Bytes used in the volume.', ({ used }) => used.usedBytes),
    of('inodes', 'Inodes of the volume.', ({ fs }) => fs.inodes),
    of('inodes_free', 'Free inodes of the volume.', ({ fs }) => fs.inodesFree),
    of('inodes_used', 'Used inodes of the volume.', ({ used }) => used.inodesUsed),
  ]
}
