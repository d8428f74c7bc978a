/** DESCRIBE file api/meta/object-meta.ts */
import type { z } from 'zod'
import { bool, int64, list, map, message, raw, string, time } from '#api/fields.ts'

export const ownerReferenceSchema = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  'DESCRIBE OwnerReference',
  {
    apiVersion: string(5, 'DESCRIBE OwnerReference.apiVersion', { json: 'always' }),
    kind: string(1, 'DESCRIBE OwnerReference.kind', { json: 'always' }),
    name: string(3, 'DESCRIBE OwnerReference.name', { json: 'always' }),
    uid: string(4, 'DESCRIBE OwnerReference.uid', { json: 'always' }),
    controller: bool(6, 'DESCRIBE OwnerReference.controller', { pointer: true }),
    blockOwnerDeletion: bool(7, 'DESCRIBE OwnerReference.blockOwnerDeletion', { pointer: true }),
  },
  { atomic: true },
)
export type OwnerReference = z.output<typeof ownerReferenceSchema>

export const managedFieldsEntrySchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry', 'DESCRIBE ManagedFieldsEntry', {
  manager: string(1, 'DESCRIBE ManagedFieldsEntry.manager'),
  operation: string(2, 'DESCRIBE ManagedFieldsEntry.operation'),
  apiVersion: string(3, 'DESCRIBE ManagedFieldsEntry.apiVersion'),
  time: time(4, 'DESCRIBE ManagedFieldsEntry.time', { pointer: true }),
  fieldsType: string(6, 'DESCRIBE ManagedFieldsEntry.fieldsType'),
  fieldsV1: raw(7, 'DESCRIBE ManagedFieldsEntry.fieldsV1', { pointer: true }),
  subresource: string(8, 'DESCRIBE ManagedFieldsEntry.subresource'),
})
export type ManagedFieldsEntry = z.output<typeof managedFieldsEntrySchema>

export const objectMetaSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'DESCRIBE ObjectMeta', {
  name: string(1, 'DESCRIBE ObjectMeta.name'),
  generateName: string(2, 'DESCRIBE ObjectMeta.generateName'),
  namespace: string(3, 'DESCRIBE ObjectMeta.namespace'),
  selfLink: string(4, 'DESCRIBE ObjectMeta.selfLink'),
  uid: string(5, 'DESCRIBE ObjectMeta.uid'),
  resourceVersion: string(6, 'DESCRIBE ObjectMeta.resourceVersion'),
  generation: int64(7, 'DESCRIBE ObjectMeta.generation'),
  creationTimestamp: time(8, 'DESCRIBE ObjectMeta.creationTimestamp', { json: 'omitzero' }),
  deletionTimestamp: time(9, 'DESCRIBE ObjectMeta.deletionTimestamp', { pointer: true }),
  deletionGracePeriodSeconds: int64(10, 'DESCRIBE ObjectMeta.deletionGracePeriodSeconds', { pointer: true }),
  labels: map(11, 'string', 'DESCRIBE ObjectMeta.labels'),
  annotations: map(12, 'string', 'DESCRIBE ObjectMeta.annotations'),
  ownerReferences: list(13, ownerReferenceSchema, 'DESCRIBE ObjectMeta.ownerReferences', {
    listType: 'map',
    listKeys: ['uid'],
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
  }),
  finalizers: list(14, 'string', 'DESCRIBE ObjectMeta.finalizers', { listType: 'set', patchStrategy: 'merge' }),
  managedFields: list(17, managedFieldsEntrySchema, 'DESCRIBE ObjectMeta.managedFields', { listType: 'atomic' }),
})
export type ObjectMeta = z.output<typeof objectMetaSchema>
