/** What a service's spec implies (upstream: pkg/api/service/util.go, pkg/registry/core/service). */
import type { ServiceSpec } from '#api/core/service.ts'

/** Reachable from outside the cluster: node ports, load balancers, or a cluster IP service with external IPs. */
export function externallyAccessible(spec: ServiceSpec): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true
  return spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0
}

/** Needs a node port for the load balancer's health checks. */
export function needsHealthCheck(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
}

export function needsClusterIP(spec: ServiceSpec): boolean {
  return spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer'
}

export function needsNodePort(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
}

/** Headless: the cluster IP is `None`. */
export function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIP === 'None'
}
