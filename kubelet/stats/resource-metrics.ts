/** /metrics/resource: processor, memory and swap of containers, pods and the node, under upstream's names; what metrics-server reads. Pure. */
import type { CgroupUsage } from './cgroup-usage.ts'
import { type Family, render, type Sample } from './exposition.ts'
import type { NodeUsage, PodUsage } from './usage.ts'

export function resourceMetrics(node: NodeUsage, pods: readonly PodUsage[]): string {
  const at = node.at.getTime()
  const labelled = pods.flatMap(({ pod, containers }) =>
    containers.map((container) => ({
      container,
      labels: { container: container.name, namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '' },
    })),
  )
  const ofContainers = (value: (usage: CgroupUsage) => number | undefined): Sample[] =>
    labelled.map(({ container, labels }) => ({ labels, value: value(container.cgroup), at }))
  const ofPods = (value: (usage: CgroupUsage) => number | undefined): Sample[] =>
    pods.map(({ pod, cgroup }) => ({
      labels: { namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '' },
      value: cgroup && value(cgroup),
      at,
    }))
  const ofNode = (value: number | undefined): Sample[] => [{ labels: {}, value, at }]
  const cpu = ({ cpuNanos }: CgroupUsage): number => cpuNanos / 1e9
  const memory = ({ workingSetBytes }: CgroupUsage): number => workingSetBytes
  const swap = ({ swapBytes }: CgroupUsage): number => swapBytes
  const families: Family[] = [
    {
      name: 'container_cpu_usage_seconds_total',
      type: 'counter',
      help: 'Processor time that the container has used, in seconds of one core.',
      samples: ofContainers(cpu),
    },
    { name: 'container_memory_working_set_bytes', type: 'gauge', help: 'Working set of the container.', samples: ofContainers(memory) },
    {
      name: 'container_start_time_seconds',
      type: 'gauge',
      help: 'Start of the container, in seconds since 1970.',
      samples: labelled.map(({ container, labels }) => ({
        labels,
        value: container.startedAt && container.startedAt.getTime() / 1000,
      })),
    },
    { name: 'container_swap_usage_bytes', type: 'gauge', help: 'Swap that the container uses.', samples: ofContainers(swap) },
    {
      name: 'container_swap_limit_bytes',
      type: 'gauge',
      help: 'Swap that the container may use.',
      samples: ofContainers(({ swapLimitBytes }) => swapLimitBytes),
    },
    {
      name: 'node_cpu_usage_seconds_total',
      type: 'counter',
      help: 'Processor time that the node has used, in seconds of one core.',
      samples: ofNode(node.root && cpu(node.root)),
    },
    {
      name: 'node_memory_working_set_bytes',
      type: 'gauge',
      help: 'Working set of the node.',
      samples: ofNode(node.root?.workingSetBytes),
    },
    {
      name: 'node_swap_usage_bytes',
      type: 'gauge',
      help: 'Swap that the node uses.',
      samples: ofNode(node.swap.totalBytes - node.swap.freeBytes),
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      type: 'counter',
      help: 'Processor time that the pod has used, in seconds of one core.',
      samples: ofPods(cpu),
    },
    { name: 'pod_memory_working_set_bytes', type: 'gauge', help: 'Working set of the pod.', samples: ofPods(memory) },
    { name: 'pod_swap_usage_bytes', type: 'gauge', help: 'Swap that the pod uses.', samples: ofPods(swap) },
    {
      name: 'resource_scrape_error',
      type: 'gauge',
      help: '1 if there was an error while getting container metrics, 0 otherwise.',
      samples: [{ labels: {}, value: 0 }],
    },
  ]
  return render(families)
}
