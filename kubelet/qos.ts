/** Quality of service: the class of a pod, its share of the processor, and whom the kernel kills first. Pure. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { compareQuantities, milliValue, quantityValue } from '#api/meta/quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory'] as const
const isSet = (text: string | undefined): text is string => text !== undefined && compareQuantities(text, '0') > 0

/** As upstream: Guaranteed where every container limits both cpu and memory and requests the same; BestEffort where none asks for anything. */
export function qosClass(pod: Pod): QosClass {
  const own = pod.spec?.resources
  const all =
    own?.requests || own?.limits
      ? [own]
      : [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map((each) => each.resources)
  let asks = false
  let guaranteed = true
  for (const resources of all) {
    for (const name of counted) {
      const limit = resources?.limits?.[name]
      const request = resources?.requests?.[name]
      if (isSet(limit) || isSet(request)) asks = true
      if (!isSet(limit) || (isSet(request) && compareQuantities(limit, request) !== 0)) guaranteed = false
    }
  }
  return !asks ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}

/** cgroup v1's cpu.shares for a request in thousandths of a core. */
export function cpuShares(milliCpu: number): number {
  return milliCpu === 0 ? 2 : Math.min(262_144, Math.max(2, Math.floor((milliCpu * 1024) / 1000)))
}

export const cpuPeriodMicros = 100_000

/** Microseconds a period; undefined for no limit. */
export function cpuQuotaMicros(milliCpu: number): number | undefined {
  return milliCpu === 0 ? undefined : Math.max(1000, Math.floor((milliCpu * cpuPeriodMicros) / 1000))
}

/** -997 for what must not go, 1000 for who asked for nothing, in between by the share of the node's memory that was asked for. */
export function oomScoreAdj(pod: Pod, container: Pick<Container, 'resources'>, nodeMemoryBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= 2_000_001_000) return -997
  const qos = qosClass(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const request = container.resources?.requests?.['memory']
  const adjust = 1000 - Math.floor((1000 * (request ? quantityValue(request) : 0)) / nodeMemoryBytes)
  return adjust < 3 ? 3 : adjust === 1000 ? 999 : adjust
}

export const milliCpuOf = (text: string | undefined): number => (text === undefined ? 0 : milliValue(text))
export const bytesOf = (text: string | undefined): number => (text === undefined ? 0 : quantityValue(text))
