/** DESCRIBE file api/storage/volume-attributes-class.ts */
import type { z } from 'zod'
import { kind, map, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const volumeAttributesClassSchema = kind('io.k8s.api.storage.v1.VolumeAttributesClass', 'DESCRIBE VolumeAttributesClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE VolumeAttributesClass.metadata', { json: 'always', required: false }),
  driverName: string(2, 'DESCRIBE VolumeAttributesClass.driverName', { json: 'always' }),
  parameters: map(3, 'string', 'DESCRIBE VolumeAttributesClass.parameters'),
})
export type VolumeAttributesClass = z.output<typeof volumeAttributesClassSchema>
