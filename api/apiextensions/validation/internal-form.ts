/**
 * Definitions in upstream's internal form: what all versions have in common stands at the top. Errors name paths of that form, and print
 * values as Go prints its structs (source: apiextensions/v1/conversion.go, apiextensions/types.go).
 */
import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '#api/apiextensions/custom-resource-definition.ts'
import type { JsonSchemaProps, ValidationRule } from '#api/apiextensions/json-schema.ts'
import { isNilList, nilList } from '#api/nil-list.ts'
import { sameJson } from '#api/own.ts'
import { sortedKeys } from '#api/structural/value-print.ts'

type Version = CustomResourceDefinitionVersion
export type Subresources = NonNullable<Version['subresources']>
export type PrinterColumn = NonNullable<Version['additionalPrinterColumns']>[number]
export type SelectableField = NonNullable<Version['selectableFields']>[number]
export interface Validation {
  openAPIV3Schema?: JsonSchemaProps | undefined
}

export interface InternalVersion extends Pick<Version, 'name' | 'served' | 'storage' | 'deprecated' | 'deprecationWarning'> {
  schema: Validation | undefined
  subresources: Subresources | undefined
  columns: readonly PrinterColumn[]
  selectable: readonly SelectableField[]
}

export interface InternalSpec {
  given: CustomResourceDefinitionSpec
  versions: readonly InternalVersion[]
  validation: Validation | undefined
  subresources: Subresources | undefined
  columns: readonly PrinterColumn[]
  selectable: readonly SelectableField[]
}

export function internalOf(spec: CustomResourceDefinitionSpec): InternalSpec {
  const written = spec.versions ?? nilList()
  if (written.length === 0)
    return { given: spec, versions: written as [], validation: undefined, subresources: undefined, columns: [], selectable: [] }
  const versions = written.map(
    (version): InternalVersion => ({
      name: version.name,
      served: version.served,
      storage: version.storage,
      deprecated: version.deprecated,
      deprecationWarning: version.deprecationWarning,
      schema: version.schema as Validation | undefined,
      subresources: version.subresources,
      columns: version.additionalPrinterColumns ?? [],
      selectable: version.selectableFields ?? [],
    }),
  )
  const first = versions[0] as InternalVersion
  const same = (key: 'schema' | 'subresources' | 'columns' | 'selectable'): boolean =>
    versions.every((version) => sameJson(plain(version[key]), plain(first[key])))
  const shared = { schema: same('schema'), subresources: same('subresources'), columns: same('columns'), selectable: same('selectable') }
  return {
    given: spec,
    validation: shared.schema ? first.schema : undefined,
    subresources: shared.subresources ? first.subresources : undefined,
    columns: shared.columns ? first.columns : [],
    selectable: shared.selectable ? first.selectable : [],
    versions: versions.map((version) => ({
      ...version,
      schema: shared.schema ? undefined : version.schema,
      subresources: shared.subresources ? undefined : version.subresources,
      columns: shared.columns ? [] : version.columns,
      selectable: shared.selectable ? [] : version.selectable,
    })),
  }
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

const orNull = (value: unknown): unknown => value ?? null
const listOrNull = <T, R>(list: readonly T[] | undefined, make: (item: T) => R): R[] | null =>
  list === undefined || list.length === 0 ? null : list.map(make)

export const goVersions = (versions: readonly InternalVersion[]): unknown =>
  isNilList(versions)
    ? null
    : versions.map((version) => ({
        Name: version.name,
        Served: version.served,
        Storage: version.storage,
        Deprecated: version.deprecated ?? false,
        DeprecationWarning: orNull(version.deprecationWarning),
        Schema: version.schema === undefined ? null : { OpenAPIV3Schema: goSchema(version.schema.openAPIV3Schema) },
        Subresources: goSubresources(version.subresources),
        AdditionalPrinterColumns: listOrNull(version.columns, (column) => ({
          Name: column.name,
          Type: column.type,
          Format: column.format ?? '',
          Description: column.description ?? '',
          Priority: column.priority ?? 0,
          JSONPath: column.jsonPath,
        })),
        SelectableFields: listOrNull(version.selectable, ({ jsonPath }) => ({ JSONPath: jsonPath })),
      }))

function goSubresources(subresources: Subresources | undefined): unknown {
  if (subresources === undefined) return null
  const { status, scale } = subresources
  return {
    Status: status === undefined ? null : {},
    Scale:
      scale === undefined
        ? null
        : {
            SpecReplicasPath: scale.specReplicasPath,
            StatusReplicasPath: scale.statusReplicasPath,
            LabelSelectorPath: orNull(scale.labelSelectorPath),
          },
  }
}

export const goRule = (rule: ValidationRule): unknown => ({
  Rule: rule.rule,
  Message: rule.message ?? '',
  MessageExpression: rule.messageExpression ?? '',
  Reason: orNull(rule.reason),
  FieldPath: rule.fieldPath ?? '',
  OptionalOldSelf: orNull(rule.optionalOldSelf),
})

const goMap = (map: Readonly<Record<string, JsonSchemaProps>> | undefined): unknown =>
  map === undefined || Object.keys(map).length === 0
    ? null
    : Object.fromEntries(
        Object.keys(map)
          .sort()
          .map((key) => [key, goSchema(map[key])]),
      )

function goSchemaOrBool(value: JsonSchemaProps | boolean | undefined): unknown {
  if (value === undefined) return null
  return typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: goSchema(value) }
}

