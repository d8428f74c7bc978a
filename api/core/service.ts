/** DESCRIBE file api/core/service.ts */
import type { z } from 'zod'
import { bool, int32, intOrString, kind, list, map, message, object, string } from '#api/fields.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { checkDns1035Label } from '#api/validation/names.ts'
import { serviceColumns } from './columns/service.ts'
import { defaultService } from './defaults/service.ts'
import { prepareService } from './service-prepare.ts'
import { serviceWarnings } from './service-warnings.ts'
import { validateService, validateServiceStatus } from './validation/service.ts'

export const servicePortSchema = message('io.k8s.api.core.v1.ServicePort', 'DESCRIBE ServicePort', {
  name: string(1, 'DESCRIBE ServicePort.name'),
  protocol: string(2, 'DESCRIBE ServicePort.protocol', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  appProtocol: string(6, 'DESCRIBE ServicePort.appProtocol', { pointer: true }),
  port: int32(3, 'DESCRIBE ServicePort.port', { json: 'always' }),
  targetPort: intOrString(4, 'DESCRIBE ServicePort.targetPort'),
  nodePort: int32(5, 'DESCRIBE ServicePort.nodePort'),
})
export type ServicePort = z.output<typeof servicePortSchema>

export const clientIPConfigSchema = message('io.k8s.api.core.v1.ClientIPConfig', 'DESCRIBE ClientIPConfig', {
  timeoutSeconds: int32(1, 'DESCRIBE ClientIPConfig.timeoutSeconds', { pointer: true }),
})
export type ClientIPConfig = z.output<typeof clientIPConfigSchema>

export const sessionAffinityConfigSchema = message('io.k8s.api.core.v1.SessionAffinityConfig', 'DESCRIBE SessionAffinityConfig', {
  clientIP: object(1, clientIPConfigSchema, 'DESCRIBE SessionAffinityConfig.clientIP', { pointer: true }),
})
export type SessionAffinityConfig = z.output<typeof sessionAffinityConfigSchema>

export const serviceSpecSchema = message('io.k8s.api.core.v1.ServiceSpec', 'DESCRIBE ServiceSpec', {
  ports: list(1, servicePortSchema, 'DESCRIBE ServiceSpec.ports', {
    listType: 'map',
    listKeys: ['port', 'protocol'],
    patchStrategy: 'merge',
    patchMergeKey: 'port',
  }),
  selector: map(2, 'string', 'DESCRIBE ServiceSpec.selector', { mapType: 'atomic' }),
  clusterIP: string(3, 'DESCRIBE ServiceSpec.clusterIP'),
  clusterIPs: list(18, 'string', 'DESCRIBE ServiceSpec.clusterIPs', { listType: 'atomic' }),
  type: string(4, 'DESCRIBE ServiceSpec.type', { enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] }),
  externalIPs: list(5, 'string', 'DESCRIBE ServiceSpec.externalIPs', { listType: 'atomic' }),
  sessionAffinity: string(7, 'DESCRIBE ServiceSpec.sessionAffinity', { enum: ['ClientIP', 'None'] }),
  loadBalancerIP: string(8, 'DESCRIBE ServiceSpec.loadBalancerIP'),
  loadBalancerSourceRanges: list(9, 'string', 'DESCRIBE ServiceSpec.loadBalancerSourceRanges', { listType: 'atomic' }),
  externalName: string(10, 'DESCRIBE ServiceSpec.externalName'),
  externalTrafficPolicy: string(11, 'DESCRIBE ServiceSpec.externalTrafficPolicy', { enum: ['Cluster', 'Local'] }),
  healthCheckNodePort: int32(12, 'DESCRIBE ServiceSpec.healthCheckNodePort'),
  publishNotReadyAddresses: bool(13, 'DESCRIBE ServiceSpec.publishNotReadyAddresses'),
  sessionAffinityConfig: object(14, sessionAffinityConfigSchema, 'DESCRIBE ServiceSpec.sessionAffinityConfig', { pointer: true }),
  ipFamilies: list(19, 'string', 'DESCRIBE ServiceSpec.ipFamilies', { enum: ['', 'IPv4', 'IPv6'], listType: 'atomic' }),
  ipFamilyPolicy: string(17, 'DESCRIBE ServiceSpec.ipFamilyPolicy', {
    pointer: true,
    enum: ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
  }),
  allocateLoadBalancerNodePorts: bool(20, 'DESCRIBE ServiceSpec.allocateLoadBalancerNodePorts', { pointer: true }),
  loadBalancerClass: string(21, 'DESCRIBE ServiceSpec.loadBalancerClass', { pointer: true }),
  internalTrafficPolicy: string(22, 'DESCRIBE ServiceSpec.internalTrafficPolicy', { pointer: true, enum: ['Cluster', 'Local'] }),
  trafficDistribution: string(23, 'DESCRIBE ServiceSpec.trafficDistribution', { pointer: true }),
})
export type ServiceSpec = z.output<typeof serviceSpecSchema>

