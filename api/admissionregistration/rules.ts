/** What webhook configurations and admission policies share: rules, conditions, where a webhook is. */
import type { z } from 'zod'
import { bytes, inline, int32, list, message, object, string } from '#api/fields.ts'

export const ruleSchema = message('io.k8s.api.admissionregistration.v1.Rule', 'Resources, by group and version.', {
  apiGroups: list(1, 'string', 'API groups, or * for all.', { listType: 'atomic' }),
  apiVersions: list(2, 'string', 'Versions, or * for all.', { listType: 'atomic' }),
  resources: list(3, 'string', 'Resources and subresources in the plural, or * for all.', { listType: 'atomic' }),
  scope: string(4, 'Cluster, Namespaced or *.', { pointer: true, enum: ['*', 'Cluster', 'Namespaced'], goType: 'v1.ScopeType' }),
})
export type Rule = z.output<typeof ruleSchema>

export const ruleWithOperationsSchema = message(
  'io.k8s.api.admissionregistration.v1.RuleWithOperations',
  'Requests, by operation and resource.',
  {
    operations: list(1, 'string', 'CREATE, UPDATE, DELETE, CONNECT or * for all.', {
      enum: ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'],
      listType: 'atomic',
      goType: 'v1.OperationType',
    }),
    // inlined in JSON; protobuf nests it as field 2
    ...inline(2, ruleSchema),
  },
)
export type RuleWithOperations = z.output<typeof ruleWithOperationsSchema>

export const matchConditionSchema = message(
  'io.k8s.api.admissionregistration.v1.MatchCondition',
  'A CEL expression that a request must meet.',
  {
    name: string(1, 'Name of the condition.', { json: 'always' }),
    expression: string(2, 'The expression; its value is true or false.', { json: 'always' }),
  },
)
export type MatchCondition = z.output<typeof matchConditionSchema>

export const serviceReferenceSchema = message('io.k8s.api.admissionregistration.v1.ServiceReference', 'A service that is called.', {
  namespace: string(1, 'Its namespace.', { json: 'always' }),
  name: string(2, 'Name of the service.', { json: 'always' }),
  path: string(3, 'URL path of the calls.', { pointer: true }),
  port: int32(4, 'Its port; 443 by default.', { pointer: true }),
})
export type ServiceReference = z.output<typeof serviceReferenceSchema>

export const webhookClientConfigSchema = message(
  'io.k8s.api.admissionregistration.v1.WebhookClientConfig',
  'Where a webhook is reached; exactly one of url and service is set.',
  {
    url: string(3, 'URL that is called.', { pointer: true }),
    service: object(1, serviceReferenceSchema, 'Service that is called.', { pointer: true }),
    caBundle: bytes(2, 'Certificates that its own is checked with, as PEM.'),
  },
)
export type WebhookClientConfig = z.output<typeof webhookClientConfigSchema>
