/** CustomResourceDefinitions as a kind of the API. */
import { nameColumn } from '#api/meta/age.ts'
import type { Column, KubeObject, Resource } from '#api/resource.ts'
import { type CustomResourceDefinition, customResourceDefinitionSchema } from './custom-resource-definition.ts'
import { defaultDefinition } from './defaults.ts'
import { formatWarnings } from './format-warnings.ts'
import { markDefinitionDeleted, prepareDefinition, statusRules } from './prepare.ts'
import { validateDefinition, validateDefinitionStatus } from './validation/definition.ts'

const createdColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: 'When the object was created.',
  priority: 0,
  cell: (obj) => obj.metadata.creationTimestamp ?? '',
}

export const CustomResourceDefinitions: Resource<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  scope: 'Cluster',
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  schema: customResourceDefinitionSchema,
  columns: [nameColumn, createdColumn],
  defaults: defaultDefinition,
  prepare: prepareDefinition,
  validate: validateDefinition,
  warnings: formatWarnings,
  subresources: { status: { ...statusRules, validate: validateDefinitionStatus } },
  unconditionalUpdate: false,
  markDeleted: markDefinitionDeleted,
}
