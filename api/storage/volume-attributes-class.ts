/** Classes of volume settings that can be changed in use. */
import type { z } from 'zod'
import { kind, map, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { volumeAttributesClassColumns } from './columns.ts'
import { validateVolumeAttributesClass } from './validation/classes.ts'

export const volumeAttributesClassSchema = kind(
  'io.k8s.api.storage.v1.VolumeAttributesClass',
  'Settings of volumes that can be changed while they are in use.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    driverName: string(2, 'CSI driver that it is for; cannot change.', { json: 'always' }),
    parameters: map(3, 'string', 'The settings; cannot change.'),
  },
)
export type VolumeAttributesClass = z.output<typeof volumeAttributesClassSchema>

export const VolumeAttributesClasses: Resource<VolumeAttributesClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  scope: 'Cluster',
  returnsDeleted: true,
  schema: volumeAttributesClassSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: volumeAttributesClassColumns,
  validate: validateVolumeAttributesClass,
}
