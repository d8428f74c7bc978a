/** DESCRIBE file api/admissionregistration/rules.ts */
import type { z } from 'zod'
import { bytes, inline, int32, list, message, object, string } from '#api/fields.ts'

export const ruleSchema = message('io.k8s.api.admissionregistration.v1.Rule', 'DESCRIBE Rule', {
  apiGroups: list(1, 'string', 'DESCRIBE Rule.apiGroups', { listType: 'atomic' }),
  apiVersions: list(2, 'string', 'DESCRIBE Rule.apiVersions', { listType: 'atomic' }),
  resources: list(3, 'string', 'DESCRIBE Rule.resources', { listType: 'atomic' }),
  scope: string(4, 'DESCRIBE Rule.scope', { pointer: true, enum: ['*', 'Cluster', 'Namespaced'] }),
})
export type Rule = z.output<typeof ruleSchema>

export const ruleWithOperationsSchema = message('io.k8s.api.admissionregistration.v1.RuleWithOperations', 'DESCRIBE RuleWithOperations', {
  operations: list(1, 'string', 'DESCRIBE RuleWithOperations.operations', {
    enum: ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'],
    listType: 'atomic',
  }),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, ruleSchema),
})
export type RuleWithOperations = z.output<typeof ruleWithOperationsSchema>

export const matchConditionSchema = message('io.k8s.api.admissionregistration.v1.MatchCondition', 'DESCRIBE MatchCondition', {
  name: string(1, 'DESCRIBE MatchCondition.name', { json: 'always' }),
  expression: string(2, 'DESCRIBE MatchCondition.expression', { json: 'always' }),
})
export type MatchCondition = z.output<typeof matchConditionSchema>

export const serviceReferenceSchema = message('io.k8s.api.admissionregistration.v1.ServiceReference', 'DESCRIBE ServiceReference', {
  namespace: string(1, 'DESCRIBE ServiceReference.namespace', { json: 'always' }),
  name: string(2, 'DESCRIBE ServiceReference.name', { json: 'always' }),
  path: string(3, 'DESCRIBE ServiceReference.path', { pointer: true }),
  port: int32(4, 'DESCRIBE ServiceReference.port', { pointer: true }),
})
export type ServiceReference = z.output<typeof serviceReferenceSchema>

export const webhookClientConfigSchema = message(
  'io.k8s.api.admissionregistration.v1.WebhookClientConfig',
  'DESCRIBE WebhookClientConfig',
  {
    url: string(3, 'DESCRIBE WebhookClientConfig.url', { pointer: true }),
    service: object(1, serviceReferenceSchema, 'DESCRIBE WebhookClientConfig.service', { pointer: true }),
    caBundle: bytes(2, 'DESCRIBE WebhookClientConfig.caBundle'),
  },
)
export type WebhookClientConfig = z.output<typeof webhookClientConfigSchema>
