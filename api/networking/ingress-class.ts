/** Ingress classes. */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { ingressClassColumns } from './columns.ts'
import { validateIngressClass } from './validation/ingress-class.ts'

export const ingressClassParametersReferenceSchema = message(
  'io.k8s.api.networking.v1.IngressClassParametersReference',
  'An object with settings for the controller of an ingress class.',
  {
    apiGroup: string(1, 'API group of the object; the core group where absent.', { pointer: true }),
    kind: string(2, 'Kind of the object.', { json: 'always' }),
    name: string(3, 'Name of the object.', { json: 'always' }),
    scope: string(4, 'Cluster or Namespace.', { json: 'always', pointer: true, required: false }),
    namespace: string(5, 'Its namespace; required for scope Namespace.', { pointer: true }),
  },
)
export type IngressClassParametersReference = z.output<typeof ingressClassParametersReferenceSchema>

export const ingressClassSpecSchema = message(
  'io.k8s.api.networking.v1.IngressClassSpec',
  'The controller of an ingress class and its settings.',
  {
    controller: string(1, 'Name of the controller, a domain-prefixed path; cannot change.'),
    parameters: object(2, ingressClassParametersReferenceSchema, 'Object with further settings.', { pointer: true }),
  },
)
export type IngressClassSpec = z.output<typeof ingressClassSpecSchema>

export const ingressClassSchema = kind('io.k8s.api.networking.v1.IngressClass', 'A kind of ingress and the controller that serves it.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, ingressClassSpecSchema, 'The wanted state.', { json: 'always', required: false }),
})
export type IngressClass = z.output<typeof ingressClassSchema>

export const IngressClasses: Resource<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  scope: 'Cluster',
  schema: ingressClassSchema,
  columns: ingressClassColumns,
  defaults(ingressClass) {
    const { parameters } = ingressClass.spec
    if (parameters) parameters.scope ??= 'Cluster'
    return ingressClass
  },
  validate: validateIngressClass,
}
