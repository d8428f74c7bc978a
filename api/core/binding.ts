/** DESCRIBE file api/core/binding.ts */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { objectReferenceSchema } from './references.ts'

export const bindingSchema = kind('io.k8s.api.core.v1.Binding', 'DESCRIBE Binding', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Binding.metadata', { json: 'always', required: false }),
  target: object(2, objectReferenceSchema, 'DESCRIBE Binding.target', { json: 'always' }),
})
export type Binding = z.output<typeof bindingSchema>
