/** Kinds of meta/v1 that are answered but never stored: Status, discovery lists and watch events, as OpenAPI publishes them. */
import { bool, int32, kind, list, message, object, raw, string } from '#api/fields.ts'
import { listMetaSchema } from './list-meta.ts'
import { objectMetaSchema } from './object-meta.ts'

const meta = (name: string): string => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`

export const statusCauseSchema = message(meta('StatusCause'), 'One of several reasons for a failure.', {
  reason: string(1, 'Machine-readable cause.'),
  message: string(2, 'The cause for people.'),
  field: string(3, 'Path of the field in the request body, such as items[0].name.'),
})

export const statusDetailsSchema = message(meta('StatusDetails'), 'What a failure is about.', {
  name: string(1, 'Name of the resource that the status is about.'),
  group: string(2, 'API group of the resource.'),
  kind: string(3, 'Kind or plural of the resource.'),
  uid: string(6, 'UID of the resource.'),
  causes: list(4, statusCauseSchema, 'Reasons, where there are several.', { listType: 'atomic' }),
  retryAfterSeconds: int32(5, 'Seconds to wait before the request is sent again.'),
})

export const statusSchema = kind(meta('Status'), 'The outcome of a request that answers no object.', {
  metadata: object(1, listMetaSchema, 'Metadata of the answer.'),
  status: string(2, 'Success or Failure.'),
  message: string(3, 'The outcome for people.'),
  reason: string(4, 'Machine-readable reason of a failure.'),
  details: object(5, statusDetailsSchema, 'What the failure is about.', { pointer: true }),
  code: int32(6, 'HTTP status code.'),
})

export const apiResourceSchema = message(meta('APIResource'), 'A resource that the server offers.', {
  name: string(1, 'Plural name.', { json: 'always' }),
  singularName: string(6, 'Singular name, for commands.', { json: 'always' }),
  namespaced: bool(2, 'Whether objects live in namespaces.', { json: 'always' }),
  group: string(8, 'Group of the kind where it differs from that of the list.'),
  version: string(9, 'Version of the kind where it differs from that of the list.'),
  kind: string(3, 'Kind of the objects.', { json: 'always' }),
  verbs: list(1, 'string', 'What can be done: get, list, watch, create, update, patch, delete, deletecollection, proxy.', {
    json: 'always',
    wrapper: 4,
  }),
  shortNames: list(5, 'string', 'Short names, for commands.', { listType: 'atomic' }),
  categories: list(7, 'string', 'Groups of resources that commands know, such as all.', { listType: 'atomic' }),
  storageVersionHash: string(10, 'Changes where the stored form changes.'),
})

export const apiResourceListSchema = kind(meta('APIResourceList'), 'The resources of one group version.', {
  groupVersion: string(1, 'Group and version of the resources.', { json: 'always' }),
  resources: list(2, apiResourceSchema, 'The resources and their subresources.', { json: 'always', listType: 'atomic' }),
})

export const partialObjectMetadataSchema = kind(meta('PartialObjectMetadata'), 'The metadata of an object of any kind.', {
  metadata: object(1, objectMetaSchema, 'Metadata of the object.'),
})

export const watchEventSchema = message(meta('WatchEvent'), 'One event of a watch.', {
  type: string(1, 'ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.', { json: 'always' }),
  object: raw(2, 'The object in its new state, a Status where the type is ERROR.', { json: 'always' }),
})
