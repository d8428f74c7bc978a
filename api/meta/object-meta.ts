/** Metadata of every object. */
import type { z } from 'zod'
import { bool, int64, list, map, message, raw, string, time } from '#api/fields.ts'

export const ownerReferenceSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  'An object that another one belongs to.',
  {
    apiVersion: string(5, 'Group and version of the object.', { json: 'always' }),
    kind: string(1, 'Kind of the owner.', { json: 'always' }),
    name: string(3, 'Name of the owner.', { json: 'always' }),
    uid: string(4, 'Uid of the owner.', { json: 'always', goType: 'types.UID' }),
    controller: bool(6, 'Whether the owner manages it; at most one does.', { pointer: true }),
    blockOwnerDeletion: bool(7, 'Whether a foreground deletion of the owner waits for it.', { pointer: true }),
  },
  { atomic: true },
)
export type OwnerReference = z.output<typeof ownerReferenceSchema>

export const managedFieldsEntrySchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
  'Which fields a manager set, and how.',
  {
    manager: string(1, 'Name of the manager.'),
    operation: string(2, 'Apply or Update.', { goType: 'v1.ManagedFieldsOperationType' }),
    apiVersion: string(3, 'Group and version of the object.'),
    time: time(4, 'When the set of fields changed last.', { pointer: true }),
    fieldsType: string(6, 'FieldsV1.'),
    fieldsV1: raw(7, 'The fields.', { pointer: true }),
    subresource: string(8, 'Subresource that was written.'),
  },
)
export type ManagedFieldsEntry = z.output<typeof managedFieldsEntrySchema>

export const objectMetaSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'What every object carries about itself.', {
  name: string(1, 'Name, once per kind and namespace; cannot change.'),
  generateName: string(2, 'Start of a name that the server completes.'),
  namespace: string(3, 'Namespace of the object; cannot change.'),
  selfLink: string(4, 'Not used any more.'),
  uid: string(5, 'Id that no other object ever has; set by the server.', { goType: 'types.UID' }),
  resourceVersion: string(6, 'Version of the object; changes with every write.'),
  generation: int64(7, 'Counts changes of the wanted state.'),
  creationTimestamp: time(8, 'CreationTimestamp is a timestamp of the moment when the server made the object.', { json: 'omitzero' }),
  deletionTimestamp: time(9, 'When the object is to be gone; set by a deletion.', { pointer: true }),
  deletionGracePeriodSeconds: int64(10, 'Seconds that a deletion gives it.', { pointer: true }),
  labels: map(11, 'string', 'Keys and values by which objects are selected.'),
  annotations: map(12, 'string', 'Keys and values for tools.'),
  ownerReferences: list(13, ownerReferenceSchema, 'Objects that this one belongs to and goes with.', {
    listType: 'map',
    listKeys: ['uid'],
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
  }),
  finalizers: list(14, 'string', 'Who must agree before it is gone.', { listType: 'set', patchStrategy: 'merge' }),
  managedFields: list(17, managedFieldsEntrySchema, 'Which manager set which fields.', { listType: 'atomic' }),
})
export type ObjectMeta = z.output<typeof objectMetaSchema>
