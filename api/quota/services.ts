/** Services against quotas: their number, their node ports and load balancers (upstream: pkg/quota/v1/evaluator/core/services.go). */
import type { Service } from '#api/core/service.ts'
import type { QuotaEvaluator } from './evaluator.ts'

const names = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers']

/** Ports are counted before they are allocated: the intent counts. */
function nodePortsOf({ spec }: Service): number {
  const ports = spec.ports ?? []
  if (spec.type === 'NodePort') return ports.length
  if (spec.type !== 'LoadBalancer') return 0
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length : ports.length
}

export const serviceQuota: QuotaEvaluator = {
  groupResource: 'services',
  handles: ({ subresource }) => subresource === '',
  matchingNames: (wanted) => names.filter((name) => wanted.includes(name)),
  inScope: () => false,
  usage: (object) => ({
    'count/services': '1',
    services: '1',
    'services.nodeports': String(nodePortsOf(object as Service)),
    'services.loadbalancers': (object as Service).spec.type === 'LoadBalancer' ? '1' : '0',
  }),
}
