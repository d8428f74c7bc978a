/** Kinds in which the server says what it offers: lists of versions, groups and resources, and all of them in one. */
import { kind, list, message, object, string } from '#api/fields.ts'
import { listMetaSchema } from './list-meta.ts'
import { objectMetaSchema } from './object-meta.ts'

const meta = (name: string): string => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`
const discovery = (name: string): string => `io.k8s.api.apidiscovery.v2.${name}`

const serverAddressSchema = message(meta('ServerAddressByClientCIDR'), 'Where clients of a range of addresses reach the server.', {
  clientCIDR: string(1, 'The range of client addresses.', { json: 'always' }),
  serverAddress: string(2, 'Host and port of the server.', { json: 'always' }),
})

const groupVersionSchema = message(meta('GroupVersionForDiscovery'), 'A version of a group.', {
  groupVersion: string(1, 'Group and version, such as apps/v1.', { json: 'always' }),
  version: string(2, 'The version alone.', { json: 'always' }),
})

export const apiVersionsSchema = kind(meta('APIVersions'), 'The versions of the group without a name.', {
  versions: list(1, 'string', 'The versions.', { json: 'always', listType: 'atomic' }),
  serverAddressByClientCIDRs: list(2, serverAddressSchema, 'Where the server is reached.', { json: 'always', listType: 'atomic' }),
})

export const apiGroupSchema = kind(meta('APIGroup'), 'A group and its versions.', {
  name: string(1, 'Name of the group.', { json: 'always' }),
  versions: list(2, groupVersionSchema, 'The versions, the preferred one first.', { json: 'always', listType: 'atomic' }),
  preferredVersion: object(3, groupVersionSchema, 'The version that the server prefers.'),
  serverAddressByClientCIDRs: list(4, serverAddressSchema, 'Where the server is reached.', { listType: 'atomic' }),
})

export const apiGroupListSchema = kind(meta('APIGroupList'), 'All groups with a name.', {
  groups: list(1, apiGroupSchema, 'The groups.', { json: 'always', listType: 'atomic' }),
})

const kindSchema = message(meta('GroupVersionKind'), 'Names a kind.', {
  group: string(1, 'Group; empty: that of the list.', { json: 'always' }),
  version: string(2, 'Version; empty: that of the list.', { json: 'always' }),
  kind: string(3, 'The kind.', { json: 'always' }),
})

const subresourceSchema = message(discovery('APISubresourceDiscovery'), 'A subresource.', {
  subresource: string(1, 'Name of the subresource.', { json: 'always' }),
  responseKind: object(2, kindSchema, 'Kind of the answers.', { pointer: true }),
  acceptedTypes: list(3, kindSchema, 'Kinds of the bodies.', { listType: 'map', listKeys: ['group', 'version', 'kind'] }),
  verbs: list(4, 'string', 'What can be done.', { json: 'always', listType: 'set' }),
})

const resourceSchema = message(discovery('APIResourceDiscovery'), 'A resource and its subresources.', {
  resource: string(1, 'Plural name.', { json: 'always' }),
  responseKind: object(2, kindSchema, 'Kind of the objects.', { pointer: true }),
  scope: string(3, 'Cluster or Namespaced.', { json: 'always' }),
  singularResource: string(4, 'Singular name.', { json: 'always' }),
  verbs: list(5, 'string', 'What can be done.', { json: 'always', listType: 'set' }),
  shortNames: list(6, 'string', 'Short names, for commands.', { listType: 'set' }),
  categories: list(7, 'string', 'Groups of resources that commands know, such as all.', { listType: 'set' }),
  subresources: list(8, subresourceSchema, 'The subresources.', { listType: 'map', listKeys: ['subresource'] }),
})

const versionSchema = message(discovery('APIVersionDiscovery'), 'The resources of one version.', {
  version: string(1, 'The version.', { json: 'always' }),
  resources: list(2, resourceSchema, 'The resources.', { listType: 'map', listKeys: ['resource'] }),
  freshness: string(3, 'Current or Stale.'),
})

const groupSchema = kind(discovery('APIGroupDiscovery'), 'A group with all of its versions.', {
  metadata: object(1, objectMetaSchema, 'Carries the name of the group.'),
  versions: list(2, versionSchema, 'The versions, the preferred one first.', { listType: 'map', listKeys: ['version'] }),
})

export const apiGroupDiscoveryListSchema = kind(discovery('APIGroupDiscoveryList'), 'Everything that the server offers.', {
  metadata: object(1, listMetaSchema, 'Metadata of the list.'),
  items: list(2, groupSchema, 'The groups.', { json: 'always' }),
})
