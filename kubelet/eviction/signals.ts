/** The signals of node pressure: what each measures, which condition it makes true, which resource is reclaimed for it. Pure. */
import type { FileSystemUsage } from '#kubelet/stats/disk-usage.ts'
import type { NodeUsage } from '#kubelet/stats/usage.ts'

export type Signal =
  | 'memory.available'
  | 'allocatableMemory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'containerfs.available'
  | 'containerfs.inodesFree'
  | 'pid.available'

export type NodePressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

interface SignalFacts {
  condition: NodePressure
  resource: StarvedResource
}

const memory: SignalFacts = { condition: 'MemoryPressure', resource: 'memory' }
const disk: SignalFacts = { condition: 'DiskPressure', resource: 'ephemeral-storage' }
const inodes: SignalFacts = { condition: 'DiskPressure', resource: 'inodes' }

export const signals: Readonly<Record<Signal, SignalFacts>> = {
  'memory.available': memory,
  'allocatableMemory.available': memory,
  'nodefs.available': disk,
  'nodefs.inodesFree': inodes,
  'imagefs.available': disk,
  'imagefs.inodesFree': inodes,
  'containerfs.available': disk,
  'containerfs.inodesFree': inodes,
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
}

export const isSignal = (name: string): name is Signal => Object.hasOwn(signals, name)

export interface Observation {
  available: number
  capacity: number
}
export type Observations = ReadonlyMap<Signal, Observation>

/** What could not be measured is absent: no threshold is met by it. Writable layers lie where the images are. */
export function observe(node: NodeUsage): Observations {
  const found = new Map<Signal, Observation>()
  found.set('memory.available', { available: node.memory.availableBytes, capacity: node.memory.capacityBytes })
  const limit = node.pods?.memoryLimitBytes
  if (node.pods && limit !== undefined)
    found.set('allocatableMemory.available', { available: Math.max(0, limit - node.pods.workingSetBytes), capacity: limit })
  const fileSystem = (name: 'nodefs' | 'imagefs' | 'containerfs', fs: FileSystemUsage | undefined): void => {
    if (!fs) return
    found.set(`${name}.available`, { available: fs.availableBytes, capacity: fs.capacityBytes })
    // Some file systems (btrfs) count no inodes.
    if (fs.inodes > 0) found.set(`${name}.inodesFree`, { available: fs.inodesFree, capacity: fs.inodes })
  }
  fileSystem('nodefs', node.nodeFs)
  fileSystem('imagefs', node.imageFs)
  fileSystem('containerfs', node.imageFs)
  found.set('pid.available', { available: node.processes.max - node.processes.current, capacity: node.processes.max })
  return found
}
