/** Pods and measurements for the tests of eviction. */
import type { Pod } from '#api/core/pod.ts'
import type { PodUsage } from '#kubelet/stats/usage.ts'

export const mebi = 1024 * 1024

interface PodFixture {
  name: string
  priority?: number
  requests?: Record<string, string>
  limits?: Record<string, string>
  spec?: Partial<Pod['spec']>
}

export function podOf({ name, priority, requests, limits, spec }: PodFixture): Pod {
  const resources = { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { containers: [{ name: 'main', image: 'i', resources }], ...(priority === undefined ? {} : { priority }), ...spec },
    status: {},
  } as Pod
}

interface Used {
  memory?: number
  processes?: number
  rootfs?: number
  logs?: number
  inodes?: number
  volumes?: PodUsage['volumes']
}

export function usageOf(pod: Pod, used: Used): PodUsage {
  const cgroup = {
    cpuNanos: 0,
    memoryBytes: used.memory ?? 0,
    workingSetBytes: used.memory ?? 0,
    rssBytes: 0,
    pageFaults: 0,
    majorPageFaults: 0,
    memoryLimitBytes: undefined,
    swapBytes: 0,
    swapLimitBytes: undefined,
    processes: used.processes ?? 1,
    pressure: {},
  }
  const disk = (usedBytes: number | undefined) => ({ usedBytes: usedBytes ?? 0, inodesUsed: used.inodes ?? 0 })
  const container = { id: 'c', name: 'main', image: 'i', startedAt: undefined, place: '/p/c', cgroup, nanoCores: undefined }
  const local = (used.volumes ?? []).filter(({ ephemeral }) => ephemeral).reduce((sum, each) => sum + each.used.usedBytes, 0)
  return {
    pod,
    startTime: undefined,
    place: '/p',
    cgroup,
    nanoCores: undefined,
    containers: [{ ...container, rootfs: disk(used.rootfs), logs: disk(used.logs) }],
    network: undefined,
    processes: used.processes ?? 1,
    volumes: used.volumes ?? [],
    ephemeralStorage: { usedBytes: (used.rootfs ?? 0) + (used.logs ?? 0) + local, inodesUsed: 0 },
  }
}

export function volumeUsed(name: string, usedBytes: number): NonNullable<PodUsage['volumes']>[number] {
  return {
    name,
    used: { usedBytes, inodesUsed: 1 },
    fs: { capacityBytes: 0, availableBytes: 0, usedBytes: 0, inodes: 0, inodesFree: 0 },
    ephemeral: true,
  }
}
