/** Orders to write the objects of a resource anew (v1beta1, behind the feature gate StorageVersionMigrator). */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { column, nameColumn } from '#api/meta/age.ts'
import { conditionSchema } from '#api/meta/conditions.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpecAndMetadata } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { validateStorageVersionMigration, validateStorageVersionMigrationStatus } from './validation/storage-version-migration.ts'

const definition = 'io.k8s.api.storagemigration.v1beta1'

const groupResourceSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource', 'A resource of any version.', {
  group: string(1, 'Its API group; empty for the core group.', { json: 'always' }),
  resource: string(2, 'Its plural name.', { json: 'always' }),
})

const storageVersionMigrationSpecSchema = message(`${definition}.StorageVersionMigrationSpec`, 'What is to be written anew.', {
  resource: object(1, groupResourceSchema, 'The resource. Cannot change.', { json: 'always' }),
})
export type StorageVersionMigrationSpec = z.output<typeof storageVersionMigrationSpecSchema>

const storageVersionMigrationStatusSchema = message(`${definition}.StorageVersionMigrationStatus`, 'How far it got.', {
  conditions: list(1, conditionSchema, 'Running, Succeeded or Failed.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  resourceVersion: string(2, 'Version of the resource when the work began.'),
})
export type StorageVersionMigrationStatus = z.output<typeof storageVersionMigrationStatusSchema>

const storageVersionMigrationSchema = kind(
  `${definition}.StorageVersionMigration`,
  'An order to write the objects of a resource anew, in the version that is stored now.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, storageVersionMigrationSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, storageVersionMigrationStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
export type StorageVersionMigration = z.output<typeof storageVersionMigrationSchema>

function progress({ status }: StorageVersionMigration): string {
  const told = (status.conditions ?? []).filter(
    ({ type, status: is }) => is === 'True' && ['Running', 'Failed', 'Succeeded'].includes(type),
  )
  return told.at(-1)?.type ?? 'Unknown'
}

export const storageVersionMigrations = (): Resource<StorageVersionMigration> => ({
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  singular: 'storageversionmigration',
  scope: 'Cluster',
  schema: storageVersionMigrationSchema,
  columns: [
    { ...nameColumn, format: '' },
    column('Resource', 'GroupResource to migrate', ({ spec }) => [spec.resource.resource, spec.resource.group].filter(Boolean).join('.')),
    column('Status', 'Status of the migration', progress),
  ],
  generation: false,
  unconditionalUpdate: false,
  validate: validateStorageVersionMigration,
  subresources: {
    status: {
      prepare: keepSpecAndMetadata,
      validate: validateStorageVersionMigrationStatus,
    },
  },
})
