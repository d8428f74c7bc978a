/** Quality of service: the class of a pod, its share of the processor, and whom the kernel kills first. Pure. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { qosClass as qosOfSpec } from '#api/core/rules/qos.ts'
import { containerRequests } from '#api/core/rules/resources.ts'
import { milliValue, quantityValue } from '#api/meta/quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

export function qosClass(pod: Pod): QosClass {
  return pod.spec ? qosOfSpec(withRequests(pod.spec)) : 'BestEffort'
}

/** The API defaults requests from limits; manifests of static pods come without. */
export function withRequests(spec: PodSpec): PodSpec {
  const filled = (container: Container): Container => {
    const { limits } = container.resources ?? {}
    return limits
      ? { ...container, resources: { ...container.resources, requests: { ...limits, ...container.resources?.requests } } }
      : container
  }
  return {
    ...spec,
    containers: (spec.containers ?? []).map(filled),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(filled) } : {}),
  }
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

/**
 * -997 for what must not go, 1000 for who asked for nothing, in between by the share of the node's memory that was asked for; what the pod as a
 * whole asks for beyond its containers is shared among them. A sidecar goes no sooner than the app containers do.
 */
export function oomScoreAdj(pod: Pod, container: Pick<Container, 'name' | 'resources'>, nodeMemoryBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= 2_000_001_000) return -997
  const qos = qosClass(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const spec = withRequests(pod.spec ?? { containers: [] })
  const shared = sharedMemory(spec)
  const score = (bytes: number): number => 1000 - Math.trunc((1000 * (bytes + shared)) / nodeMemoryBytes)
  const asked = (each: Pick<Container, 'resources'> | undefined): number => bytesOf(each?.resources?.requests?.['memory'])
  const sidecar = spec.initContainers?.find((each) => each.name === container.name && each.restartPolicy === 'Always')
  const own = sidecar ?? spec.containers?.find((each) => each.name === container.name) ?? container
  const least = Math.min(...(spec.containers ?? []).map(asked))
  const adjust = sidecar ? Math.min(score(asked(own)), score(least)) : score(asked(own))
  return adjust < 3 ? 3 : adjust === 1000 ? 999 : adjust
}

/** Bytes for each container, of what only the pod as a whole asks for. */
function sharedMemory(spec: PodSpec): number {
  const whole = bytesOf(spec.resources?.requests?.['memory'])
  if (whole === 0) return 0
  const count = (spec.containers ?? []).length + (spec.initContainers ?? []).length
  return Math.trunc((whole - bytesOf(containerRequests({ spec })['memory'])) / count)
}

export const milliCpuOf = (text: string | undefined): number => (text === undefined ? 0 : milliValue(text))
export const bytesOf = (text: string | undefined): number => (text === undefined ? 0 : quantityValue(text))
