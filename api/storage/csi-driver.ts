/** DESCRIBE file api/storage/csi-driver.ts */
import type { z } from 'zod'
import { bool, int64, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const tokenRequestSchema = message('io.k8s.api.storage.v1.TokenRequest', 'DESCRIBE TokenRequest', {
  audience: string(1, 'DESCRIBE TokenRequest.audience', { json: 'always' }),
  expirationSeconds: int64(2, 'DESCRIBE TokenRequest.expirationSeconds', { pointer: true }),
})
export type TokenRequest = z.output<typeof tokenRequestSchema>

export const csiDriverSpecSchema = message('io.k8s.api.storage.v1.CSIDriverSpec', 'DESCRIBE CSIDriverSpec', {
  attachRequired: bool(1, 'DESCRIBE CSIDriverSpec.attachRequired', { pointer: true }),
  podInfoOnMount: bool(2, 'DESCRIBE CSIDriverSpec.podInfoOnMount', { pointer: true }),
  volumeLifecycleModes: list(3, 'string', 'DESCRIBE CSIDriverSpec.volumeLifecycleModes', { listType: 'set' }),
  storageCapacity: bool(4, 'DESCRIBE CSIDriverSpec.storageCapacity', { pointer: true }),
  fsGroupPolicy: string(5, 'DESCRIBE CSIDriverSpec.fsGroupPolicy', { pointer: true }),
  tokenRequests: list(6, tokenRequestSchema, 'DESCRIBE CSIDriverSpec.tokenRequests', { listType: 'atomic' }),
  requiresRepublish: bool(7, 'DESCRIBE CSIDriverSpec.requiresRepublish', { pointer: true }),
  seLinuxMount: bool(8, 'DESCRIBE CSIDriverSpec.seLinuxMount', { pointer: true }),
  nodeAllocatableUpdatePeriodSeconds: int64(9, 'DESCRIBE CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds', { pointer: true }),
  serviceAccountTokenInSecrets: bool(10, 'DESCRIBE CSIDriverSpec.serviceAccountTokenInSecrets', { pointer: true }),
})
export type CSIDriverSpec = z.output<typeof csiDriverSpecSchema>

export const csiDriverSchema = kind('io.k8s.api.storage.v1.CSIDriver', 'DESCRIBE CSIDriver', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE CSIDriver.metadata', { json: 'always', required: false }),
  spec: object(2, csiDriverSpecSchema, 'DESCRIBE CSIDriver.spec', { json: 'always' }),
})
export type CSIDriver = z.output<typeof csiDriverSchema>
