/** /stats/summary: usage in the shape and words of upstream's stats/v1alpha1. Pure. */
import type { CgroupUsage, Pressure, PressureLine } from './cgroup-usage.ts'
import type { DiskUsage, FileSystemUsage } from './disk-usage.ts'
import type { InterfaceUsage } from './network-usage.ts'
import type { ContainerUsage, NanoCores, NodeUsage, PodUsage, VolumeUsage } from './usage.ts'

const timeText = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
const timed = (node: NodeUsage): { time: string } => ({ time: timeText(node.at) })

export interface SummaryFacts {
  nodeName: string
  bootedAt: Date
  /** The images' own bytes; undefined when only processor and memory were asked for. */
  imageBytes: number | undefined
  /** Of the node's own network. */
  interfaces: readonly InterfaceUsage[]
}

/** Upstream's `only_cpu_and_memory` is what comes of measuring no files: what was not measured is left out. */
export function statsSummary(node: NodeUsage, pods: readonly PodUsage[], facts: SummaryFacts): object {
  const all = facts.imageBytes !== undefined
  return {
    node: {
      nodeName: facts.nodeName,
      systemContainers: systemContainers(node, facts),
      startTime: timeText(facts.bootedAt),
      ...(node.root ? cgroupStats(node, node.root, node.rootNanoCores) : {}),
      ...nodeMemory(node),
      ...(all ? nodeFiles(node, facts) : {}),
      ...(all ? { rlimit: { ...timed(node), maxpid: node.processes.max, curproc: node.processes.current } } : {}),
      swap: { ...timed(node), swapAvailableBytes: node.swap.freeBytes, swapUsageBytes: node.swap.totalBytes - node.swap.freeBytes },
    },
    pods: pods.map((pod) => podStats(node, pod, all)),
  }
}

function systemContainers(node: NodeUsage, { bootedAt }: SummaryFacts): object[] {
  const { kubelet } = node
  const own = {
    name: 'kubelet',
    startTime: timeText(kubelet.startedAt),
    cpu: { ...timed(node), ...nanoCores(kubelet.nanoCores), usageCoreNanoSeconds: kubelet.cpuNanos },
    memory: { ...timed(node), usageBytes: kubelet.rssBytes, workingSetBytes: kubelet.rssBytes, rssBytes: kubelet.rssBytes },
  }
  if (!node.pods) return [own]
  return [own, { name: 'pods', startTime: timeText(bootedAt), ...cgroupStats(node, node.pods, node.podsNanoCores) }]
}

/** What is available is what the node has less its working set, whatever limit its cgroup has. */
function nodeMemory(node: NodeUsage): object {
  if (!node.root) return {}
  return { memory: { ...memoryStats(node, node.root), availableBytes: node.memory.availableBytes } }
}

function nodeFiles(node: NodeUsage, { interfaces, imageBytes = 0 }: SummaryFacts): object {
  const image = node.imageFs && {
    ...fsStats(node, node.imageFs, { usedBytes: imageBytes, inodesUsed: node.imageFs.inodes - node.imageFs.inodesFree }),
  }
  const whole = (fs: FileSystemUsage): DiskUsage => ({
    usedBytes: fs.usedBytes,
    inodesUsed: fs.inodes - fs.inodesFree,
  })
  return {
    network: networkStats(node, interfaces),
    ...(node.nodeFs ? { fs: fsStats(node, node.nodeFs, whole(node.nodeFs)) } : {}),
    ...(image && node.imageFs ? { runtime: { imageFs: image, containerFs: fsStats(node, node.imageFs, whole(node.imageFs)) } } : {}),
  }
}