export const portStatusSchema = message('io.k8s.api.core.v1.PortStatus', 'DESCRIBE PortStatus', {
  port: int32(1, 'DESCRIBE PortStatus.port', { json: 'always' }),
  protocol: string(2, 'DESCRIBE PortStatus.protocol', { json: 'always', enum: ['SCTP', 'TCP', 'UDP'] }),
  error: string(3, 'DESCRIBE PortStatus.error', { pointer: true }),
})
export type PortStatus = z.output<typeof portStatusSchema>

export const loadBalancerIngressSchema = message('io.k8s.api.core.v1.LoadBalancerIngress', 'DESCRIBE LoadBalancerIngress', {
  ip: string(1, 'DESCRIBE LoadBalancerIngress.ip'),
  hostname: string(2, 'DESCRIBE LoadBalancerIngress.hostname'),
  ipMode: string(3, 'DESCRIBE LoadBalancerIngress.ipMode', { pointer: true }),
  ports: list(4, portStatusSchema, 'DESCRIBE LoadBalancerIngress.ports', { listType: 'atomic' }),
})
export type LoadBalancerIngress = z.output<typeof loadBalancerIngressSchema>

export const loadBalancerStatusSchema = message('io.k8s.api.core.v1.LoadBalancerStatus', 'DESCRIBE LoadBalancerStatus', {
  ingress: list(1, loadBalancerIngressSchema, 'DESCRIBE LoadBalancerStatus.ingress', { listType: 'atomic' }),
})
export type LoadBalancerStatus = z.output<typeof loadBalancerStatusSchema>

export const serviceStatusSchema = message('io.k8s.api.core.v1.ServiceStatus', 'DESCRIBE ServiceStatus', {
  loadBalancer: object(1, loadBalancerStatusSchema, 'DESCRIBE ServiceStatus.loadBalancer'),
  conditions: list(2, conditionSchema, 'DESCRIBE ServiceStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ServiceStatus = z.output<typeof serviceStatusSchema>

export const serviceSchema = kind('io.k8s.api.core.v1.Service', 'DESCRIBE Service', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Service.metadata', { json: 'always', required: false }),
  spec: object(2, serviceSpecSchema, 'DESCRIBE Service.spec', { json: 'always', required: false }),
  status: object(3, serviceStatusSchema, 'DESCRIBE Service.status', { json: 'always', required: false }),
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
  defaults: defaultService,
  prepare: prepareService,
  validateName: checkDns1035Label,
  validate: validateService,
  warnings: serviceWarnings,
  subresources: {
    status: {
      prepare(next, prev) {
        next.spec = prev.spec
        return next
      },
      validate: validateServiceStatus,
    },
  },
  selectableFields: {
    'spec.clusterIP': (service) => service.spec.clusterIP ?? '',
    'spec.type': (service) => service.spec.type ?? '',
  },
}
