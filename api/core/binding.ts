/** Bindings: the body that puts a pod on a node. */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { objectReferenceSchema } from './references.ts'

export const bindingSchema = kind('io.k8s.api.core.v1.Binding', 'Puts a pod on a node.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  target: object(2, objectReferenceSchema, 'The node.', { json: 'always' }),
})
export type Binding = z.output<typeof bindingSchema>
