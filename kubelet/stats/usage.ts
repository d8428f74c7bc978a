/** What was measured of the node and its pods: plain data, from which every answer about usage is made. */
import type { Pod } from '#api/core/pod.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import type { CgroupUsage } from './cgroup-usage.ts'
import type { DiskUsage, FileSystemUsage } from './disk-usage.ts'
import type { InterfaceUsage } from './network-usage.ts'

/** Nanoseconds of processor time a second; undefined until two looks have been taken. */
export type NanoCores = number | undefined

/** A pod whose usage is asked for. */
export interface MeasuredPod {
  pod: Pod
  status: PodStatus
  /** Newest first. */
  containers: readonly RuntimeContainer[]
}

export interface NodeUsage {
  at: Date
  /** All that runs on the node. */
  root: CgroupUsage | undefined
  rootNanoCores: NanoCores
  /** All pods together. */
  pods: CgroupUsage | undefined
  podsNanoCores: NanoCores
  /** This process. */
  kubelet: { cpuNanos: number; nanoCores: NanoCores; rssBytes: number; startedAt: Date }
  memory: { capacityBytes: number; availableBytes: number }
  swap: { totalBytes: number; freeBytes: number }
  nodeFs: FileSystemUsage | undefined
  imageFs: FileSystemUsage | undefined
  /** Images and writable layers lie on a file system of their own. */
  hasImageFs: boolean
  processes: { max: number; current: number }
}

export interface ContainerUsage {
  id: string
  name: string
  image: string
  startedAt: Date | undefined
  place: string
  cgroup: CgroupUsage
  nanoCores: NanoCores
  /** Its writable layer. */
  rootfs?: DiskUsage
  /** Of all its attempts that are kept. */
  logs?: DiskUsage
}

export interface VolumeUsage {
  name: string
  used: DiskUsage
  fs: FileSystemUsage
  /** It counts to the pod's ephemeral storage. */
  ephemeral: boolean
  claim?: string
}

export interface PodUsage {
  pod: Pod
  startTime: string | undefined
  place: string | undefined
  cgroup: CgroupUsage | undefined
  nanoCores: NanoCores
  containers: readonly ContainerUsage[]
  network: readonly InterfaceUsage[] | undefined
  processes: number
  /** Absent where files were not asked for. */
  volumes?: readonly VolumeUsage[]
  ephemeralStorage?: DiskUsage
}
