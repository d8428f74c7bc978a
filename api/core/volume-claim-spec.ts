/** DESCRIBE file api/core/volume-claim-spec.ts */
import type { z } from 'zod'
import { list, map, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { typedLocalObjectReferenceSchema, typedObjectReferenceSchema } from './references.ts'

export const volumeResourceRequirementsSchema = message(
  'io.k8s.api.core.v1.VolumeResourceRequirements',
  'DESCRIBE VolumeResourceRequirements',
  {
    limits: map(1, 'quantity', 'DESCRIBE VolumeResourceRequirements.limits'),
    requests: map(2, 'quantity', 'DESCRIBE VolumeResourceRequirements.requests'),
  },
)
export type VolumeResourceRequirements = z.output<typeof volumeResourceRequirementsSchema>

export const persistentVolumeClaimSpecSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  'DESCRIBE PersistentVolumeClaimSpec',
  {
    accessModes: list(1, 'string', 'DESCRIBE PersistentVolumeClaimSpec.accessModes', {
      enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    selector: object(4, labelSelectorSchema, 'DESCRIBE PersistentVolumeClaimSpec.selector', { pointer: true }),
    resources: object(2, volumeResourceRequirementsSchema, 'DESCRIBE PersistentVolumeClaimSpec.resources'),
    volumeName: string(3, 'DESCRIBE PersistentVolumeClaimSpec.volumeName'),
    storageClassName: string(5, 'DESCRIBE PersistentVolumeClaimSpec.storageClassName', { pointer: true }),
    volumeMode: string(6, 'DESCRIBE PersistentVolumeClaimSpec.volumeMode', { pointer: true, enum: ['Block', 'Filesystem'] }),
    dataSource: object(7, typedLocalObjectReferenceSchema, 'DESCRIBE PersistentVolumeClaimSpec.dataSource', { pointer: true }),
    dataSourceRef: object(8, typedObjectReferenceSchema, 'DESCRIBE PersistentVolumeClaimSpec.dataSourceRef', { pointer: true }),
    volumeAttributesClassName: string(9, 'DESCRIBE PersistentVolumeClaimSpec.volumeAttributesClassName', { pointer: true }),
  },
)
export type PersistentVolumeClaimSpec = z.output<typeof persistentVolumeClaimSpecSchema>

export const persistentVolumeClaimTemplateSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate',
  'DESCRIBE PersistentVolumeClaimTemplate',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE PersistentVolumeClaimTemplate.metadata'),
    spec: object(2, persistentVolumeClaimSpecSchema, 'DESCRIBE PersistentVolumeClaimTemplate.spec', { json: 'always' }),
  },
)
export type PersistentVolumeClaimTemplate = z.output<typeof persistentVolumeClaimTemplateSchema>
