/** DESCRIBE file api/core/limit-range.ts */
import type { z } from 'zod'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const limitRangeItemSchema = message('io.k8s.api.core.v1.LimitRangeItem', 'DESCRIBE LimitRangeItem', {
  type: string(1, 'DESCRIBE LimitRangeItem.type', { json: 'always' }),
  max: map(2, 'quantity', 'DESCRIBE LimitRangeItem.max'),
  min: map(3, 'quantity', 'DESCRIBE LimitRangeItem.min'),
  default: map(4, 'quantity', 'DESCRIBE LimitRangeItem.default'),
  defaultRequest: map(5, 'quantity', 'DESCRIBE LimitRangeItem.defaultRequest'),
  maxLimitRequestRatio: map(6, 'quantity', 'DESCRIBE LimitRangeItem.maxLimitRequestRatio'),
})
export type LimitRangeItem = z.output<typeof limitRangeItemSchema>

export const limitRangeSpecSchema = message('io.k8s.api.core.v1.LimitRangeSpec', 'DESCRIBE LimitRangeSpec', {
  limits: list(1, limitRangeItemSchema, 'DESCRIBE LimitRangeSpec.limits', { json: 'always', listType: 'atomic' }),
})
export type LimitRangeSpec = z.output<typeof limitRangeSpecSchema>

export const limitRangeSchema = kind('io.k8s.api.core.v1.LimitRange', 'DESCRIBE LimitRange', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE LimitRange.metadata', { json: 'always', required: false }),
  spec: object(2, limitRangeSpecSchema, 'DESCRIBE LimitRange.spec', { json: 'always', required: false }),
})
export type LimitRange = z.output<typeof limitRangeSchema>
