/** Conditions: aspects of an object's state. */
import type { z } from 'zod'
import { int64, message, string, time } from '#api/fields.ts'

export const conditionSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', "One aspect of an object's state.", {
  type: string(1, 'Name of the aspect.', { json: 'always' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  observedGeneration: int64(3, 'Generation of the object that this was seen for.'),
  lastTransitionTime: time(4, 'When the status changed last.', { json: 'always' }),
  reason: string(5, 'Cause of the last change, one CamelCase word.', { json: 'always' }),
  message: string(6, 'What happened, for people.', { json: 'always' }),
})
export type Condition = z.output<typeof conditionSchema>
