/** Reads the files of cgroups, or what is played in their place. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CgroupUsage, type ReadCgroupFile, usageV1, usageV2 } from './cgroup-usage.ts'

/** Reads small files of the kernel at once: each takes some microseconds, far less than a turn through the thread pool. */
export function kernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch (error) {
    // Gone, not there on this kernel, or its owner ends right now.
    if (['ENOENT', 'ENODEV', 'ESRCH', 'EOPNOTSUPP', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

export interface CgroupTree {
  mount: string
  version: 1 | 2
  /** In place of the kernel's files, for containers that do not run. */
  acted?: ActedCgroups
}

export interface ActedCgroups {
  /** Undefined unless the container seems to run. */
  usage(containerId: string): { cpuNanos: number; memoryBytes: number } | undefined
  /** Ids of those of one pod. */
  running(podUid: string): readonly string[]
}

const actedPlace = /^\/acted\/pod([^/]+)(?:\/([^/]+))?$/

/** The place of a container under `acted`. */
export const placeOfActed = (podUid: string, containerId: string): string => `/acted/pod${podUid}/${containerId}`

function readActed(acted: ActedCgroups, place: string): CgroupUsage | undefined {
  const [, podUid = '', containerId] = actedPlace.exec(place) ?? []
  const ids = containerId === undefined ? acted.running(podUid) : [containerId]
  const found = ids.map((id) => acted.usage(id)).filter((each) => each !== undefined)
  if (found.length === 0) return undefined
  const memoryBytes = found.reduce((sum, each) => sum + each.memoryBytes, 0)
  return {
    cpuNanos: found.reduce((sum, each) => sum + each.cpuNanos, 0),
    memoryBytes,
    workingSetBytes: memoryBytes,
    rssBytes: Math.round(memoryBytes * 0.8),
    pageFaults: 0,
    majorPageFaults: 0,
    memoryLimitBytes: undefined,
    swapBytes: 0,
    swapLimitBytes: undefined,
    processes: found.length,
    pressure: {},
  }
}

export function cgroupReader({ mount, version }: CgroupTree, place: string): ReadCgroupFile {
  return (controller, file) => kernelFile(version === 1 ? join(mount, controller, place, file) : join(mount, place, file))
}

/** `place` is the cgroup's name below the node's root, `/` for that itself. Undefined when it is gone. */
export function readCgroup(tree: CgroupTree, place: string): CgroupUsage | undefined {
  if (tree.acted && actedPlace.test(place)) return readActed(tree.acted, place)
  const read = cgroupReader(tree, place)
  return tree.version === 1 ? usageV1(read) : usageV2(read, () => kernelFile('/proc/meminfo') ?? '')
}
