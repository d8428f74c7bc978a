/** Claims for storage that a pod brings along. */
import type { z } from 'zod'
import { list, map, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { typedLocalObjectReferenceSchema, typedObjectReferenceSchema } from './references.ts'

export const volumeResourceRequirementsSchema = message('io.k8s.api.core.v1.VolumeResourceRequirements', 'Amounts of storage.', {
  limits: map(1, 'quantity', 'Most that is wanted.', { goType: 'v1.ResourceList' }),
  requests: map(2, 'quantity', 'Least that is wanted.', { goType: 'v1.ResourceList' }),
})
export type VolumeResourceRequirements = z.output<typeof volumeResourceRequirementsSchema>

export const persistentVolumeClaimSpecSchema = message('io.k8s.api.core.v1.PersistentVolumeClaimSpec', 'What storage a claim asks for.', {
  accessModes: list(1, 'string', 'How the volume is to be mounted.', {
    enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
    listType: 'atomic',
    goType: 'v1.PersistentVolumeAccessMode',
  }),
  selector: object(4, labelSelectorSchema, 'Labels of the volumes that will do.', { pointer: true }),
  resources: object(2, volumeResourceRequirementsSchema, 'Size that is asked for.'),
  volumeName: string(3, 'Volume that is bound.'),
  storageClassName: string(5, 'Class of storage.', { pointer: true }),
  volumeMode: string(6, 'Filesystem or Block.', { pointer: true, enum: ['Block', 'Filesystem'], goType: 'v1.PersistentVolumeMode' }),
  dataSource: object(7, typedLocalObjectReferenceSchema, 'What to fill it from.', { pointer: true }),
  dataSourceRef: object(8, typedObjectReferenceSchema, 'What to fill it from, of any kind.', { pointer: true }),
  volumeAttributesClassName: string(9, 'Class of changeable attributes.', { pointer: true }),
})
export type PersistentVolumeClaimSpec = z.output<typeof persistentVolumeClaimSpecSchema>

export const persistentVolumeClaimTemplateSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate',
  'A claim to make for a pod.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.'),
    spec: object(2, persistentVolumeClaimSpecSchema, 'The wanted state.', { json: 'always' }),
  },
)
export type PersistentVolumeClaimTemplate = z.output<typeof persistentVolumeClaimTemplateSchema>
