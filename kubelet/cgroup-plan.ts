/** Which cgroups a pod has and what is written into them, for both versions of the kernel's interface. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { bytesOf, cpuPeriodMicros, cpuQuotaMicros, cpuShares, milliCpuOf, qosClass } from './qos.ts'

/** Below the node's root: `/kubepods/burstable/pod<uid>`. */
export function podCgroup(root: string, pod: Pod): string {
  const qos = qosClass(pod)
  const level = qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`
  return `${root === '/' ? '' : root}/kubepods${level}/pod${pod.metadata.uid}`
}

export interface PodLimits {
  cpuShares: number
  cpuQuotaMicros: number | undefined
  memoryBytes: number | undefined
}

/** Sums of the containers, or the largest init container; a limit only where every container has one. */
export function podLimits(pod: Pod): PodLimits {
  const containers = pod.spec?.containers ?? []
  const inits = pod.spec?.initContainers ?? []
  const sidecars = inits.filter((each) => each.restartPolicy === 'Always')
  const plain = inits.filter((each) => each.restartPolicy !== 'Always')
  const own = pod.spec?.resources
  const total = (kind: 'limits' | 'requests', name: string, value: (text: string | undefined) => number): number => {
    const set = own?.[kind]?.[name]
    if (set !== undefined) return value(set)
    const of = (each: (typeof containers)[number]): number => {
      const text = each.resources?.[kind]?.[name]
      return value(text ?? (kind === 'requests' ? each.resources?.limits?.[name] : undefined))
    }
    const together = [...containers, ...sidecars].reduce((sum, each) => sum + of(each), 0)
    return Math.max(together, ...plain.map(of))
  }
  const allLimited = (name: string): boolean =>
    own?.limits?.[name] !== undefined || [...containers, ...inits].every((each) => each.resources?.limits?.[name] !== undefined)
  const memory = allLimited('memory') ? total('limits', 'memory', bytesOf) : 0
  return {
    cpuShares: cpuShares(total('requests', 'cpu', milliCpuOf)),
    cpuQuotaMicros: allLimited('cpu') ? cpuQuotaMicros(total('limits', 'cpu', milliCpuOf)) : undefined,
    memoryBytes: memory > 0 ? memory : undefined,
  }
}

export interface CgroupWrite {
  controller: string
  file: string
  value: string
}

/** `controller` is empty on version 2, where there is one tree. */
export function cgroupWrites(version: 1 | 2, limits: PodLimits, pidsLimit: number | undefined): CgroupWrite[] {
  const writes: CgroupWrite[] = []
  const put = (controller: string, file: string, value: string | number): void => {
    writes.push({ controller: version === 1 ? controller : '', file, value: String(value) })
  }
  if (version === 1) {
    put('cpu', 'cpu.shares', limits.cpuShares)
    if (limits.cpuQuotaMicros !== undefined) {
      put('cpu', 'cpu.cfs_period_us', cpuPeriodMicros)
      put('cpu', 'cpu.cfs_quota_us', limits.cpuQuotaMicros)
    }
    if (limits.memoryBytes !== undefined) put('memory', 'memory.limit_in_bytes', limits.memoryBytes)
    if (pidsLimit !== undefined) put('pids', 'pids.max', pidsLimit)
    return writes
  }
  put('', 'cpu.weight', cpuWeight(limits.cpuShares))
  if (limits.cpuQuotaMicros !== undefined) put('', 'cpu.max', `${limits.cpuQuotaMicros} ${cpuPeriodMicros}`)
  if (limits.memoryBytes !== undefined) put('', 'memory.max', limits.memoryBytes)
  if (pidsLimit !== undefined) put('', 'pids.max', pidsLimit)
  return writes
}

/** Version 2 counts from 1 to 10000 what version 1 counts from 2 to 262144. */
export function cpuWeight(shares: number): number {
  return Math.floor(1 + ((shares - 2) * 9999) / 262_142)
}
