/** Templates of pods that stand alone. */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { podTemplateColumns } from './columns/replication-controller.ts'
import { defaultPodTemplate } from './defaults/template.ts'
import { dropDisabledSpecFields } from './pod-features.ts'
import { podTemplateSpecSchema } from './pod-spec.ts'
import { templateWarnings } from './pod-warnings.ts'
import { validatePodTemplateObject } from './validation/replication-controller.ts'

export const podTemplateSchema = kind('io.k8s.api.core.v1.PodTemplate', 'A template for pods, kept for others to use.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  template: object(2, podTemplateSpecSchema, 'What the pods are to be like.'),
})
export type PodTemplate = z.output<typeof podTemplateSchema>

export const PodTemplates: Resource<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: podTemplateSchema,
  columns: podTemplateColumns,
  generation: false,
  defaults: defaultPodTemplate,
  prepare(next, prev) {
    if (next.template?.spec) dropDisabledSpecFields(next.template.spec, prev?.template?.spec)
    const generation = prev?.metadata.generation ?? 0
    next.metadata.generation = prev && sameValue(next.template, prev.template) ? generation : generation + 1
    return next
  },
  validate: validatePodTemplateObject,
  warnings(next, prev) {
    if (prev && next.metadata.generation === prev.metadata.generation) return []
    return templateWarnings(next.template, 'template.')
  },
}
