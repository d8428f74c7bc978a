/** Free capacity of storage classes. */
import type { z } from 'zod'
import { kind, object, quantity, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { csiStorageCapacityColumns } from './columns.ts'
import { csiStorageCapacityWarnings, validateCSIStorageCapacity } from './validation/csi.ts'

export const csiStorageCapacitySchema = kind(
  'io.k8s.api.storage.v1.CSIStorageCapacity',
  'Free capacity for one storage class in one part of the cluster.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    nodeTopology: object(2, labelSelectorSchema, 'Nodes from which the storage is reached.', { pointer: true }),
    storageClassName: string(3, 'Storage class that this is about; cannot change.', { json: 'always' }),
    capacity: quantity(4, 'Free capacity.', { pointer: true }),
    maximumVolumeSize: quantity(5, 'Largest volume that can be made.', { pointer: true }),
  },
)
export type CSIStorageCapacity = z.output<typeof csiStorageCapacitySchema>

export const CSIStorageCapacities: Resource<CSIStorageCapacity> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  scope: 'Namespaced',
  schema: csiStorageCapacitySchema,
  columns: csiStorageCapacityColumns,
  unconditionalUpdate: false,
  validate: validateCSIStorageCapacity,
  warnings: csiStorageCapacityWarnings,
}
