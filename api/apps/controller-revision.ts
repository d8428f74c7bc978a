/** DESCRIBE file api/apps/controller-revision.ts */
import type { z } from 'zod'
import { int64, kind, object, raw } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const controllerRevisionSchema = kind('io.k8s.api.apps.v1.ControllerRevision', 'DESCRIBE ControllerRevision', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE ControllerRevision.metadata', { json: 'always', required: false }),
  data: raw(2, 'DESCRIBE ControllerRevision.data'),
  revision: int64(3, 'DESCRIBE ControllerRevision.revision', { json: 'always' }),
})
export type ControllerRevision = z.output<typeof controllerRevisionSchema>
