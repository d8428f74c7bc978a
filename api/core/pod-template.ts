/** Templates of pods that stand alone. */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { podTemplateSpecSchema } from './pod-spec.ts'

export const podTemplateSchema = kind('io.k8s.api.core.v1.PodTemplate', 'A template for pods, kept for others to use.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  template: object(2, podTemplateSpecSchema, 'What the pods are to be like.'),
})
export type PodTemplate = z.output<typeof podTemplateSchema>
