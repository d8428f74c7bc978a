/** DESCRIBE file api/resource/device-class.ts */
import type { z } from 'zod'
import { inline, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { deviceConfigurationSchema, deviceSelectorSchema } from './device-claim.ts'

export const deviceClassConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceClassConfiguration',
  'DESCRIBE DeviceClassConfiguration',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, deviceConfigurationSchema),
  },
)
export type DeviceClassConfiguration = z.output<typeof deviceClassConfigurationSchema>

export const deviceClassSpecSchema = message('io.k8s.api.resource.v1.DeviceClassSpec', 'DESCRIBE DeviceClassSpec', {
  selectors: list(1, deviceSelectorSchema, 'DESCRIBE DeviceClassSpec.selectors', { listType: 'atomic' }),
  config: list(2, deviceClassConfigurationSchema, 'DESCRIBE DeviceClassSpec.config', { listType: 'atomic' }),
  extendedResourceName: string(4, 'DESCRIBE DeviceClassSpec.extendedResourceName', { pointer: true }),
})
export type DeviceClassSpec = z.output<typeof deviceClassSpecSchema>

export const deviceClassSchema = kind('io.k8s.api.resource.v1.DeviceClass', 'DESCRIBE DeviceClass', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE DeviceClass.metadata', { json: 'always', required: false }),
  spec: object(2, deviceClassSpecSchema, 'DESCRIBE DeviceClass.spec', { json: 'always' }),
})
export type DeviceClass = z.output<typeof deviceClassSchema>
