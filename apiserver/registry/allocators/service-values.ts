/** Which addresses and ports a service holds, and which of them an update leaves to it (pure). */
import { needsClusterIP, needsHealthCheck, needsNodePort } from '#api/core/rules/service.ts'
import type { Service, ServiceSpec } from '#api/core/service.ts'

export interface Held {
  addresses: readonly string[]
  ports: readonly number[]
}

/** What must be taken for this spec: each thing once. */
export function heldBy(service: Service | undefined): Held {
  if (!service) return { addresses: [], ports: [] }
  const { spec } = service
  const addresses = needsClusterIP(spec) ? (spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '') : []
  const nodePorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? (spec.ports ?? []).map((p) => p.nodePort ?? 0) : []
  const health = needsHealthCheck(spec) ? [spec.healthCheckNodePort ?? 0] : []
  return { addresses: [...new Set(addresses)], ports: [...new Set([...nodePorts, ...health])].filter((port) => port > 0) }
}

/** Allocated values that the writer left out stay what they were (a manifest does not name them). */
export function keepAllocated(next: ServiceSpec, prev: ServiceSpec): void {
  if (needsClusterIP(prev) && needsClusterIP(next)) {
    if (!next.clusterIP && prev.clusterIP) next.clusterIP = prev.clusterIP
    if ((next.clusterIPs?.length ?? 0) === 0 && (prev.clusterIPs?.length ?? 0) > 0) next.clusterIPs = [...(prev.clusterIPs ?? [])]
  }
  if (needsNodePort(prev) && needsNodePort(next)) keepNodePorts(next, prev)
  if (needsHealthCheck(prev) && needsHealthCheck(next) && !next.healthCheckNodePort && prev.healthCheckNodePort)
    next.healthCheckNodePort = prev.healthCheckNodePort
}

function keepNodePorts(next: ServiceSpec, prev: ServiceSpec): void {
  const used = (spec: ServiceSpec): Set<number> => new Set((spec.ports ?? []).map((p) => p.nodePort ?? 0).filter((p) => p !== 0))
  const now = used(next)
  const both = new Set([...used(prev)].filter((port) => now.has(port)))
  const byName = new Map((prev.ports ?? []).map((p) => [p.name ?? '', p.nodePort ?? 0]))
  for (const port of next.ports ?? []) {
    if (port.nodePort) continue
    const was = byName.get(port.name ?? '') ?? 0
    if (was !== 0 && !both.has(was)) port.nodePort = was
  }
}
