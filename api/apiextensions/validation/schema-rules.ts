/** Rules of one schema and all below it: what is forbidden, list and map types, rules in CEL (source: ValidateCustomResourceDefinitionOpenAPISchema). */
import type { JsonSchemaProps, ValidationRule } from '#api/apiextensions/json-schema.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { resolveFieldPath } from '#api/structural/field-path.ts'
import { itemsOf, META_FIELDS } from '#api/structural/schema.ts'
import { goItems } from './internal-form.ts'
import { openApiTypes, type Requirements } from './requirements.ts'

/** What CEL makes of the rules of a schema, once everything else is right. Its state follows the schema down. */
export interface RuleContext {
  property(schema: JsonSchemaProps, name: string): RuleContext | undefined
  items(schema: JsonSchemaProps): RuleContext | undefined
  additional(schema: JsonSchemaProps): RuleContext | undefined
  check(schema: JsonSchemaProps, path: string, uncorrelatable: string | undefined): FieldError[]
}

interface Place {
  path: string
  isRoot: boolean
  /** Why no defaults may be given here. */
  noDefaults: string | undefined
  insideMeta: boolean
  /** The outermost part above that cannot be matched with its old value. */
  uncorrelatable: string | undefined
  rules: RuleContext | undefined
}

interface Found {
  schema: FieldError[]
  rules: FieldError[]
}

export function validateSchema(schema: JsonSchemaProps, path: string, needs: Requirements, rules: RuleContext | undefined): FieldError[] {
  const found = walk(schema, { path, isRoot: true, noDefaults: undefined, insideMeta: false, uncorrelatable: undefined, rules }, needs)
  return [...found.schema, ...found.rules]
}

function walk(schema: JsonSchemaProps, at: Place, needs: Requirements): Found {
  const found: Found = { schema: [...standard(schema, at, needs)], rules: [] }
  const below = (part: JsonSchemaProps | undefined, place: Partial<Place> & { path: string }): void => {
    if (part === undefined) return
    const inner = walk(part, { ...at, isRoot: false, rules: undefined, ...place }, needs)
    found.schema.push(...inner.schema)
    found.rules.push(...inner.rules)
  }
  if (schema.uniqueItems === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    found.schema.push(forbidden(`${at.path}.uniqueItems`, text))
  }
  additionalProperties(schema, at, found, below)
  for (const [name, property] of Object.entries(schema.properties ?? {})) below(property, propertyPlace(schema, at, name, property))
  below(schema.not, { path: `${at.path}.not` })
  for (const kind of ['allOf', 'oneOf', 'anyOf'] as const)
    schema[kind]?.forEach((part, i) => void below(part, { path: `${at.path}.${kind}[${i}]` }))
  for (const [name, part] of Object.entries(schema.definitions ?? {})) below(part, { path: `${at.path}.definitions[${name}]` })
  items(schema, at, below)
  for (const [name, part] of Object.entries(schema.dependencies ?? {}))
    if (!Array.isArray(part)) below(part ?? undefined, { path: `${at.path}.dependencies[${name}]` })
  found.schema.push(...ownTypes(schema, at.path, needs), ...listMap(schema, at.path))
  if (needs.listKeys) found.schema.push(...listKeys(schema, at.path))
  validations(schema, at, found)
  return found
}

type Below = (part: JsonSchemaProps | undefined, place: Partial<Place> & { path: string }) => void

function additionalProperties(schema: JsonSchemaProps, at: Place, found: Found, below: Below): void {
  const { additionalProperties: additional } = schema
  if (additional === undefined) return
  const path = `${at.path}.additionalProperties`
  if (Object.keys(schema.properties ?? {}).length > 0 && additional !== true)
    found.schema.push(forbidden(path, 'additionalProperties and properties are mutual exclusive'))
  if (typeof additional !== 'object') return
  const noDefaults = at.insideMeta ? 'inside additionalProperties applying to object metadata' : at.noDefaults
  below(additional, { path, noDefaults, rules: at.rules?.additional(additional) })
}

