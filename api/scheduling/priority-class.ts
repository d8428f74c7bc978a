/** DESCRIBE file api/scheduling/priority-class.ts */
import type { z } from 'zod'
import { bool, int32, kind, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const priorityClassSchema = kind('io.k8s.api.scheduling.v1.PriorityClass', 'DESCRIBE PriorityClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE PriorityClass.metadata', { json: 'always', required: false }),
  value: int32(2, 'DESCRIBE PriorityClass.value', { json: 'always' }),
  globalDefault: bool(3, 'DESCRIBE PriorityClass.globalDefault'),
  description: string(4, 'DESCRIBE PriorityClass.description'),
  preemptionPolicy: string(5, 'DESCRIBE PriorityClass.preemptionPolicy', { pointer: true, enum: ['Never', 'PreemptLowerPriority'] }),
})
export type PriorityClass = z.output<typeof priorityClassSchema>
