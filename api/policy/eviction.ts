/** Evictions: the body that asks for a pod to go. */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'

export const evictionSchema = kind('io.k8s.api.policy.v1.Eviction', 'Asks for a pod to go as gently as disruption budgets allow.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  deleteOptions: object(2, deleteOptionsSchema, 'How the pod is deleted.', { pointer: true }),
})
export type Eviction = z.output<typeof evictionSchema>
