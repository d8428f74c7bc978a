/** DESCRIBE file api/storage/csi-storage-capacity.ts */
import type { z } from 'zod'
import { kind, object, quantity, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const csiStorageCapacitySchema = kind('io.k8s.api.storage.v1.CSIStorageCapacity', 'DESCRIBE CSIStorageCapacity', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE CSIStorageCapacity.metadata', { json: 'always', required: false }),
  nodeTopology: object(2, labelSelectorSchema, 'DESCRIBE CSIStorageCapacity.nodeTopology', { pointer: true }),
  storageClassName: string(3, 'DESCRIBE CSIStorageCapacity.storageClassName', { json: 'always' }),
  capacity: quantity(4, 'DESCRIBE CSIStorageCapacity.capacity', { pointer: true }),
  maximumVolumeSize: quantity(5, 'DESCRIBE CSIStorageCapacity.maximumVolumeSize', { pointer: true }),
})
export type CSIStorageCapacity = z.output<typeof csiStorageCapacitySchema>