function propertyPlace(schema: JsonSchemaProps, at: Place, name: string, property: JsonSchemaProps): Partial<Place> & { path: string } {
  const place: Partial<Place> & { path: string } = { path: `${at.path}.properties[${name}]`, rules: at.rules?.property(property, name) }
  const mapType = schema['x-kubernetes-map-type']
  if (mapType !== undefined && mapType !== 'granular') place.uncorrelatable = at.uncorrelatable ?? at.path
  if ((at.isRoot || schema['x-kubernetes-embedded-resource'] === true) && META_FIELDS.has(name)) {
    place.insideMeta = true
    if (at.isRoot) place.noDefaults = `in top-level ${name}`
  }
  return place
}

function items(schema: JsonSchemaProps, at: Place, below: Below): void {
  if (schema.items === undefined) return
  const uncorrelatable = schema['x-kubernetes-list-type'] === 'map' ? at.uncorrelatable : (at.uncorrelatable ?? at.path)
  if (!Array.isArray(schema.items)) {
    below(schema.items, { path: `${at.path}.items`, uncorrelatable, rules: at.rules?.items(schema.items) })
    return
  }
  schema.items.forEach((part, i) => void below(part, { path: `${at.path}.items[${i}]`, uncorrelatable, rules: at.rules?.items(part) }))
}

