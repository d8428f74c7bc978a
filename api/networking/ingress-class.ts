/** DESCRIBE file api/networking/ingress-class.ts */
import type { z } from 'zod'
import { kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const ingressClassParametersReferenceSchema = message(
  'io.k8s.api.networking.v1.IngressClassParametersReference',
  'DESCRIBE IngressClassParametersReference',
  {
    apiGroup: string(1, 'DESCRIBE IngressClassParametersReference.apiGroup', { pointer: true }),
    kind: string(2, 'DESCRIBE IngressClassParametersReference.kind', { json: 'always' }),
    name: string(3, 'DESCRIBE IngressClassParametersReference.name', { json: 'always' }),
    scope: string(4, 'DESCRIBE IngressClassParametersReference.scope', { json: 'always', pointer: true, required: false }),
    namespace: string(5, 'DESCRIBE IngressClassParametersReference.namespace', { pointer: true }),
  },
)
export type IngressClassParametersReference = z.output<typeof ingressClassParametersReferenceSchema>

export const ingressClassSpecSchema = message('io.k8s.api.networking.v1.IngressClassSpec', 'DESCRIBE IngressClassSpec', {
  controller: string(1, 'DESCRIBE IngressClassSpec.controller'),
  parameters: object(2, ingressClassParametersReferenceSchema, 'DESCRIBE IngressClassSpec.parameters', { pointer: true }),
})
export type IngressClassSpec = z.output<typeof ingressClassSpecSchema>

export const ingressClassSchema = kind('io.k8s.api.networking.v1.IngressClass', 'DESCRIBE IngressClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE IngressClass.metadata', { json: 'always', required: false }),
  spec: object(2, ingressClassSpecSchema, 'DESCRIBE IngressClass.spec', { json: 'always', required: false }),
})
export type IngressClass = z.output<typeof ingressClassSchema>
