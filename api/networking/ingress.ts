/** Ingresses. */
import type { z } from 'zod'
import { typedLocalObjectReferenceSchema } from '#api/core/references.ts'
import { inline, int32, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpec } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { ingressColumns } from './columns.ts'
import { ingressWarnings, validateIngress, validateIngressStatus } from './validation/ingress.ts'

export const serviceBackendPortSchema = message(
  'io.k8s.api.networking.v1.ServiceBackendPort',
  'A port of a service, by name or number.',
  {
    name: string(1, 'Name of the port; excludes number.'),
    number: int32(2, 'Number of the port; excludes name.'),
  },
  { atomic: true },
)
export type ServiceBackendPort = z.output<typeof serviceBackendPortSchema>

export const ingressServiceBackendSchema = message('io.k8s.api.networking.v1.IngressServiceBackend', 'A port of a service.', {
  name: string(1, 'Name of the service.', { json: 'always' }),
  port: object(2, serviceBackendPortSchema, 'Port of the service.'),
})
export type IngressServiceBackend = z.output<typeof ingressServiceBackendSchema>

export const ingressBackendSchema = message('io.k8s.api.networking.v1.IngressBackend', 'Where requests go: a service or another object.', {
  service: object(4, ingressServiceBackendSchema, 'Service of the same namespace; excludes resource.', { pointer: true }),
  resource: object(3, typedLocalObjectReferenceSchema, 'Object of the same namespace; excludes service.', { pointer: true }),
})
export type IngressBackend = z.output<typeof ingressBackendSchema>

export const ingressTLSSchema = message('io.k8s.api.networking.v1.IngressTLS', 'Hosts that share a certificate.', {
  hosts: list(1, 'string', 'Host names of the certificate.', { listType: 'atomic' }),
  secretName: string(2, 'Secret with certificate and key.'),
})
export type IngressTLS = z.output<typeof ingressTLSSchema>

export const httpIngressPathSchema = message('io.k8s.api.networking.v1.HTTPIngressPath', 'A path of a host and the backend behind it.', {
  path: string(1, 'Start or whole of the URL path, by pathType.'),
  pathType: string(3, 'Exact, Prefix or ImplementationSpecific.', {
    json: 'always',
    pointer: true,
    enum: ['Exact', 'ImplementationSpecific', 'Prefix'],
    goType: 'v1.PathType',
  }),
  backend: object(2, ingressBackendSchema, 'Where its requests go.', { json: 'always' }),
})
export type HTTPIngressPath = z.output<typeof httpIngressPathSchema>

export const httpIngressRuleValueSchema = message('io.k8s.api.networking.v1.HTTPIngressRuleValue', 'Paths of one host.', {
  paths: list(1, httpIngressPathSchema, 'The paths and their backends.', { json: 'always', listType: 'atomic' }),
})
export type HTTPIngressRuleValue = z.output<typeof httpIngressRuleValueSchema>

export const ingressRuleValueSchema = message('io.k8s.api.networking.v1.IngressRuleValue', 'What a rule does with requests.', {
  http: object(1, httpIngressRuleValueSchema, 'Paths of the host.', { pointer: true }),
})
export type IngressRuleValue = z.output<typeof ingressRuleValueSchema>

export const ingressRuleSchema = message('io.k8s.api.networking.v1.IngressRule', 'A host and its paths.', {
  host: string(1, 'Host name, which may begin with a wildcard label; every host where empty.'),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, ingressRuleValueSchema),
})
export type IngressRule = z.output<typeof ingressRuleSchema>

export const ingressSpecSchema = message('io.k8s.api.networking.v1.IngressSpec', 'The wanted state of an ingress.', {
  ingressClassName: string(4, 'Class whose controller serves it.', { pointer: true }),
  defaultBackend: object(1, ingressBackendSchema, 'Where requests go that match no rule.', { pointer: true }),
  tls: list(2, ingressTLSSchema, 'Hosts that are served over TLS, with their certificates.', { listType: 'atomic' }),
  rules: list(3, ingressRuleSchema, 'Hosts and paths; without any all requests go to the default backend.', { listType: 'atomic' }),
})
export type IngressSpec = z.output<typeof ingressSpecSchema>

export const ingressPortStatusSchema = message('io.k8s.api.networking.v1.IngressPortStatus', 'A port of a load balancer.', {
  port: int32(1, 'Port number.', { json: 'always' }),
  protocol: string(2, 'TCP, UDP or SCTP.', { json: 'always', enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
  error: string(3, 'What went wrong with the port.', { pointer: true }),
})
export type IngressPortStatus = z.output<typeof ingressPortStatusSchema>

export const ingressLoadBalancerIngressSchema = message(
  'io.k8s.api.networking.v1.IngressLoadBalancerIngress',
  'One address under which an ingress is reached.',
  {
    ip: string(1, 'Address of the load balancer.'),
    hostname: string(2, 'Host name of the load balancer.'),
    ports: list(4, ingressPortStatusSchema, 'Ports that are open there.', { listType: 'atomic' }),
  },
)
export type IngressLoadBalancerIngress = z.output<typeof ingressLoadBalancerIngressSchema>

export const ingressLoadBalancerStatusSchema = message(
  'io.k8s.api.networking.v1.IngressLoadBalancerStatus',
  'Addresses under which an ingress is reached.',
  {
    ingress: list(1, ingressLoadBalancerIngressSchema, 'The addresses.', { listType: 'atomic' }),
  },
)
export type IngressLoadBalancerStatus = z.output<typeof ingressLoadBalancerStatusSchema>

export const ingressStatusSchema = message('io.k8s.api.networking.v1.IngressStatus', 'What is seen of an ingress.', {
  loadBalancer: object(1, ingressLoadBalancerStatusSchema, 'Where it is reached.'),
})
export type IngressStatus = z.output<typeof ingressStatusSchema>

export const ingressSchema = kind('io.k8s.api.networking.v1.Ingress', 'Ways from outside of the cluster to services, by host and path.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, ingressSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, ingressStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type Ingress = z.output<typeof ingressSchema>

export const Ingresses: Resource<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  scope: 'Namespaced',
  storagePrefix: 'ingress',
  schema: ingressSchema,
  columns: ingressColumns,
  prepare(next, prev) {
    next.status = prev?.status ?? {}
    return next
  },
  validate: validateIngress,
  warnings: ingressWarnings,
  subresources: {
    status: {
      prepare: keepSpec,
      validate: validateIngressStatus,
    },
  },
}
