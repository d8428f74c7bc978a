/** Classes of devices. */
import type { z } from 'zod'
import { inline, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { nameAndAgeColumns } from './columns.ts'
import { deviceConfigurationSchema, deviceSelectorSchema } from './device-claim.ts'
import { prepareDeviceClass } from './prepare.ts'
import { validateDeviceClass } from './validation/slice.ts'

export const deviceClassConfigurationSchema = message(
  'io.k8s.api.resource.v1.DeviceClassConfiguration',
  'Settings for devices of a class.',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, deviceConfigurationSchema),
  },
)
export type DeviceClassConfiguration = z.output<typeof deviceClassConfigurationSchema>

export const deviceClassSpecSchema = message('io.k8s.api.resource.v1.DeviceClassSpec', 'Which devices belong to a class.', {
  selectors: list(1, deviceSelectorSchema, 'What must hold for a device.', { listType: 'atomic' }),
  config: list(2, deviceClassConfigurationSchema, 'Settings for the drivers.', { listType: 'atomic' }),
  extendedResourceName: string(4, 'Extended resource that stands for one device of the class.', { pointer: true }),
})
export type DeviceClassSpec = z.output<typeof deviceClassSpecSchema>

export const deviceClassSchema = kind('io.k8s.api.resource.v1.DeviceClass', 'A kind of device that claims can ask for.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, deviceClassSpecSchema, 'The wanted state.', { json: 'always' }),
})
export type DeviceClass = z.output<typeof deviceClassSchema>

export const DeviceClasses: Resource<DeviceClass> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  scope: 'Cluster',
  returnsDeleted: true,
  schema: deviceClassSchema,
  columns: nameAndAgeColumns,
  prepare: prepareDeviceClass,
  validate: validateDeviceClass,
}
