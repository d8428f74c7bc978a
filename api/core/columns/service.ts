/** Table columns of services. */
import type { Service, ServicePort } from '#api/core/service.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import { labelsText } from './template.ts'

function loadBalancerAddresses(service: Service): string[] {
  const addresses = (service.status?.loadBalancer?.ingress ?? []).map((ingress) => ingress.ip || ingress.hostname || '')
  return [...new Set(addresses.filter((address) => address !== ''))].sort()
}

function externalAddresses(service: Service): string {
  const fixed = service.spec.externalIPs ?? []
  switch (service.spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return fixed.join(',') || '<none>'
    case 'LoadBalancer':
      return [...loadBalancerAddresses(service), ...fixed].join(',') || '<pending>'
    case 'ExternalName':
      return service.spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function portText(port: ServicePort): string {
  return port.nodePort ? `${port.port}:${port.nodePort}/${port.protocol}` : `${port.port}/${port.protocol}`
}

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  column('Type', 'How the service is reached.', (service) => service.spec.type ?? ''),
  column('Cluster-IP', 'Address inside the cluster.', (service) => service.spec.clusterIPs?.[0] ?? '<none>'),
  column('External-IP', 'Addresses outside the cluster.', externalAddresses),
  column('Port(s)', 'Ports, with node port and protocol.', (service) => (service.spec.ports ?? []).map(portText).join(',') || '<none>'),
  ageColumn,
  column('Selector', 'Labels of the pods behind the service.', (service) => labelsText(service.spec.selector), 1),
]
