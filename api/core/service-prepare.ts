/** Fields of a service that stop to apply when its type changes (upstream: pkg/registry/core/service/strategy.go). */
import { sameValue } from '#api/meta/same-value.ts'
import { externallyAccessible, needsHealthCheck } from './rules/service.ts'
import type { Service, ServiceSpec } from './service.ts'

const hasClusterIP = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName'
const hasNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer'

function wipeAddresses(next: ServiceSpec, prev: ServiceSpec): void {
  if (!hasClusterIP(prev) || hasClusterIP(next)) return
  if (sameValue(next.clusterIP, prev.clusterIP) && sameValue(next.clusterIPs, prev.clusterIPs)) {
    delete next.clusterIP
    delete next.clusterIPs
  }
  if (sameValue(next.ipFamilies, prev.ipFamilies)) delete next.ipFamilies
  if (next.ipFamilyPolicy === prev.ipFamilyPolicy) delete next.ipFamilyPolicy
}

function wipeNodePorts(next: ServiceSpec, prev: ServiceSpec): void {
  if (!hasNodePorts(prev) || hasNodePorts(next)) return
  const known = new Set((prev.ports ?? []).map((port) => port.nodePort ?? 0))
  const added = (next.ports ?? []).some((port) => port.nodePort && !known.has(port.nodePort))
  if (!added) for (const port of next.ports ?? []) delete port.nodePort
}

/**
 * A field is only wiped if it no longer applies, the server may have set it, and the writer did not change it in the same
 * breath (validation then refuses it).
 */
function wipeTypeDependent(next: ServiceSpec, prev: ServiceSpec): void {
  wipeAddresses(next, prev)
  wipeNodePorts(next, prev)
  if (needsHealthCheck(prev) && !needsHealthCheck(next) && (next.healthCheckNodePort ?? 0) === (prev.healthCheckNodePort ?? 0)) {
    delete next.healthCheckNodePort
  }
  if (prev.type === 'LoadBalancer' && next.type !== 'LoadBalancer') {
    if (next.allocateLoadBalancerNodePorts === prev.allocateLoadBalancerNodePorts) delete next.allocateLoadBalancerNodePorts
    if (next.loadBalancerClass === prev.loadBalancerClass) delete next.loadBalancerClass
  }
  if (externallyAccessible(prev) && !externallyAccessible(next) && next.externalTrafficPolicy === prev.externalTrafficPolicy) {
    delete next.externalTrafficPolicy
  }
}

export function prepareService(next: Service, prev: Service | undefined): Service {
  next.status = prev ? structuredClone(prev.status) : { loadBalancer: {} }
  // upstream stores it for such services, yet never shows it
  if (next.spec.type === 'ExternalName') delete next.spec.internalTrafficPolicy
  if (!prev) return next
  wipeTypeDependent(next.spec, prev.spec)
  if (next.spec.type !== 'LoadBalancer') next.status.loadBalancer = {}
  return next
}