export function goItems(items: JsonSchemaProps | JsonSchemaProps[] | undefined): unknown {
  if (items === undefined) return null
  return Array.isArray(items) ? { Schema: null, JSONSchemas: items.map(goSchema) } : { Schema: goSchema(items), JSONSchemas: null }
}

export function goSchema(schema: JsonSchemaProps | undefined): unknown {
  if (schema === undefined) return null
  return {
    ID: schema.id ?? '',
    Schema: schema.$schema ?? '',
    Ref: orNull(schema.$ref),
    Description: schema.description ?? '',
    Type: schema.type ?? '',
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? '',
    Title: schema.title ?? '',
    Default: orNull(sortedKeys(schema.default)),
    Maximum: orNull(schema.maximum),
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: orNull(schema.minimum),
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: orNull(schema.maxLength),
    MinLength: orNull(schema.minLength),
    Pattern: schema.pattern ?? '',
    MaxItems: orNull(schema.maxItems),
    MinItems: orNull(schema.minItems),
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: orNull(schema.multipleOf),
    Enum: listOrNull(schema.enum, sortedKeys),
    MaxProperties: orNull(schema.maxProperties),
    MinProperties: orNull(schema.minProperties),
    Required: listOrNull(schema.required, (name) => name),
    Items: goItems(schema.items),
    AllOf: listOrNull(schema.allOf, goSchema),
    OneOf: listOrNull(schema.oneOf, goSchema),
    AnyOf: listOrNull(schema.anyOf, goSchema),
    Not: goSchema(schema.not),
    Properties: goMap(schema.properties),
    AdditionalProperties: goSchemaOrBool(schema.additionalProperties),
    PatternProperties: goMap(schema.patternProperties),
    Dependencies: orNull(schema.dependencies),
    AdditionalItems: goSchemaOrBool(schema.additionalItems),
    Definitions: goMap(schema.definitions),
    ExternalDocs: orNull(schema.externalDocs),
    Example: orNull(sortedKeys(schema.example)),
    XPreserveUnknownFields: orNull(schema['x-kubernetes-preserve-unknown-fields']),
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: listOrNull(schema['x-kubernetes-list-map-keys'], (name) => name),
    XListType: orNull(schema['x-kubernetes-list-type']),
    XMapType: orNull(schema['x-kubernetes-map-type']),
    XValidations: listOrNull(schema['x-kubernetes-validations'], goRule),
  }
}
