/** /metrics/cadvisor: what dashboards and alerts know of containers, pods and the machine, under cAdvisor's names. Pure. */
import type { CgroupDetail } from './cgroup-detail.ts'
import type { CgroupUsage, Pressure } from './cgroup-usage.ts'
import type { DiskIo } from './disk-io.ts'
import { type Family, render, type Sample } from './exposition.ts'
import type { InterfaceUsage } from './network-usage.ts'
import type { ContainerUsage, NodeUsage, PodUsage } from './usage.ts'

export interface CadvisorFacts {
  machine: {
    cpus: number
    cores: number
    sockets: number
    memoryBytes: number
    swapBytes: number
    machineId: string
    systemUuid: string
    bootId: string
  }
  versions: Readonly<Record<string, string>>
  detail(place: string): CgroupDetail
  /** Of the file system that the kubelet's own files are on. */
  disk(): DiskIo | undefined
}

interface Row {
  labels: Readonly<Record<string, string>>
  usage: CgroupUsage
  detail: CgroupDetail
  container: ContainerUsage | undefined
  network: readonly InterfaceUsage[] | undefined
}

export function cadvisorMetrics(node: NodeUsage, pods: readonly PodUsage[], facts: CadvisorFacts): string {
  const rows = [...nodeRows(node, facts), ...pods.flatMap((pod) => podRows(pod, facts))]
  const at = node.at.getTime()
  const disk = facts.disk()
  const of = (value: (row: Row) => number | undefined): Sample[] => rows.map((row) => ({ labels: row.labels, value: value(row), at }))
  return render([
    ...machineFamilies(facts),
    ...cpuFamilies(rows, of, at),
    ...memoryFamilies(rows, of, at),
    ...diskFamilies(rows, node, { at, disk }),
    ...networkFamilies(rows, at),
    ...pressureFamilies(of),
    gauge(
      'container_last_seen',
      'Last time that the container was seen.',
      of(() => Math.floor(at / 1000)),
    ),
    gauge(
      'container_processes',
      'Processes that run in the container.',
      of(({ usage }) => usage.processes),
    ),
    gauge(
      'container_threads',
      'Threads that run in the container.',
      of(({ usage }) => usage.processes),
    ),
    gauge(
      'container_threads_max',
      'Threads that may run in the container, 0 for no limit of its own.',
      of(({ detail }) => detail.maxThreads),
    ),
    gauge(
      'container_start_time_seconds',
      'Start of the container, in seconds since 1970.',
      of(({ container }) => container?.startedAt && container.startedAt.getTime() / 1000),
    ),
    counter(
      'container_oom_events_total',
      'Times that the kernel killed for want of memory.',
      of(({ detail }) => detail.oomKills),
    ),
    gauge('container_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise.', [{ labels: {}, value: 0 }]),
  ])
}

type Of = (value: (row: Row) => number | undefined) => Sample[]
const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, type: 'gauge', help, samples })
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, type: 'counter', help, samples })

const labelsOf = (given: Partial<Record<'container' | 'id' | 'image' | 'name' | 'namespace' | 'pod', string>>) => ({
  container: '',
  id: '',
  image: '',
  name: '',
  namespace: '',
  pod: '',
  ...given,
})

function nodeRows(node: NodeUsage, { detail }: CadvisorFacts): Row[] {
  const row = (id: string, usage: CgroupUsage | undefined): Row[] =>
    usage ? [{ labels: labelsOf({ id }), usage, detail: detail(id), container: undefined, network: undefined }] : []
  return [...row('/', node.root), ...row('/kubepods', node.pods)]
}

function podRows({ pod, place, cgroup, containers, network }: PodUsage, { detail }: CadvisorFacts): Row[] {
  const own = { namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '' }
  const rows: Row[] = containers.map((container) => ({
    labels: labelsOf({ ...own, container: container.name, id: container.place, image: container.image, name: container.id }),
    usage: container.cgroup,
    detail: detail(container.place),
    container,
    network: undefined,
  }))
  if (!cgroup || place === undefined) return rows
  return [{ labels: labelsOf({ ...own, id: place }), usage: cgroup, detail: detail(place), container: undefined, network }, ...rows]
}

function machineFamilies({ machine, versions }: CadvisorFacts): Family[] {
  const labels = { boot_id: machine.bootId, machine_id: machine.machineId, system_uuid: machine.systemUuid }
  return [
    gauge('cadvisor_version_info', 'Versions of kernel, system and kubelet; always 1.', [{ labels: versions, value: 1 }]),
    gauge('machine_cpu_cores', 'Logical processors.', [{ labels, value: machine.cpus }]),
    gauge('machine_cpu_physical_cores', 'Cores.', [{ labels, value: machine.cores }]),
    gauge('machine_cpu_sockets', 'Sockets of processors.', [{ labels, value: machine.sockets }]),
    gauge('machine_memory_bytes', 'Memory of the machine.', [{ labels, value: machine.memoryBytes }]),
    gauge('machine_swap_bytes', 'Swap of the machine.', [{ labels, value: machine.swapBytes }]),
  ]
}

