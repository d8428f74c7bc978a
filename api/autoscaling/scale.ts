/** The body of scale subresources. */
import type { z } from 'zod'
import { int32, kind, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const scaleSpecSchema = message('io.k8s.api.autoscaling.v1.ScaleSpec', 'Wanted number.', {
  replicas: int32(1, 'Wanted replicas.', { default: 0 }),
})
export type ScaleSpec = z.output<typeof scaleSpecSchema>

export const scaleStatusSchema = message('io.k8s.api.autoscaling.v1.ScaleStatus', 'Number that is seen.', {
  replicas: int32(1, 'Replicas that exist.', { json: 'always' }),
  selector: string(2, 'Labels of the pods, as text.'),
})
export type ScaleStatus = z.output<typeof scaleStatusSchema>

export const scaleSchema = kind('io.k8s.api.autoscaling.v1.Scale', 'The number of replicas of something.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, scaleSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, scaleStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type Scale = z.output<typeof scaleSchema>
