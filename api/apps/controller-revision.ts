/** Controller revisions: saved states of templates. */
import type { z } from 'zod'
import { int64, kind, object, raw } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { controllerRevisionColumns } from './columns.ts'
import { validateControllerRevision } from './validation/controller-revision.ts'

export const controllerRevisionSchema = kind(
  'io.k8s.api.apps.v1.ControllerRevision',
  "A saved state of a controller's template; cannot change.",
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    data: raw(2, 'The saved state.'),
    revision: int64(3, 'Number of the state, counted up.', { json: 'always' }),
  },
)
export type ControllerRevision = z.output<typeof controllerRevisionSchema>

export const ControllerRevisions: Resource<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  scope: 'Namespaced',
  schema: controllerRevisionSchema,
  columns: controllerRevisionColumns,
  validate: validateControllerRevision,
}
