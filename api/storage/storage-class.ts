/** DESCRIBE file api/storage/storage-class.ts */
import type { z } from 'zod'
import { topologySelectorTermSchema } from '#api/core/topology-selector.ts'
import { bool, kind, list, map, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const storageClassSchema = kind('io.k8s.api.storage.v1.StorageClass', 'DESCRIBE StorageClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE StorageClass.metadata', { json: 'always', required: false }),
  provisioner: string(2, 'DESCRIBE StorageClass.provisioner', { json: 'always' }),
  parameters: map(3, 'string', 'DESCRIBE StorageClass.parameters'),
  reclaimPolicy: string(4, 'DESCRIBE StorageClass.reclaimPolicy', { pointer: true, enum: ['Delete', 'Recycle', 'Retain'] }),
  mountOptions: list(5, 'string', 'DESCRIBE StorageClass.mountOptions', { listType: 'atomic' }),
  allowVolumeExpansion: bool(6, 'DESCRIBE StorageClass.allowVolumeExpansion', { pointer: true }),
  volumeBindingMode: string(7, 'DESCRIBE StorageClass.volumeBindingMode', { pointer: true, enum: ['Immediate', 'WaitForFirstConsumer'] }),
  allowedTopologies: list(8, topologySelectorTermSchema, 'DESCRIBE StorageClass.allowedTopologies', { listType: 'atomic' }),
})
export type StorageClass = z.output<typeof storageClassSchema>