function podStats(node: NodeUsage, usage: PodUsage, all: boolean): object {
  const { pod, network, ephemeralStorage, volumes } = usage
  const { name, namespace, uid } = pod.metadata
  return {
    podRef: { name, namespace, uid },
    startTime: usage.startTime ?? timeText(node.at),
    containers: usage.containers.map((container) => containerStats(node, container)),
    ...(usage.cgroup ? cgroupStats(node, usage.cgroup, usage.nanoCores) : {}),
    ...(all && network && network.length > 0 ? { network: networkStats(node, network) } : {}),
    ...(volumes ? { volume: volumes.map((volume) => volumeStats(node, pod.metadata.namespace ?? '', volume)) } : {}),
    ...(ephemeralStorage && node.nodeFs ? { 'ephemeral-storage': fsStats(node, node.nodeFs, ephemeralStorage) } : {}),
    ...(all ? { process_stats: { process_count: usage.processes } } : {}),
  }
}

function containerStats(node: NodeUsage, usage: ContainerUsage): object {
  const { rootfs, logs } = usage
  return {
    name: usage.name,
    startTime: timeText(usage.startedAt ?? node.at),
    ...cgroupStats(node, usage.cgroup, usage.nanoCores),
    ...(rootfs && node.imageFs ? { rootfs: fsStats(node, node.imageFs, rootfs) } : {}),
    ...(logs && node.nodeFs ? { logs: fsStats(node, node.nodeFs, logs) } : {}),
  }
}

function volumeStats(node: NodeUsage, namespace: string, { name, used, fs, claim }: VolumeUsage): object {
  return { ...fsStats(node, fs, used), name, ...(claim === undefined ? {} : { pvcRef: { name: claim, namespace } }) }
}

const nanoCores = (value: NanoCores): object => (value === undefined ? {} : { usageNanoCores: value })

function cgroupStats(node: NodeUsage, usage: CgroupUsage, rate: NanoCores): object {
  const { io, cpu } = usage.pressure
  return {
    cpu: { ...timed(node), ...nanoCores(rate), usageCoreNanoSeconds: Math.round(usage.cpuNanos), ...psi(cpu) },
    memory: memoryStats(node, usage),
    ...(io ? { io: { ...timed(node), ...psi(io) } } : {}),
    swap: {
      ...timed(node),
      ...(usage.swapLimitBytes === undefined ? {} : { swapAvailableBytes: Math.max(0, usage.swapLimitBytes - usage.swapBytes) }),
      swapUsageBytes: usage.swapBytes,
    },
  }
}

function memoryStats(node: NodeUsage, usage: CgroupUsage): object {
  return {
    ...timed(node),
    ...(usage.memoryLimitBytes === undefined ? {} : { availableBytes: Math.max(0, usage.memoryLimitBytes - usage.workingSetBytes) }),
    usageBytes: usage.memoryBytes,
    workingSetBytes: usage.workingSetBytes,
    rssBytes: usage.rssBytes,
    pageFaults: usage.pageFaults,
    majorPageFaults: usage.majorPageFaults,
    ...psi(usage.pressure.memory),
  }
}

function psi(pressure: Pressure | undefined): object {
  if (!pressure) return {}
  const data = ({ total, avg10, avg60, avg300 }: PressureLine): object => ({ total, avg10, avg60, avg300 })
  return { psi: { full: data(pressure.full), some: data(pressure.some) } }
}

function fsStats(node: NodeUsage, fs: FileSystemUsage, used: DiskUsage): object {
  return {
    ...timed(node),
    availableBytes: fs.availableBytes,
    capacityBytes: fs.capacityBytes,
    usedBytes: used.usedBytes,
    inodesFree: fs.inodesFree,
    inodes: fs.inodes,
    inodesUsed: used.inodesUsed,
  }
}

/** The fields of eth0, upstream's name for the default interface, stand beside the list. */
function networkStats(node: NodeUsage, interfaces: readonly InterfaceUsage[]): object {
  const shown = interfaces.map(({ name, rxBytes, rxErrors, txBytes, txErrors }) => ({ name, rxBytes, rxErrors, txBytes, txErrors }))
  return { ...timed(node), ...(shown.find(({ name }) => name === 'eth0') ?? { name: '' }), interfaces: shown }
}
