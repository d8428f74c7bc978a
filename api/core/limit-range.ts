/** Limit ranges. */
import type { z } from 'zod'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { createdColumn, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { defaultLimitRange } from './defaults/limits.ts'
import { validateLimitRange } from './validation/limit-range.ts'

export const limitRangeItemSchema = message('io.k8s.api.core.v1.LimitRangeItem', 'Limits for one kind of thing.', {
  type: string(1, 'Container, Pod or PersistentVolumeClaim.', { json: 'always', goType: 'v1.LimitType' }),
  max: map(2, 'quantity', 'Most that one may ask for, by resource.', { goType: 'v1.ResourceList' }),
  min: map(3, 'quantity', 'Least that one must ask for, by resource.', { goType: 'v1.ResourceList' }),
  default: map(4, 'quantity', 'Limits of those that name none.', { goType: 'v1.ResourceList' }),
  defaultRequest: map(5, 'quantity', 'Requests of those that name none.', { goType: 'v1.ResourceList' }),
  maxLimitRequestRatio: map(6, 'quantity', 'Most that limit divided by request may be.', { goType: 'v1.ResourceList' }),
})
export type LimitRangeItem = z.output<typeof limitRangeItemSchema>

export const limitRangeSpecSchema = message('io.k8s.api.core.v1.LimitRangeSpec', 'Limits for the objects of a namespace.', {
  limits: list(1, limitRangeItemSchema, 'The limits, one entry for each kind of thing.', { json: 'always', listType: 'atomic' }),
})
export type LimitRangeSpec = z.output<typeof limitRangeSpecSchema>

export const limitRangeSchema = kind('io.k8s.api.core.v1.LimitRange', 'Limits and defaults for what the objects of a namespace ask for.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, limitRangeSpecSchema, 'The wanted state.', { json: 'always', required: false }),
})
export type LimitRange = z.output<typeof limitRangeSchema>

export const LimitRanges: Resource<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  scope: 'Namespaced',
  createOnUpdate: true,
  // what nobody named, upstream names by chance
  prepare: (next, prev) => {
    const { name, uid } = next.metadata
    if (!prev && !name && uid !== undefined) next.metadata.name = uid
    return next
  },
  schema: limitRangeSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: [nameColumn, createdColumn],
  generation: false,
  defaults: defaultLimitRange,
  validate: validateLimitRange,
}
