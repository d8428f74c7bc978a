/** What an evicted pod's owner is told, in upstream's words, trailing blanks included. Pure. */
import { formatQuantity, parseQuantity } from '#api/meta/quantity.ts'
import type { PodUsage } from '#kubelet/stats/usage.ts'
import { type Observations, type StarvedResource, signals } from './signals.ts'
import { amountIn, type Threshold } from './thresholds.ts'

export const evicted = 'Evicted'

/** Bytes as upstream writes them: in powers of 1024 where that loses nothing. */
export const bytesText = (bytes: number): string => formatQuantity({ nano: BigInt(Math.round(bytes)) * 1_000_000_000n, format: 'BinarySI' })

/** Inodes and processes are counted in tens. */
const countText = (count: number): string => formatQuantity({ nano: BigInt(Math.round(count)) * 1_000_000_000n, format: 'DecimalSI' })

export function conditionMessage(conditions: readonly string[]): string {
  return `The node had condition: [${conditions.join(' ')}]. `
}
export const emptyDirMessage = (name: string, limit: string): string =>
  `Usage of EmptyDir volume "${name}" exceeds the limit "${formatQuantity(parseQuantity(limit))}". `
export const podStorageMessage = (limit: string): string =>
  `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `
export const containerStorageMessage = (name: string, limit: string): string =>
  `Container ${name} exceeded its local ephemeral storage limit "${formatQuantity(parseQuantity(limit))}". `

export interface EvictionWords {
  message: string
  annotations: Readonly<Record<string, string>>
}

export function evictionWords(
  resource: StarvedResource,
  usage: PodUsage | undefined,
  active: readonly Threshold[],
  seen: Observations,
): EvictionWords {
  let message = `The node was low on resource: ${resource}. ${thresholdText(resource, active, seen)}`
  if (!usage) return { message, annotations: {} }
  const { pod, containers } = usage
  const annotations: Record<string, string> = {}
  const podRequest = resource === 'memory' ? pod.spec?.resources?.requests?.['memory'] : undefined
  if (podRequest !== undefined && usage.cgroup) {
    const used = bytesText(usage.cgroup.workingSetBytes)
    message += `Pod ${pod.metadata.name} was using ${used}, request is ${formatQuantity(parseQuantity(podRequest))}, has larger consumption of ${resource}. `
    annotations['offending_pod'] = pod.metadata.name ?? ''
    annotations['offending_pod_usage'] = used
  }
  const exceeded = containers.flatMap(({ name, cgroup, rootfs, logs }) => {
    const spec = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((each) => each.name === name)
    const storage = rootfs && logs ? rootfs.usedBytes + logs.usedBytes : undefined
    const used = resource === 'memory' ? cgroup.workingSetBytes : resource === 'ephemeral-storage' ? storage : undefined
    const request = parseQuantity(spec?.resources?.requests?.[resource] ?? '0')
    if (!spec || used === undefined || BigInt(used) * 1_000_000_000n <= request.nano) return []
    return [{ name, used: bytesText(used), request: formatQuantity(request) }]
  })
  for (const { name, used, request } of exceeded)
    message += `Container ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `
  annotations['offending_containers'] = exceeded.map(({ name }) => name).join(',')
  annotations['offending_containers_usage'] = exceeded.map(({ used }) => used).join(',')
  annotations['starved_resource'] = resource
  return { message, annotations }
}

function thresholdText(resource: StarvedResource, active: readonly Threshold[], seen: Observations): string {
  for (const { signal, amount } of active) {
    const observed = signals[signal].resource === resource ? seen.get(signal) : undefined
    if (!observed) continue
    const text = resource === 'inodes' || resource === 'pids' ? countText : bytesText
    const quantity = 'text' in amount ? formatQuantity(parseQuantity(amount.text)) : bytesText(amountIn(amount, observed))
    return `Threshold quantity: ${quantity}, available: ${text(observed.available)}. `
  }
  return ''
}
