/**
 * Decides which endpoints answer for each port of a service on this node. Pure.
 * Follows upstream's endpoint categories: ready ones, or, where none is ready, those that still serve while they terminate
 * (pkg/proxy/topology.go), and the traffic policies Cluster and Local.
 */
import type { Service, ServicePort as ServicePortSpec } from '#api/core/service.ts'
import type { Endpoint, EndpointSlice } from '#api/discovery/endpoint-slice.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp'

export interface Backend {
  ip: string
  port: number
  /** The pod runs on this node. */
  local: boolean
}

/** One port of one service, with everything that the rules need. */
export interface ServicePort {
  /** `namespace/name`, plus `:port` where the port has a name. */
  id: string
  protocol: Protocol
  clusterIps: readonly string[]
  port: number
  nodePort: number | undefined
  /** External and load-balancer addresses: traffic to them is traffic from outside. */
  externalIps: readonly string[]
  /** If not empty, only these sources reach the load-balancer addresses. */
  sourceRanges: readonly string[]
  loadBalancerIps: readonly string[]
  affinitySeconds: number | undefined
  internalLocal: boolean
  externalLocal: boolean
  /** Endpoints of the whole cluster, sorted. */
  cluster: readonly Backend[]
  /** Endpoints on this node, sorted. */
  local: readonly Backend[]
}

const isIPv4 = (ip: string): boolean => ip.includes('.') && !ip.includes(':')

/** The ports of one service. Empty for services that have no kernel rules (ExternalName, headless, other proxies). */
export function resolve(service: Service, slices: readonly EndpointSlice[], nodeName: string): readonly ServicePort[] {
  const spec = service.spec
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return []
  if (service.metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return []
  return (spec.ports ?? []).map((port) => resolvePort(service, port, { slices, nodeName }))
}

function resolvePort(service: Service, port: ServicePortSpec, from: { slices: readonly EndpointSlice[]; nodeName: string }): ServicePort {
  const spec = service.spec
  const backends = backendsOf(port, from.slices, from.nodeName)
  const ingress = service.status.loadBalancer?.ingress ?? []
  return {
    id: `${service.metadata.namespace}/${service.metadata.name}${port.name ? `:${port.name}` : ''}`,
    protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
    clusterIps: (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIPv4),
    port: port.port,
    nodePort: port.nodePort ? port.nodePort : undefined,
    externalIps: (spec.externalIPs ?? []).filter(isIPv4),
    loadBalancerIps: ingress
      .filter((i) => i.ip !== undefined && i.ipMode !== 'Proxy')
      .map((i) => i.ip ?? '')
      .filter(isIPv4),
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isIPv4),
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    cluster: usable(backends),
    local: usable(backends.filter((b) => b.local)),
  }
}

type Candidate = Backend & { ready: boolean; serving: boolean }

function usable(candidates: readonly Candidate[]): readonly Backend[] {
  const ready = candidates.filter((c) => c.ready)
  const chosen = ready.length > 0 ? ready : candidates.filter((c) => c.serving)
  return chosen.map(({ ip, port, local }) => ({ ip, port, local }))
}

/** All endpoints behind one service port, by the port's name, each address and port once, in a stable order. */
function backendsOf(port: ServicePortSpec, slices: readonly EndpointSlice[], nodeName: string): readonly Candidate[] {
  const found = new Map<string, Candidate>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const target = (slice.ports ?? []).find(
      (p) => (p.name ?? '') === (port.name ?? '') && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (target?.port === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses?.[0]
      if (ip === undefined) continue
      const candidate = candidateOf(endpoint, { ip, port: target.port, nodeName })
      const key = `${ip}:${target.port}`
      const earlier = found.get(key)
      // A pod may stand in two slices for a moment; the one that is ready speaks for it.
      if (!earlier || (!earlier.ready && candidate.ready)) found.set(key, candidate)
    }
  }
  return [...found.values()].sort((a, b) => compareAddresses(a.ip, b.ip) || a.port - b.port)
}

function candidateOf(endpoint: Endpoint, at: { ip: string; port: number; nodeName: string }): Candidate {
  const { ready = true, serving = ready, terminating = false } = endpoint.conditions ?? {}
  return { ip: at.ip, port: at.port, local: endpoint.nodeName === at.nodeName, ready, serving: serving && terminating }
}

function compareAddresses(a: string, b: string): number {
  const [left, right] = [addressNumber(a), addressNumber(b)]
  return left - right
}

/** An IPv4 address as a number. */
export function addressNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
