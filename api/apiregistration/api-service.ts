/** DESCRIBE file api/apiregistration/api-service.ts */
import type { z } from 'zod'
import { bool, bytes, int32, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const serviceReferenceSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference',
  'DESCRIBE ServiceReference',
  {
    namespace: string(1, 'DESCRIBE ServiceReference.namespace'),
    name: string(2, 'DESCRIBE ServiceReference.name'),
    port: int32(3, 'DESCRIBE ServiceReference.port', { pointer: true }),
  },
)
export type ServiceReference = z.output<typeof serviceReferenceSchema>

export const apiServiceSpecSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec',
  'DESCRIBE APIServiceSpec',
  {
    service: object(1, serviceReferenceSchema, 'DESCRIBE APIServiceSpec.service', { pointer: true }),
    group: string(2, 'DESCRIBE APIServiceSpec.group'),
    version: string(3, 'DESCRIBE APIServiceSpec.version'),
    insecureSkipTLSVerify: bool(4, 'DESCRIBE APIServiceSpec.insecureSkipTLSVerify'),
    caBundle: bytes(5, 'DESCRIBE APIServiceSpec.caBundle', { listType: 'atomic' }),
    groupPriorityMinimum: int32(7, 'DESCRIBE APIServiceSpec.groupPriorityMinimum', { json: 'always' }),
    versionPriority: int32(8, 'DESCRIBE APIServiceSpec.versionPriority', { json: 'always' }),
  },
)
export type APIServiceSpec = z.output<typeof apiServiceSpecSchema>

export const apiServiceConditionSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition',
  'DESCRIBE APIServiceCondition',
  {
    type: string(1, 'DESCRIBE APIServiceCondition.type', { json: 'always' }),
    status: string(2, 'DESCRIBE APIServiceCondition.status', { json: 'always' }),
    lastTransitionTime: time(3, 'DESCRIBE APIServiceCondition.lastTransitionTime'),
    reason: string(4, 'DESCRIBE APIServiceCondition.reason'),
    message: string(5, 'DESCRIBE APIServiceCondition.message'),
  },
)
export type APIServiceCondition = z.output<typeof apiServiceConditionSchema>

export const apiServiceStatusSchema = message(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus',
  'DESCRIBE APIServiceStatus',
  {
    conditions: list(1, apiServiceConditionSchema, 'DESCRIBE APIServiceStatus.conditions', {
      listType: 'map',
      listKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export type APIServiceStatus = z.output<typeof apiServiceStatusSchema>

export const apiServiceSchema = kind('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService', 'DESCRIBE APIService', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE APIService.metadata', { json: 'always', required: false }),
  spec: object(2, apiServiceSpecSchema, 'DESCRIBE APIService.spec', { json: 'always', required: false }),
  status: object(3, apiServiceStatusSchema, 'DESCRIBE APIService.status', { json: 'always', required: false }),
})
export type APIService = z.output<typeof apiServiceSchema>