function standard(schema: JsonSchemaProps, at: Place, needs: Requirements): FieldError[] {
  const found: FieldError[] = []
  const { path } = at
  const no = (field: string, text = `${field} is not supported`): void => void found.push(forbidden(`${path}.${field}`, text))
  if (needs.validTypes && schema.type && !openApiTypes.has(schema.type))
    found.push(notSupported(`${path}.type`, schema.type, [...openApiTypes]))
  if (schema.default !== undefined && at.noDefaults !== undefined) no('default', `must not be set ${at.noDefaults}`)
  if (schema.id) no('id')
  if (schema.additionalItems !== undefined) no('additionalItems')
  if (Object.keys(schema.patternProperties ?? {}).length > 0) no('patternProperties')
  if (Object.keys(schema.definitions ?? {}).length > 0) no('definitions')
  if (schema.dependencies !== undefined) no('dependencies')
  if (schema.$ref !== undefined) no('$ref')
  if (schema.type === 'null') no('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(schema.items)) no('items', 'items must be a schema object and not an array')
  if (at.insideMeta && schema['x-kubernetes-embedded-resource'] === true)
    no('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  return found
}

function wantedType(type: string | undefined, path: string, text: string): FieldError {
  return type ? invalid(`${path}.type`, type, text) : required(`${path}.type`, text)
}

function ownTypes(schema: JsonSchemaProps, path: string, needs: Requirements): FieldError[] {
  const found: FieldError[] = []
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    found.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  if (mapType !== undefined && schema.type !== 'object')
    found.push(wantedType(schema.type, path, 'must be object if x-kubernetes-map-type is specified'))
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    found.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  if (listType !== undefined && schema.type !== 'array')
    found.push(wantedType(schema.type, path, 'must be array if x-kubernetes-list-type is specified'))
  else if (needs.atomicSets && listType === 'set') found.push(...setItems(itemsOf(schema), path))
  if (listType !== undefined && listType !== 'atomic' && listType !== 'set' && listType !== 'map')
    found.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  return found
}

function setItems(item: JsonSchemaProps | undefined, path: string): FieldError[] {
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const listType = item?.['x-kubernetes-list-type']
  if (item?.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalid(`${path}.items.x-kubernetes-list-type`, listType, text)]
  // Upstream shows the list type here, which is none.
  if (item?.type === 'object' && item['x-kubernetes-map-type'] !== 'atomic')
    return [invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, text)]
  return []
}

function listMap(schema: JsonSchemaProps, path: string): FieldError[] {
  const found: FieldError[] = []
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (keys.length > 0 && type !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const field = `${path}.x-kubernetes-list-type`
    found.push(type === undefined ? required(field, text) : invalid(field, type, text))
  }
  if (type !== 'map') return found
  if (keys.length === 0) found.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'))
  const item = itemsOf(schema)
  if (schema.items === undefined) found.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
  else if (item === undefined)
    found.push(invalid(`${path}.items`, goItems(schema.items), 'must only have a single schema if x-kubernetes-list-type is map'))
  else if (item.type !== 'object')
    found.push(invalid(`${path}.items.type`, item.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"))
  else found.push(...mapKeys(item, keys, path))
  return found
}

function mapKeys(item: JsonSchemaProps, keys: readonly string[], path: string): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  const field = `${path}.x-kubernetes-list-map-keys`
  for (const key of keys) {
    const property = item.properties?.[key]
    if (property === undefined) found.push(invalid(field, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') {
      const text = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      found.push(invalid(`${path}.items.properties[${key}].type`, item.type, text))
    }
    if (seen.has(key)) found.push(invalid(field, keys, 'must not contain duplicate entries'))
    seen.add(key)
  }
  return found
}

function listKeys(schema: JsonSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  const item = itemsOf(schema)
  if (item === undefined || (type !== 'set' && type !== 'map')) return []
  const found: FieldError[] = []
  if (item.nullable === true) found.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`))
  if (type === 'set') return found
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = item.properties?.[key]
    if (property === undefined) continue
    const at = `${path}.items.properties[${key}]`
    const listed = 'this property is in x-kubernetes-list-map-keys, so it'
    if (item.required?.includes(key) !== true && property.default === undefined)
      found.push(required(`${at}.default`, `${listed} must have a default or be a required property`))
    if (property.nullable === true) found.push(forbidden(`${at}.nullable`, `${listed} cannot be nullable`))
  }
  return found
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'] as const
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text)

function validations(schema: JsonSchemaProps, at: Place, found: Found): void {
  const rules = schema['x-kubernetes-validations'] ?? []
  rules.forEach((rule, i) => void found.schema.push(...ruleFaults(schema, rule, `${at.path}.x-kubernetes-validations[${i}]`)))
  // Expressions on broken schemas would only be complained of in words that help nobody.
  if (rules.length > 0 && found.schema.length === 0 && at.rules !== undefined)
    found.rules.push(...at.rules.check(schema, at.path, at.uncorrelatable))
}

function ruleFaults(schema: JsonSchemaProps, rule: ValidationRule, path: string): FieldError[] {
  const found: FieldError[] = []
  const { rule: text, message = '', messageExpression = '', reason, fieldPath = '' } = rule
  if (text.trim() === '') found.push(required(`${path}.rule`, 'rule is not specified'))
  else if (message !== '' && message.trim() === '') found.push(invalid(`${path}.message`, message, 'must be non-empty if specified'))
  else if (hasNewlines(message.trim())) found.push(invalid(`${path}.message`, message, 'must not contain line breaks'))
  else if (hasNewlines(text.trim()) && message.trim() === '')
    found.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'))
  if (messageExpression !== '' && messageExpression.trim() === '')
    found.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'))
  if (reason !== undefined && !(reasons as readonly string[]).includes(reason)) found.push(notSupported(`${path}.reason`, reason, reasons))
  if (fieldPath !== '' && fieldPath.trim() === '') found.push(invalid(`${path}.fieldPath`, fieldPath, 'must be non-empty if specified'))
  if (hasNewlines(fieldPath)) found.push(invalid(`${path}.fieldPath`, fieldPath, 'must not contain line breaks'))
  if (fieldPath !== '' && !resolveFieldPath(fieldPath, schema).ok)
    found.push(invalid(`${path}.fieldPath`, fieldPath, 'must be a valid path'))
  return found
}
