/** What of a pod decides its place. Pods of one template have one shape, and verdicts are kept per shape. Pure. */
import type { Affinity } from '#api/core/affinity.ts'
import type { Pod } from '#api/core/pod.ts'
import type { Toleration } from '#api/core/pod-spec.ts'
import { podRequests } from '#api/core/rules/resources.ts'
import { milliValue, quantityValue } from '#api/meta/quantity.ts'

export interface HostPort {
  protocol: string
  /** '' and 0.0.0.0 mean every address. */
  ip: string
  port: number
}

/** Amounts in whole numbers: thousandths of a core, bytes, pieces. */
export interface Amounts {
  cpuMilli: number
  memoryBytes: number
  ephemeralBytes: number
  /** Extended resources and hugepages. */
  scalars: ReadonlyMap<string, number>
}

export interface PodShape {
  /** Equal for pods that every plug-in treats alike. */
  key: string
  nodeName: string
  requests: Amounts
  /** For scoring: a container without requests still takes something (upstream: 100m and 200 MiB). */
  scored: { cpuMilli: number; memoryBytes: number }
  tolerations: readonly Toleration[]
  nodeSelector: Readonly<Record<string, string>> | undefined
  affinity: Affinity | undefined
  hostPorts: readonly HostPort[]
  images: readonly string[]
  /** '' for a pod that nothing controls. */
  controllerUid: string
  /** Constraints that no plug-in judges yet, by field. */
  unjudged: readonly string[]
}

const defaultCpuMilli = 100
const defaultMemoryBytes = 200 * 1024 * 1024

export function amountsOf(list: Readonly<Record<string, string>>): Amounts {
  const scalars = new Map<string, number>()
  for (const [name, text] of Object.entries(list)) {
    if (name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage' && name !== 'pods') scalars.set(name, quantityValue(text))
  }
  return {
    cpuMilli: milliValue(list['cpu'] ?? '0'),
    memoryBytes: quantityValue(list['memory'] ?? '0'),
    ephemeralBytes: quantityValue(list['ephemeral-storage'] ?? '0'),
    scalars,
  }
}

export const controllerUid = (pod: Pod): string => pod.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? ''

export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')]
  return containers.flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => port.hostPort)
      .map((port) => ({ protocol: port.protocol ?? 'TCP', ip: port.hostIP || '0.0.0.0', port: port.hostPort ?? 0 })),
  )
}

/** Amounts that scoring counts for a pod: what it requests, or upstream's guess per container. */
export function scoredAmounts(pod: Pod, requests: Amounts): { cpuMilli: number; memoryBytes: number } {
  const silent = (name: string): number => pod.spec.containers.filter((c) => c.resources?.requests?.[name] === undefined).length
  return {
    cpuMilli: requests.cpuMilli + silent('cpu') * defaultCpuMilli,
    memoryBytes: requests.memoryBytes + silent('memory') * defaultMemoryBytes,
  }
}

export function shapeOf(pod: Pod): PodShape {
  const { spec } = pod
  const requests = amountsOf(podRequests(pod))
  const shape = {
    nodeName: spec.nodeName ?? '',
    requests,
    scored: scoredAmounts(pod, requests),
    tolerations: spec.tolerations ?? [],
    nodeSelector: spec.nodeSelector,
    affinity: spec.affinity,
    hostPorts: hostPortsOf(pod),
    images: spec.containers.map((c) => c.image ?? ''),
    controllerUid: controllerUid(pod),
    unjudged: unjudgedOf(pod),
  }
  return { key: JSON.stringify({ ...shape, requests: { ...requests, scalars: [...requests.scalars] } }), ...shape }
}

/** Hard constraints among pods and on claims: a pod that has one must not be placed as if it had none. */
function unjudgedOf({ spec }: Pod): readonly string[] {
  const fields: string[] = []
  if (spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length) fields.push('spec.affinity.podAffinity')
  if (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length) fields.push('spec.affinity.podAntiAffinity')
  if (spec.topologySpreadConstraints?.some((c) => c.whenUnsatisfiable === 'DoNotSchedule')) fields.push('spec.topologySpreadConstraints')
  if (spec.resourceClaims?.length) fields.push('spec.resourceClaims')
  return fields
}
