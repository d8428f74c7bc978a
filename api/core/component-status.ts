/** DESCRIBE file api/core/component-status.ts */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const componentConditionSchema = message('io.k8s.api.core.v1.ComponentCondition', 'DESCRIBE ComponentCondition', {
  type: string(1, 'DESCRIBE ComponentCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE ComponentCondition.status', { json: 'always' }),
  message: string(3, 'DESCRIBE ComponentCondition.message'),
  error: string(4, 'DESCRIBE ComponentCondition.error'),
})
export type ComponentCondition = z.output<typeof componentConditionSchema>

export const componentStatusSchema = kind('io.k8s.api.core.v1.ComponentStatus', 'DESCRIBE ComponentStatus', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ComponentStatus.metadata', { json: 'always', required: false }),
  conditions: list(2, componentConditionSchema, 'DESCRIBE ComponentStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export type ComponentStatus = z.output<typeof componentStatusSchema>
