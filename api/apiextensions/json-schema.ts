/**
 * JSONSchemaProps, the language in which authors of custom resources describe their fields.
 *
 * A few of its fields are unions that Go reads with codecs of its own (a schema or a list of schemas, a schema or a boolean). They are `json`
 * here and brought into shape by `settleSchema`, which drops unknown fields below them silently, as upstream does.
 */
import type { z } from 'zod'
import { bool, double, int64, json, later, list, map, message, object, string } from '#api/fields.ts'

export interface ValidationRule {
  rule: string
  message?: string | undefined
  messageExpression?: string | undefined
  reason?: string | undefined
  fieldPath?: string | undefined
  optionalOldSelf?: boolean | undefined
}

export interface JsonSchemaProps {
  id?: string | undefined
  $schema?: string | undefined
  $ref?: string | undefined
  description?: string | undefined
  type?: string | undefined
  format?: string | undefined
  title?: string | undefined
  default?: unknown
  maximum?: number | undefined
  exclusiveMaximum?: boolean | undefined
  minimum?: number | undefined
  exclusiveMinimum?: boolean | undefined
  maxLength?: number | undefined
  minLength?: number | undefined
  pattern?: string | undefined
  maxItems?: number | undefined
  minItems?: number | undefined
  uniqueItems?: boolean | undefined
  multipleOf?: number | undefined
  enum?: unknown[] | undefined
  maxProperties?: number | undefined
  minProperties?: number | undefined
  required?: string[] | undefined
  items?: JsonSchemaProps | JsonSchemaProps[] | undefined
  allOf?: JsonSchemaProps[] | undefined
  oneOf?: JsonSchemaProps[] | undefined
  anyOf?: JsonSchemaProps[] | undefined
  not?: JsonSchemaProps | undefined
  properties?: Record<string, JsonSchemaProps> | undefined
  additionalProperties?: JsonSchemaProps | boolean | undefined
  patternProperties?: Record<string, JsonSchemaProps> | undefined
  dependencies?: Record<string, JsonSchemaProps | string[]> | undefined
  additionalItems?: JsonSchemaProps | boolean | undefined
  definitions?: Record<string, JsonSchemaProps> | undefined
  externalDocs?: { description?: string | undefined; url?: string | undefined } | undefined
  example?: unknown
  nullable?: boolean | undefined
  'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  'x-kubernetes-embedded-resource'?: boolean | undefined
  'x-kubernetes-int-or-string'?: boolean | undefined
  'x-kubernetes-list-map-keys'?: string[] | undefined
  'x-kubernetes-list-type'?: string | undefined
  'x-kubernetes-map-type'?: string | undefined
  'x-kubernetes-validations'?: ValidationRule[] | undefined
}

