/** Dependent defaults of services (upstream: pkg/apis/core/v1/defaults.go); addresses and families come from the allocators. */
import { externallyAccessible } from '#api/core/rules/service.ts'
import type { Service, ServiceSpec } from '#api/core/service.ts'

/** Seconds a client sticks to its endpoint (three hours). */
const stickySeconds = 10800

function defaultAffinity(spec: ServiceSpec): void {
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: stickySeconds } }
}

function defaultPorts(spec: ServiceSpec): void {
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
}

export function defaultService(service: Service): Service {
  const { spec } = service
  defaultAffinity(spec)
  spec.type ||= 'ClusterIP'
  defaultPorts(spec)
  if (externallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'ExternalName' && ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type))
    spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
  return service
}
