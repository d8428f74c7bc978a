/** DESCRIBE file api/core/pod-template.ts */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { podTemplateSpecSchema } from './pod-spec.ts'

export const podTemplateSchema = kind('io.k8s.api.core.v1.PodTemplate', 'DESCRIBE PodTemplate', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PodTemplate.metadata', { json: 'always', required: false }),
  template: object(2, podTemplateSpecSchema, 'DESCRIBE PodTemplate.template'),
})
export type PodTemplate = z.output<typeof podTemplateSchema>