const name = (type: string): string => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${type}`

export const externalDocumentationSchema = message(name('ExternalDocumentation'), 'A pointer to documentation elsewhere.', {
  description: string(1, 'What is found there.'),
  url: string(2, 'Where it is.'),
})

export const validationRuleSchema = message(name('ValidationRule'), 'A rule in the Common Expression Language that values must keep.', {
  rule: string(1, 'The expression; self is the value, oldSelf the one before the update.', { json: 'always' }),
  message: string(2, 'What is said where the rule is broken.'),
  messageExpression: string(3, 'An expression that makes the message.'),
  reason: string(4, 'Machine-readable reason of the refusal.', {
    goType: 'v1.FieldValueErrorReason',
    pointer: true,
    enum: ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'],
  }),
  fieldPath: string(5, 'The field to blame, as a path from this one.'),
  optionalOldSelf: bool(6, 'Also check where there is no old value; oldSelf is then an optional.', { pointer: true }),
})

const self: z.ZodType<JsonSchemaProps> = later(() => jsonSchemaPropsSchema as unknown as z.ZodType<JsonSchemaProps>)

export const jsonSchemaPropsSchema = message(name('JSONSchemaProps'), 'A JSON schema (draft 4) with the extensions of Kubernetes.', {
  id: string(1, 'Identity of the schema; not used.'),
  $schema: string(2, 'The dialect of the schema; not used.', { goType: 'v1.JSONSchemaURL' }),
  $ref: string(3, 'A reference to another schema; not allowed.', { pointer: true }),
  description: string(4, 'What the value means.'),
  type: string(5, 'object, array, string, integer, number or boolean.'),
  format: string(6, 'A named form of strings or numbers, such as date-time; unknown ones are ignored.'),
  title: string(7, 'A short name of the value.'),
  default: json(8, 'What stands where the value is absent.', { pointer: true }),
  maximum: double(9, 'Largest number.', { pointer: true }),
  exclusiveMaximum: bool(10, 'The maximum itself is too large.'),
  minimum: double(11, 'Smallest number.', { pointer: true }),
  exclusiveMinimum: bool(12, 'The minimum itself is too small.'),
  maxLength: int64(13, 'Most characters of a string.', { pointer: true }),
  minLength: int64(14, 'Fewest characters of a string.', { pointer: true }),
  pattern: string(15, 'A regular expression that strings must match somewhere.'),
  maxItems: int64(16, 'Most items of a list.', { pointer: true }),
  minItems: int64(17, 'Fewest items of a list.', { pointer: true }),
  uniqueItems: bool(18, 'No two items are equal; not allowed to be true.'),
  multipleOf: double(19, 'Numbers must be a multiple of this one.', { pointer: true }),
  enum: list(20, 'json', 'The only values that are allowed.', { listType: 'atomic' }),
  maxProperties: int64(21, 'Most properties of an object.', { pointer: true }),
  minProperties: int64(22, 'Fewest properties of an object.', { pointer: true }),
  required: list(23, 'string', 'Properties that must be there.', { listType: 'atomic' }),
  items: json(24, 'The schema of the items of a list.', { pointer: true, choice: { object: 1, list: 2 } }),
  allOf: list(25, self, 'All of these must hold.', { listType: 'atomic' }),
  oneOf: list(26, self, 'Exactly one of these must hold.', { listType: 'atomic' }),
  anyOf: list(27, self, 'One of these at least must hold.', { listType: 'atomic' }),
  not: object(28, self, 'This must not hold.', { pointer: true }),
  properties: map(29, self, 'Schemas of the known properties of an object.'),
  additionalProperties: json(30, 'The schema of all other properties, or whether there may be any.', {
    pointer: true,
    choice: { bool: 1, object: 2 },
  }),
  patternProperties: map(31, self, 'Schemas by patterns of names; not allowed.'),
  dependencies: map(32, 'json', 'What a property asks of its object; not allowed.', {
    choice: { object: 1, strings: 2 },
    goType: 'whole v1.JSONSchemaDependencies',
  }),
  additionalItems: json(33, 'The schema of further items; not allowed.', { pointer: true, choice: { bool: 1, object: 2 } }),
  definitions: map(34, self, 'Schemas for references; not allowed.', { goType: 'whole v1.JSONSchemaDefinitions' }),
  externalDocs: object(35, externalDocumentationSchema, 'Documentation elsewhere.', { pointer: true }),
  example: json(36, 'An example of the value.', { pointer: true }),
  nullable: bool(37, 'The value may be null.'),
  'x-kubernetes-preserve-unknown-fields': bool(38, 'Fields that no schema names are kept rather than dropped.', { pointer: true }),
  'x-kubernetes-embedded-resource': bool(39, 'The value is an object of the API with apiVersion, kind and metadata.'),
  'x-kubernetes-int-or-string': bool(40, 'The value is a whole number or a text.'),
  'x-kubernetes-list-map-keys': list(41, 'string', 'Fields that together tell the items of a list of type map apart.', {
    listType: 'atomic',
  }),
  'x-kubernetes-list-type': string(42, 'How lists are merged: atomic, set or map.', { pointer: true }),
  'x-kubernetes-map-type': string(43, 'How objects are merged: granular or atomic.', { pointer: true }),
  'x-kubernetes-validations': list(44, validationRuleSchema, 'Rules that the value must keep.', {
    goType: 'whole v1.ValidationRules',
    listType: 'map',
    listKeys: ['rule'],
    patchStrategy: 'merge',
    patchMergeKey: 'rule',
  }),
})