function cpuFamilies(rows: readonly Row[], of: Of, at: number): Family[] {
  const total = rows.map(({ labels, usage }) => ({ labels: { ...labels, cpu: 'total' }, value: usage.cpuNanos / 1e9, at }))
  const throttled = (value: (detail: CgroupDetail) => number): Sample[] =>
    of(({ detail }) => (detail.limits.quotaMicros === undefined ? undefined : value(detail)))
  const spec = (value: (detail: CgroupDetail) => number | undefined): Sample[] => of(({ detail }) => value(detail))
  return [
    counter('container_cpu_usage_seconds_total', 'Processor time in seconds.', total),
    counter(
      'container_cpu_user_seconds_total',
      'Processor time of programs in seconds.',
      of(({ detail }) => detail.userSeconds),
    ),
    counter(
      'container_cpu_system_seconds_total',
      'Processor time of the kernel in seconds.',
      of(({ detail }) => detail.systemSeconds),
    ),
    counter(
      'container_cpu_cfs_periods_total',
      'Periods of enforcement.',
      throttled(({ throttling }) => throttling.periods),
    ),
    counter(
      'container_cpu_cfs_throttled_periods_total',
      'Throttled periods.',
      throttled(({ throttling }) => throttling.throttled),
    ),
    counter(
      'container_cpu_cfs_throttled_seconds_total',
      'Time throttled in seconds.',
      throttled(({ throttling }) => throttling.seconds),
    ),
    gauge(
      'container_spec_cpu_period',
      'Period of the quota in microseconds.',
      spec(({ limits }) => limits.periodMicros),
    ),
    gauge(
      'container_spec_cpu_quota',
      'Quota a period in microseconds.',
      spec(({ limits }) => limits.quotaMicros),
    ),
    gauge(
      'container_spec_cpu_shares',
      'Share of the processor.',
      spec(({ limits }) => limits.cpuShares),
    ),
  ]
}

const memoryGauges: readonly (readonly [name: string, help: string, value: (row: Row) => number | undefined])[] = [
  ['container_memory_usage_bytes', 'Memory, with all caches.', ({ usage }) => usage.memoryBytes],
  ['container_memory_working_set_bytes', 'Working set.', ({ usage }) => usage.workingSetBytes],
  ['container_memory_rss', 'Memory of programs.', ({ usage }) => usage.rssBytes],
  ['container_memory_cache', 'Memory of the page cache.', ({ detail }) => detail.cacheBytes],
  ['container_memory_mapped_file', 'Memory of mapped files.', ({ detail }) => detail.mappedBytes],
  ['container_memory_swap', 'Swap.', ({ usage }) => usage.swapBytes],
  ['container_memory_max_usage_bytes', 'The most memory that was ever used.', ({ detail }) => detail.maxBytes],
  ['container_memory_total_active_file_bytes', 'Active file pages.', ({ detail }) => detail.activeFileBytes],
  ['container_memory_total_inactive_file_bytes', 'Inactive file pages.', ({ detail }) => detail.inactiveFileBytes],
  ['container_memory_kernel_usage', 'Memory of the kernel.', ({ detail }) => detail.kernelBytes],
  ['container_spec_memory_reservation_limit_bytes', 'Memory that is left to it, 0 for none.', ({ detail }) => detail.reservedBytes],
  ['container_spec_memory_limit_bytes', 'Limit of memory, 0 for none.', ({ usage }) => usage.memoryLimitBytes ?? 0],
  ['container_spec_memory_swap_limit_bytes', 'Limit of memory and swap, 0 for none.', ({ usage }) => usage.swapLimitBytes ?? 0],
]

function memoryFamilies(rows: readonly Row[], of: Of, at: number): Family[] {
  const failures = rows.flatMap(({ labels, usage }) => [
    { labels: { ...labels, failure_type: 'pgfault', scope: 'hierarchy' }, value: usage.pageFaults, at },
    { labels: { ...labels, failure_type: 'pgmajfault', scope: 'hierarchy' }, value: usage.majorPageFaults, at },
  ])
  return [
    ...memoryGauges.map(([name, help, value]) => gauge(name, help, of(value))),
    counter(
      'container_memory_failcnt',
      'Times that the limit was hit.',
      of(({ detail }) => detail.failures),
    ),
    counter('container_memory_failures_total', 'Page faults.', failures),
  ]
}

interface DiskFacts {
  at: number
  disk: DiskIo | undefined
}

/** What only the node's own disk tells; of cgroups the kernel does not count it. */
const diskCounters: readonly (readonly [name: string, help: string, value: (disk: DiskIo) => number])[] = [
  ['reads_merged_total', 'Reads merged.', ({ readsMerged }) => readsMerged],
  ['sector_reads_total', 'Sectors read.', ({ sectorsRead }) => sectorsRead],
  ['read_seconds_total', 'Seconds spent reading.', ({ readSeconds }) => readSeconds],
  ['writes_merged_total', 'Writes merged.', ({ writesMerged }) => writesMerged],
  ['sector_writes_total', 'Sectors written.', ({ sectorsWritten }) => sectorsWritten],
  ['write_seconds_total', 'Seconds spent writing.', ({ writeSeconds }) => writeSeconds],
  ['io_time_seconds_total', 'Seconds in which something was read or written.', ({ ioSeconds }) => ioSeconds],
  ['io_time_weighted_seconds_total', 'The same, by how much was waiting.', ({ weightedIoSeconds }) => weightedIoSeconds],
]

