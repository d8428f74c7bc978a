/** Services. */
import type { z } from 'zod'
import { bool, int32, intOrString, kind, list, map, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { checkDns1035Label } from '#api/validation/names.ts'
import { serviceColumns } from './columns/service.ts'
import { defaultService } from './defaults/service.ts'
import { prepareService } from './service-prepare.ts'
import { serviceWarnings } from './service-warnings.ts'
import { validateService, validateServiceStatus } from './validation/service.ts'

export const servicePortSchema = message('io.k8s.api.core.v1.ServicePort', 'A port of a service.', {
  name: string(1, 'Name, needed if there are several.'),
  protocol: string(2, 'TCP, UDP or SCTP.', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
  appProtocol: string(6, 'Protocol above the transport.', { pointer: true }),
  port: int32(3, 'Port of the service.', { json: 'always' }),
  targetPort: intOrString(4, 'Port of the pods, by number or name.'),
  nodePort: int32(5, 'Port on every node.'),
})
export type ServicePort = z.output<typeof servicePortSchema>

export const clientIPConfigSchema = message('io.k8s.api.core.v1.ClientIPConfig', 'Settings of affinity by client address.', {
  timeoutSeconds: int32(1, 'Seconds for which a client keeps its endpoint.', { pointer: true }),
})
export type ClientIPConfig = z.output<typeof clientIPConfigSchema>

export const sessionAffinityConfigSchema = message('io.k8s.api.core.v1.SessionAffinityConfig', 'Settings of session affinity.', {
  clientIP: object(1, clientIPConfigSchema, 'Settings of affinity by client address.', { pointer: true }),
})
export type SessionAffinityConfig = z.output<typeof sessionAffinityConfigSchema>

export const serviceSpecSchema = message('io.k8s.api.core.v1.ServiceSpec', 'How a service is reached and what it leads to.', {
  ports: list(1, servicePortSchema, 'Its ports.', {
    listType: 'map',
    listKeys: ['port', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'port',
  }),
  selector: map(2, 'string', 'Labels of the pods behind it.', { mapType: 'atomic' }),
  clusterIP: string(3, 'Address inside the cluster; None for a headless service.'),
  clusterIPs: list(18, 'string', 'Addresses inside the cluster, one for each family.', { listType: 'atomic' }),
  type: string(4, 'ClusterIP, NodePort, LoadBalancer or ExternalName.', {
    enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
    goType: 'v1.ServiceType',
  }),
  externalIPs: list(5, 'string', 'Further addresses that lead to it.', { listType: 'atomic' }),
  sessionAffinity: string(7, 'ClientIP keeps a client at one pod; None.', { enum: ['ClientIP', 'None'], goType: 'v1.ServiceAffinity' }),
  loadBalancerIP: string(8, 'Deprecated: wanted address of the load balancer.'),
  loadBalancerSourceRanges: list(9, 'string', 'Clients that the load balancer lets in.', { listType: 'atomic' }),
  externalName: string(10, 'DNS name that an ExternalName service stands for.'),
  externalTrafficPolicy: string(11, 'Cluster or Local: where traffic from outside may go.', {
    enum: ['Cluster', 'Local'],
    goType: 'v1.ServiceExternalTrafficPolicy',
  }),
  healthCheckNodePort: int32(12, 'Port on which nodes tell load balancers whether they have pods.'),
  publishNotReadyAddresses: bool(13, 'Counts pods in that are not ready.'),
  sessionAffinityConfig: object(14, sessionAffinityConfigSchema, 'Settings of the affinity.', { pointer: true }),
  ipFamilies: list(19, 'string', 'IPv4 and IPv6, the first is the main one.', {
    enum: ['', 'IPv4', 'IPv6'],
    listType: 'atomic',
    goType: 'v1.IPFamily',
  }),
  ipFamilyPolicy: string(17, 'How many families.', {
    pointer: true,
    enum: ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
    goType: 'v1.IPFamilyPolicy',
  }),
  allocateLoadBalancerNodePorts: bool(20, 'Whether a load balancer gets node ports.', { pointer: true }),
  loadBalancerClass: string(21, 'Which load balancer takes it.', { pointer: true }),
  internalTrafficPolicy: string(22, 'Cluster or Local: where traffic from inside may go.', {
    pointer: true,
    enum: ['Cluster', 'Local'],
    goType: 'v1.ServiceInternalTrafficPolicy',
  }),
  trafficDistribution: string(23, 'Which endpoints are preferred.', { pointer: true }),
})
export type ServiceSpec = z.output<typeof serviceSpecSchema>

export const portStatusSchema = message('io.k8s.api.core.v1.PortStatus', 'State of a port of a load balancer.', {
  port: int32(1, 'Port number.', { json: 'always' }),
  protocol: string(2, 'TCP, UDP or SCTP.', { json: 'always', enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
  error: string(3, 'What is wrong with it.', { pointer: true }),
})
export type PortStatus = z.output<typeof portStatusSchema>

export const loadBalancerIngressSchema = message('io.k8s.api.core.v1.LoadBalancerIngress', 'An address of a load balancer.', {
  ip: string(1, 'Its address.'),
  hostname: string(2, 'Its name.'),
  ipMode: string(3, 'VIP or Proxy: how traffic arrives.', { pointer: true, goType: 'v1.LoadBalancerIPMode' }),
  ports: list(4, portStatusSchema, 'State of its ports.', { listType: 'atomic' }),
})
export type LoadBalancerIngress = z.output<typeof loadBalancerIngressSchema>

export const loadBalancerStatusSchema = message('io.k8s.api.core.v1.LoadBalancerStatus', 'Where a load balancer is reached.', {
  ingress: list(1, loadBalancerIngressSchema, 'Its addresses.', { listType: 'atomic' }),
})
export type LoadBalancerStatus = z.output<typeof loadBalancerStatusSchema>

export const serviceStatusSchema = message('io.k8s.api.core.v1.ServiceStatus', 'What is seen of a service.', {
  loadBalancer: object(1, loadBalancerStatusSchema, 'Where the load balancer is.'),
  conditions: list(2, conditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ServiceStatus = z.output<typeof serviceStatusSchema>

export const serviceSchema = kind('io.k8s.api.core.v1.Service', 'One name and address for many pods.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, serviceSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, serviceStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type Service = z.output<typeof serviceSchema>

export const Services: Resource<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  storagePrefix: 'services/specs',
  schema: serviceSchema,
  columns: serviceColumns,
  generation: false,
  createOnUpdate: true,
  returnsDeleted: true,
  defaults: defaultService,
  prepare: prepareService,
  validateName: checkDns1035Label,
  validate: validateService,
  warnings: serviceWarnings,
  subresources: {
    status: {
      prepare: keepSpec,
      validate: validateServiceStatus,
    },
  },
  selectableFields: {
    'spec.clusterIP': (service) => service.spec.clusterIP ?? '',
    'spec.type': (service) => service.spec.type ?? '',
  },
}
