/** Priority classes. */
import type { z } from 'zod'
import { bool, int32, kind, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { priorityClassColumns } from './columns.ts'
import { validatePriorityClass } from './validation.ts'

export const priorityClassSchema = kind('io.k8s.api.scheduling.v1.PriorityClass', 'A name for a priority of pods.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  value: int32(2, 'The priority; cannot change.', { json: 'always' }),
  globalDefault: bool(3, 'Whether pods without a class get it.'),
  description: string(4, 'When to use it, for people.'),
  preemptionPolicy: string(5, 'Never or PreemptLowerPriority.', {
    pointer: true,
    enum: ['Never', 'PreemptLowerPriority'],
    goType: 'v1.PreemptionPolicy',
  }),
})
export type PriorityClass = z.output<typeof priorityClassSchema>

export const PriorityClasses: Resource<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  scope: 'Cluster',
  schema: priorityClassSchema,
  columns: priorityClassColumns,
  // one from the start, and never another
  generation: false,
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority'
    return priorityClass
  },
  prepare(next, prev) {
    if (!prev) next.metadata.generation = 1
    return next
  },
  validate: validatePriorityClass,
}
