/** The schema of CustomResourceDefinition: a kind that users add to the API while the server runs. */
import type { z } from 'zod'
import { bool, bytes, int32, int64, kind, list, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { jsonSchemaPropsSchema } from './json-schema.ts'

const name = (type: string): string => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${type}`

export const serviceReferenceSchema = message(name('ServiceReference'), 'A service of the cluster.', {
  namespace: string(1, 'Its namespace.', { json: 'always' }),
  name: string(2, 'Its name.', { json: 'always' }),
  path: string(3, 'Path of the URL that is called.', { pointer: true }),
  port: int32(4, 'Its port; 443 by default.', { pointer: true }),
})

export const webhookClientConfigSchema = message(name('WebhookClientConfig'), 'Where a webhook is and how it is trusted.', {
  service: object(1, serviceReferenceSchema, 'The service behind which the webhook runs.', { pointer: true }),
  caBundle: bytes(2, 'Certificates in PEM form that may have signed the one of the webhook.'),
  url: string(3, 'Address of a webhook that is no service of the cluster.', { pointer: true }),
})

export const webhookConversionSchema = message(name('WebhookConversion'), 'How the conversion webhook is called.', {
  clientConfig: object(2, webhookClientConfigSchema, 'Where it is.', { pointer: true }),
  conversionReviewVersions: list(3, 'string', 'Versions of ConversionReview that it understands, the preferred one first.', {
    json: 'always',
    listType: 'atomic',
  }),
})

export const customResourceConversionSchema = message(name('CustomResourceConversion'), 'How objects get from one version to another.', {
  strategy: string(1, 'None (only apiVersion changes) or Webhook.', { json: 'always', goType: 'v1.ConversionStrategyType' }),
  webhook: object(2, webhookConversionSchema, 'The webhook of that strategy.', { pointer: true }),
})

export const customResourceDefinitionNamesSchema = message(
  name('CustomResourceDefinitionNames'),
  'The names under which the kind is served.',
  {
    plural: string(1, 'Plural, as it stands in paths.', { json: 'always' }),
    singular: string(2, 'Singular; the kind in lower case by default.'),
    shortNames: list(3, 'string', 'Short names for command lines.', { listType: 'atomic' }),
    kind: string(4, 'The kind, CamelCase.', { json: 'always' }),
    listKind: string(5, 'Kind of lists; the kind and List by default.'),
    categories: list(6, 'string', 'Groups of kinds that it belongs to, such as all.', { listType: 'atomic' }),
  },
)

export const customResourceValidationSchema = message(name('CustomResourceValidation'), 'How objects of a version are checked.', {
  openAPIV3Schema: object(1, jsonSchemaPropsSchema, 'The schema of the objects.', { pointer: true }),
})

export const customResourceSubresourceStatusSchema = message(name('CustomResourceSubresourceStatus'), 'The subresource status.', {})

export const customResourceSubresourceScaleSchema = message(name('CustomResourceSubresourceScale'), 'The subresource scale.', {
  specReplicasPath: string(1, 'Path of the wanted number of replicas, below .spec.', { json: 'always' }),
  statusReplicasPath: string(2, 'Path of the number of replicas that are there, below .status.', { json: 'always' }),
  labelSelectorPath: string(3, 'Path of the selector of the replicas, as text.', { pointer: true }),
})

export const customResourceSubresourcesSchema = message(name('CustomResourceSubresources'), 'Subresources of the objects.', {
  status: object(1, customResourceSubresourceStatusSchema, 'Status is written apart from the rest.', { pointer: true }),
  scale: object(2, customResourceSubresourceScaleSchema, 'Replicas can be read and written as a Scale.', { pointer: true }),
})

export const customResourceColumnDefinitionSchema = message(name('CustomResourceColumnDefinition'), 'A column of the table.', {
  name: string(1, 'Its heading.', { json: 'always' }),
  type: string(2, 'Type of the values: integer, number, string, boolean or date.', { json: 'always' }),
  format: string(3, 'Named form of the values.'),
  description: string(4, 'What it shows.'),
  priority: int32(5, 'Greater than 0: only shown where there is room.'),
  jsonPath: string(6, 'Path of the value in the object.', { json: 'always' }),
})

export const selectableFieldSchema = message(name('SelectableField'), 'A field that field selectors may name.', {
  jsonPath: string(1, 'Path of the field in the object.', { json: 'always' }),
})

export const customResourceDefinitionVersionSchema = message(name('CustomResourceDefinitionVersion'), 'One version of the kind.', {
  name: string(1, 'Name of the version, such as v1beta1.', { json: 'always' }),
  served: bool(2, 'Whether it is served.', { json: 'always' }),
  storage: bool(3, 'Whether objects are stored in it; one version is.', { json: 'always' }),
  schema: object(4, customResourceValidationSchema, 'Schema of its objects.', { pointer: true }),
  subresources: object(5, customResourceSubresourcesSchema, 'Its subresources.', { pointer: true }),
  additionalPrinterColumns: list(6, customResourceColumnDefinitionSchema, 'Columns of tables; the age by default.', {
    listType: 'atomic',
  }),
  deprecated: bool(7, 'Clients are warned that it is on its way out.'),
  deprecationWarning: string(8, 'The text of that warning.', { pointer: true }),
  selectableFields: list(9, selectableFieldSchema, 'Fields that field selectors may name.', { listType: 'atomic' }),
})
export type CustomResourceDefinitionVersion = z.output<typeof customResourceDefinitionVersionSchema>

export const customResourceDefinitionSpecSchema = message(name('CustomResourceDefinitionSpec'), 'What kind is added.', {
  group: string(1, 'API group of the kind.', { json: 'always' }),
  names: object(3, customResourceDefinitionNamesSchema, 'Its names.', { json: 'always' }),
  scope: string(4, 'Cluster or Namespaced.', { json: 'always', goType: 'v1.ResourceScope' }),
  versions: list(7, customResourceDefinitionVersionSchema, 'Its versions.', { json: 'always', listType: 'atomic' }),
  conversion: object(9, customResourceConversionSchema, 'How objects get from one version to another.', { pointer: true }),
  preserveUnknownFields: bool(10, 'Fields that no schema names are kept; only in old definitions.'),
})

export const customResourceDefinitionConditionSchema = message(name('CustomResourceDefinitionCondition'), 'One fact about the kind.', {
  type: string(1, 'Which fact: Established, NamesAccepted, NonStructuralSchema, Terminating.', {
    json: 'always',
    goType: 'v1.CustomResourceDefinitionConditionType',
  }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastTransitionTime: time(3, 'When the status changed last.'),
  reason: string(4, 'Reason in one word.'),
  message: string(5, 'Reason in words.'),
  observedGeneration: int64(6, 'Generation of the definition that this is about.'),
})
export type CustomResourceDefinitionCondition = z.output<typeof customResourceDefinitionConditionSchema>

export const customResourceDefinitionStatusSchema = message(name('CustomResourceDefinitionStatus'), 'How far the kind is served.', {
  conditions: list(1, customResourceDefinitionConditionSchema, 'Facts about the kind.', {
    json: 'always',
    required: false,
    listType: 'map',
    listKeys: ['type'],
  }),
  acceptedNames: object(2, customResourceDefinitionNamesSchema, 'The names that are served; they differ where others had them first.', {
    json: 'always',
    required: false,
  }),
  storedVersions: list(3, 'string', 'All versions in which objects were ever stored.', {
    json: 'always',
    required: false,
    listType: 'atomic',
  }),
  observedGeneration: int64(4, 'Generation of the definition that the status is about.'),
})
export type CustomResourceDefinitionNames = z.output<typeof customResourceDefinitionNamesSchema>

export const customResourceDefinitionSchema = kind(name('CustomResourceDefinition'), 'A kind that users add to the API.', {
  metadata: object(1, objectMetaSchema, 'Metadata; the name is plural.group.', { json: 'always', required: false }),
  spec: object(2, customResourceDefinitionSpecSchema, 'What kind is added.', { json: 'always' }),
  status: object(3, customResourceDefinitionStatusSchema, 'How far it is served.', { json: 'always', required: false }),
})
export type CustomResourceDefinition = z.output<typeof customResourceDefinitionSchema>
export type CustomResourceDefinitionSpec = z.output<typeof customResourceDefinitionSpecSchema>
