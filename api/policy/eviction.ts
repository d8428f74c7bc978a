/** DESCRIBE file api/policy/eviction.ts */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'

export const evictionSchema = kind('io.k8s.api.policy.v1.Eviction', 'DESCRIBE Eviction', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Eviction.metadata', { json: 'always', required: false }),
  deleteOptions: object(2, deleteOptionsSchema, 'DESCRIBE Eviction.deleteOptions', { pointer: true }),
})
export type Eviction = z.output<typeof evictionSchema>
