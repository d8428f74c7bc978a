/** DESCRIBE file api/networking/ingress.ts */
import type { z } from 'zod'
import { typedLocalObjectReferenceSchema } from '#api/core/references.ts'
import { inline, int32, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const serviceBackendPortSchema = message(
  'io.k8s.api.networking.v1.ServiceBackendPort',
  'DESCRIBE ServiceBackendPort',
  {
    name: string(1, 'DESCRIBE ServiceBackendPort.name'),
    number: int32(2, 'DESCRIBE ServiceBackendPort.number'),
  },
  { atomic: true },
)
export type ServiceBackendPort = z.output<typeof serviceBackendPortSchema>

export const ingressServiceBackendSchema = message('io.k8s.api.networking.v1.IngressServiceBackend', 'DESCRIBE IngressServiceBackend', {
  name: string(1, 'DESCRIBE IngressServiceBackend.name', { json: 'always' }),
  port: object(2, serviceBackendPortSchema, 'DESCRIBE IngressServiceBackend.port'),
})
export type IngressServiceBackend = z.output<typeof ingressServiceBackendSchema>

export const ingressBackendSchema = message('io.k8s.api.networking.v1.IngressBackend', 'DESCRIBE IngressBackend', {
  service: object(4, ingressServiceBackendSchema, 'DESCRIBE IngressBackend.service', { pointer: true }),
  resource: object(3, typedLocalObjectReferenceSchema, 'DESCRIBE IngressBackend.resource', { pointer: true }),
})
export type IngressBackend = z.output<typeof ingressBackendSchema>

export const ingressTLSSchema = message('io.k8s.api.networking.v1.IngressTLS', 'DESCRIBE IngressTLS', {
  hosts: list(1, 'string', 'DESCRIBE IngressTLS.hosts', { listType: 'atomic' }),
  secretName: string(2, 'DESCRIBE IngressTLS.secretName'),
})
export type IngressTLS = z.output<typeof ingressTLSSchema>

export const httpIngressPathSchema = message('io.k8s.api.networking.v1.HTTPIngressPath', 'DESCRIBE HTTPIngressPath', {
  path: string(1, 'DESCRIBE HTTPIngressPath.path'),
  pathType: string(3, 'DESCRIBE HTTPIngressPath.pathType', { json: 'always', pointer: true, enum: [] }),
  backend: object(2, ingressBackendSchema, 'DESCRIBE HTTPIngressPath.backend', { json: 'always' }),
})
export type HTTPIngressPath = z.output<typeof httpIngressPathSchema>

export const httpIngressRuleValueSchema = message('io.k8s.api.networking.v1.HTTPIngressRuleValue', 'DESCRIBE HTTPIngressRuleValue', {
  paths: list(1, httpIngressPathSchema, 'DESCRIBE HTTPIngressRuleValue.paths', { json: 'always', listType: 'atomic' }),
})
export type HTTPIngressRuleValue = z.output<typeof httpIngressRuleValueSchema>

export const ingressRuleValueSchema = message('io.k8s.api.networking.v1.IngressRuleValue', 'DESCRIBE IngressRuleValue', {
  http: object(1, httpIngressRuleValueSchema, 'DESCRIBE IngressRuleValue.http', { pointer: true }),
})
export type IngressRuleValue = z.output<typeof ingressRuleValueSchema>

export const ingressRuleSchema = message('io.k8s.api.networking.v1.IngressRule', 'DESCRIBE IngressRule', {
  host: string(1, 'DESCRIBE IngressRule.host'),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, ingressRuleValueSchema),
})
export type IngressRule = z.output<typeof ingressRuleSchema>

export const ingressSpecSchema = message('io.k8s.api.networking.v1.IngressSpec', 'DESCRIBE IngressSpec', {
  ingressClassName: string(4, 'DESCRIBE IngressSpec.ingressClassName', { pointer: true }),
  defaultBackend: object(1, ingressBackendSchema, 'DESCRIBE IngressSpec.defaultBackend', { pointer: true }),
  tls: list(2, ingressTLSSchema, 'DESCRIBE IngressSpec.tls', { listType: 'atomic' }),
  rules: list(3, ingressRuleSchema, 'DESCRIBE IngressSpec.rules', { listType: 'atomic' }),
})
export type IngressSpec = z.output<typeof ingressSpecSchema>

export const ingressPortStatusSchema = message('io.k8s.api.networking.v1.IngressPortStatus', 'DESCRIBE IngressPortStatus', {
  port: int32(1, 'DESCRIBE IngressPortStatus.port', { json: 'always' }),
  protocol: string(2, 'DESCRIBE IngressPortStatus.protocol', { json: 'always', enum: ['SCTP', 'TCP', 'UDP'] }),
  error: string(3, 'DESCRIBE IngressPortStatus.error', { pointer: true }),
})
export type IngressPortStatus = z.output<typeof ingressPortStatusSchema>

export const ingressLoadBalancerIngressSchema = message(
  'io.k8s.api.networking.v1.IngressLoadBalancerIngress',
  'DESCRIBE IngressLoadBalancerIngress',
  {
    ip: string(1, 'DESCRIBE IngressLoadBalancerIngress.ip'),
    hostname: string(2, 'DESCRIBE IngressLoadBalancerIngress.hostname'),
    ports: list(4, ingressPortStatusSchema, 'DESCRIBE IngressLoadBalancerIngress.ports', { listType: 'atomic' }),
  },
)
export type IngressLoadBalancerIngress = z.output<typeof ingressLoadBalancerIngressSchema>

export const ingressLoadBalancerStatusSchema = message(
  'io.k8s.api.networking.v1.IngressLoadBalancerStatus',
  'DESCRIBE IngressLoadBalancerStatus',
  {
    ingress: list(1, ingressLoadBalancerIngressSchema, 'DESCRIBE IngressLoadBalancerStatus.ingress', { listType: 'atomic' }),
  },
)
export type IngressLoadBalancerStatus = z.output<typeof ingressLoadBalancerStatusSchema>

export const ingressStatusSchema = message('io.k8s.api.networking.v1.IngressStatus', 'DESCRIBE IngressStatus', {
  loadBalancer: object(1, ingressLoadBalancerStatusSchema, 'DESCRIBE IngressStatus.loadBalancer'),
})
export type IngressStatus = z.output<typeof ingressStatusSchema>

export const ingressSchema = kind('io.k8s.api.networking.v1.Ingress', 'DESCRIBE Ingress', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Ingress.metadata', { json: 'always', required: false }),
  spec: object(2, ingressSpecSchema, 'DESCRIBE Ingress.spec', { json: 'always', required: false }),
  status: object(3, ingressStatusSchema, 'DESCRIBE Ingress.status', { json: 'always', required: false }),
})
export type Ingress = z.output<typeof ingressSchema>