function diskFamilies(rows: readonly Row[], node: NodeUsage, { at, disk }: DiskFacts): Family[] {
  const blocks = (value: (block: CgroupDetail['blocks'][number]) => number): Sample[] =>
    rows.flatMap(({ labels, detail }) =>
      detail.blocks.map((block) => ({ labels: { ...labels, device: block.device }, value: value(block), at })),
    )
  const root = { ...labelsOf({ id: '/' }), device: disk?.device ?? '' }
  const ofDisk = (value: (disk: DiskIo) => number): Sample[] => (disk ? [{ labels: root, value: value(disk), at }] : [])
  /** Of the node its disk tells, of whatever began them. */
  const operations = (value: (of: { reads: number; writes: number }) => number): Sample[] =>
    disk ? [...ofDisk(value), ...blocks(value).filter(({ labels }) => labels['id'] !== '/')] : blocks(value)
  const used = rows.map(({ labels, container }) => ({
    labels: { ...labels, device: '' },
    value: container?.rootfs && container.rootfs.usedBytes + (container.logs?.usedBytes ?? 0),
    at,
  }))
  const whole = node.nodeFs
  return [
    gauge('container_fs_usage_bytes', 'Bytes on this file system.', [{ labels: root, value: whole?.usedBytes, at }, ...used]),
    gauge('container_fs_limit_bytes', 'Size of the file system.', [{ labels: root, value: whole?.capacityBytes, at }]),
    gauge('container_fs_inodes_total', 'Inodes of the file system.', [{ labels: root, value: whole?.inodes, at }]),
    gauge('container_fs_inodes_free', 'Free inodes of the file system.', [{ labels: root, value: whole?.inodesFree, at }]),
    counter(
      'container_fs_reads_bytes_total',
      'Bytes read.',
      blocks(({ readBytes }) => readBytes),
    ),
    counter(
      'container_fs_writes_bytes_total',
      'Bytes written.',
      blocks(({ writtenBytes }) => writtenBytes),
    ),
    counter(
      'container_fs_reads_total',
      'Reads.',
      operations(({ reads }) => reads),
    ),
    counter(
      'container_fs_writes_total',
      'Writes.',
      operations(({ writes }) => writes),
    ),
    ...diskCounters.map(([name, help, value]) => counter(`container_fs_${name}`, help, ofDisk(value))),
    gauge(
      'container_fs_io_current',
      'Reads and writes under way.',
      ofDisk(({ inFlight }) => inFlight),
    ),
  ]
}

function networkFamilies(rows: readonly Row[], at: number): Family[] {
  const of = (value: (each: InterfaceUsage) => number): Sample[] =>
    rows.flatMap(({ labels, network }) =>
      (network ?? []).map((each) => ({ labels: { ...labels, interface: each.name }, value: value(each), at })),
    )
  return [
    counter(
      'container_network_receive_bytes_total',
      'Bytes received.',
      of(({ rxBytes }) => rxBytes),
    ),
    counter(
      'container_network_receive_packets_total',
      'Packets received.',
      of(({ rxPackets }) => rxPackets),
    ),
    counter(
      'container_network_receive_packets_dropped_total',
      'Packets dropped while receiving.',
      of(({ rxDropped }) => rxDropped),
    ),
    counter(
      'container_network_receive_errors_total',
      'Errors while receiving.',
      of(({ rxErrors }) => rxErrors),
    ),
    counter(
      'container_network_transmit_bytes_total',
      'Bytes sent.',
      of(({ txBytes }) => txBytes),
    ),
    counter(
      'container_network_transmit_packets_total',
      'Packets sent.',
      of(({ txPackets }) => txPackets),
    ),
    counter(
      'container_network_transmit_packets_dropped_total',
      'Packets dropped while sending.',
      of(({ txDropped }) => txDropped),
    ),
    counter(
      'container_network_transmit_errors_total',
      'Errors while sending.',
      of(({ txErrors }) => txErrors),
    ),
  ]
}

function pressureFamilies(of: Of): Family[] {
  return (['cpu', 'memory', 'io'] as const).flatMap((resource) => {
    const seconds = (kind: keyof Pressure): Sample[] =>
      of(({ usage }) => {
        const pressure = usage.pressure[resource]
        return pressure && pressure[kind].total / 1e6
      })
    return [
      counter(`container_pressure_${resource}_waiting_seconds_total`, `Time in which some waited for ${resource}.`, seconds('some')),
      counter(`container_pressure_${resource}_stalled_seconds_total`, `Time in which all waited for ${resource}.`, seconds('full')),
    ]
  })
}
