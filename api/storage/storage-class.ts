/** Storage classes. */
import type { z } from 'zod'
import { topologySelectorTermSchema } from '#api/core/topology-selector.ts'
import { bool, kind, list, map, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { storageClassColumns } from './columns.ts'
import { storageClassWarnings, validateStorageClass } from './validation/classes.ts'

export const storageClassSchema = kind('io.k8s.api.storage.v1.StorageClass', 'A kind of storage and how its volumes are made.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  provisioner: string(2, 'Who makes the volumes; cannot change.', { json: 'always' }),
  parameters: map(3, 'string', 'Settings for the provisioner; cannot change.'),
  reclaimPolicy: string(4, 'What becomes of a volume without a claim: Delete or Retain.', {
    pointer: true,
    enum: ['Delete', 'Recycle', 'Retain'],
    goType: 'v1.PersistentVolumeReclaimPolicy',
  }),
  mountOptions: list(5, 'string', 'Mount options of the volumes.', { listType: 'atomic' }),
  allowVolumeExpansion: bool(6, 'Whether volumes can grow.', { pointer: true }),
  volumeBindingMode: string(7, 'Immediate or WaitForFirstConsumer.', {
    pointer: true,
    enum: ['Immediate', 'WaitForFirstConsumer'],
    goType: 'v1.VolumeBindingMode',
  }),
  allowedTopologies: list(8, topologySelectorTermSchema, 'Where volumes may be made.', { listType: 'atomic' }),
})
export type StorageClass = z.output<typeof storageClassSchema>

export const StorageClasses: Resource<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  scope: 'Cluster',
  returnsDeleted: true,
  schema: storageClassSchema,
  columns: storageClassColumns,
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete'
    storageClass.volumeBindingMode ??= 'Immediate'
    return storageClass
  },
  validate: validateStorageClass,
  warnings: storageClassWarnings,
}
