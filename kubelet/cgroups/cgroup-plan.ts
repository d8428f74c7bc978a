/** Which cgroups a pod has and what is written into them, for both versions of the kernel's interface. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { podLimits as limitsOfPod, podRequests as requestsOfPod } from '#api/core/rules/resources.ts'
import { bytesOf, cpuPeriodMicros, cpuQuotaMicros, cpuShares, milliCpuOf, qosClass, withRequests } from './qos.ts'

/** Below the node's root: `/kubepods/burstable/pod<uid>`. */
export function podCgroup(root: string, pod: Pod): string {
  const qos = qosClass(pod)
  const level = qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`
  return `${root === '/' ? '' : root}/kubepods${level}/pod${pod.metadata.uid}`
}

export interface CgroupLimits {
  cpuShares?: number
  /** Absent for no limit. */
  cpuQuotaMicros?: number
  memoryBytes?: number
  pids?: number
  /** Size of a page, as in the resource's name (`2Mi`), to bytes. */
  hugePages?: Readonly<Record<string, number>>
}

/** As upstream's ResourceConfigForPod: a limit only where every container has one or the pod itself does; overhead counts. */
export function podLimits(pod: Pod, options: { noCpuQuota?: boolean } = {}): CgroupLimits & { cpuShares: number } {
  const spec = withRequests(pod.spec ?? ({ containers: [] } as PodSpec))
  const requests = requestsOfPod({ spec })
  const limits = limitsOfPod({ spec })
  const qos = qosClass(pod)
  if (qos === 'BestEffort') return { cpuShares: cpuShares(0) }
  const declared = (name: string): boolean =>
    qos === 'Guaranteed' ||
    bytesOf(spec.resources?.limits?.[name]) > 0 ||
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].every((each) => bytesOf(each.resources?.limits?.[name]) > 0)
  const quota = declared('cpu') && !options.noCpuQuota ? cpuQuotaMicros(milliCpuOf(limits['cpu'])) : undefined
  const memory = declared('memory') ? bytesOf(limits['memory']) : 0
  const huge = hugePagesOf(requests)
  return {
    cpuShares: cpuShares(milliCpuOf(requests['cpu'])),
    ...(quota === undefined ? {} : { cpuQuotaMicros: quota }),
    ...(memory > 0 ? { memoryBytes: memory } : {}),
    ...(Object.keys(huge).length > 0 ? { hugePages: huge } : {}),
  }
}

const hugePrefix = 'hugepages-'

/** Page size → bytes, of the amounts that are of huge pages. */
export function hugePagesOf(amounts: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(amounts)
      .filter(([name]) => name.startsWith(hugePrefix))
      .map(([name, text]) => [name.slice(hugePrefix.length), bytesOf(text)]),
  )
}

/** `2Mi` as the kernel's files have it: 2MB. */
export function hugePageFile(size: string): string {
  const bytes = bytesOf(size)
  const units = ['', 'KB', 'MB', 'GB', 'TB']
  const power = Math.floor(Math.log2(bytes) / 10)
  return `${bytes / 2 ** (10 * power)}${units[power]}`
}

export interface CgroupWrite {
  controller: string
  file: string
  value: string
}

/** `controller` is empty on version 2, where there is one tree. */
export function cgroupWrites(version: 1 | 2, limits: CgroupLimits): CgroupWrite[] {
  const put = (controller: string, file: string, value: string | number): CgroupWrite => ({
    controller: version === 1 ? controller : '',
    file,
    value: String(value),
  })
  const { cpuShares: shares, cpuQuotaMicros: quota, memoryBytes, pids, hugePages = {} } = limits
  const huge = Object.entries(hugePages).map(([size, bytes]) =>
    put('hugetlb', `hugetlb.${hugePageFile(size)}.${version === 1 ? 'limit_in_bytes' : 'max'}`, bytes),
  )
  if (version === 1)
    return [
      ...(shares === undefined ? [] : [put('cpu', 'cpu.shares', shares)]),
      ...(quota === undefined ? [] : [put('cpu', 'cpu.cfs_period_us', cpuPeriodMicros), put('cpu', 'cpu.cfs_quota_us', quota)]),
      ...(memoryBytes === undefined ? [] : [put('memory', 'memory.limit_in_bytes', memoryBytes)]),
      ...(pids === undefined ? [] : [put('pids', 'pids.max', pids)]),
      ...huge,
    ]
  return [
    ...(shares === undefined ? [] : [put('', 'cpu.weight', cpuWeight(shares))]),
    ...(quota === undefined ? [] : [put('', 'cpu.max', `${quota} ${cpuPeriodMicros}`)]),
    ...(memoryBytes === undefined ? [] : [put('', 'memory.max', memoryBytes)]),
    ...(pids === undefined ? [] : [put('', 'pids.max', pids)]),
    ...huge,
  ]
}

/** Version 2 counts from 1 to 10000 what version 1 counts from 2 to 262144. */
export function cpuWeight(shares: number): number {
  return Math.floor(1 + ((shares - 2) * 9999) / 262_142)
}
