/** DESCRIBE file api/meta/conditions.ts */
import type { z } from 'zod'
import { int64, message, string, time } from '#api/fields.ts'

export const conditionSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', 'DESCRIBE Condition', {
  type: string(1, 'DESCRIBE Condition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE Condition.status', { json: 'always' }),
  observedGeneration: int64(3, 'DESCRIBE Condition.observedGeneration'),
  lastTransitionTime: time(4, 'DESCRIBE Condition.lastTransitionTime', { json: 'always' }),
  reason: string(5, 'DESCRIBE Condition.reason', { json: 'always' }),
  message: string(6, 'DESCRIBE Condition.message', { json: 'always' }),
})
export type Condition = z.output<typeof conditionSchema>
