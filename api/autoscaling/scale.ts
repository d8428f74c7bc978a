/** DESCRIBE file api/autoscaling/scale.ts */
import type { z } from 'zod'
import { int32, kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const scaleSpecSchema = message('io.k8s.api.autoscaling.v1.ScaleSpec', 'DESCRIBE ScaleSpec', {
  replicas: int32(1, 'DESCRIBE ScaleSpec.replicas', { default: 0 }),
})
export type ScaleSpec = z.output<typeof scaleSpecSchema>

export const scaleStatusSchema = message('io.k8s.api.autoscaling.v1.ScaleStatus', 'DESCRIBE ScaleStatus', {
  replicas: int32(1, 'DESCRIBE ScaleStatus.replicas', { json: 'always' }),
  selector: string(2, 'DESCRIBE ScaleStatus.selector'),
})
export type ScaleStatus = z.output<typeof scaleStatusSchema>

export const scaleSchema = kind('io.k8s.api.autoscaling.v1.Scale', 'DESCRIBE Scale', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Scale.metadata', { json: 'always', required: false }),
  spec: object(2, scaleSpecSchema, 'DESCRIBE Scale.spec', { json: 'always', required: false }),
  status: object(3, scaleStatusSchema, 'DESCRIBE Scale.status', { json: 'always', required: false }),
})
export type Scale = z.output<typeof scaleSchema>
