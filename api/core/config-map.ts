/** Config maps. */
import type { z } from 'zod'
import { bool, kind, map, object } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { validateConfigMap } from './validation/config-data.ts'

export const configMapSchema = kind('io.k8s.api.core.v1.ConfigMap', 'Settings that are no secret.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  immutable: bool(4, 'Once true, the data can never change again.', { pointer: true }),
  data: map(2, 'string', 'Texts by key.'),
  binaryData: map(3, 'bytes', 'Bytes by key, base64.'),
})
export type ConfigMap = z.output<typeof configMapSchema>

export const ConfigMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  scope: 'Namespaced',
  schema: configMapSchema,
  metadataOnUpdate: 'checked as of a new object',
  validate: validateConfigMap,
  columns: [
    nameColumn,
    column('Data', 'Number of keys.', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn,
  ],
}
