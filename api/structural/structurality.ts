/** Whether a schema is structural: every field has one type, said once and outside of alternatives (source: apiextensions-apiserver, schema/validation.go). */
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import { sameJson } from '#api/own.ts'
import { compileRe2 } from '#api/regexp/re2.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, preservesUnknown, propertyOf, type Structural } from './schema.ts'

type Level = 'root' | 'item' | 'field'

/** Causes in upstream's order, sorted by their text. */
export function validateStructural(schema: Structural, path: string): FieldError[] {
  const found = [...invariants(schema, 'root', path), ...completeness(schema, schema, path, path)]
  const text = (error: FieldError): string => `${error.field}: ${error.message}`
  return found.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
}

const key = (path: string, name: string): string => `${path}.properties[${name}]`
const properties = (schema: Structural): [string, Structural][] => Object.entries(schema.properties ?? {})

function invariants(schema: Structural, level: Level, path: string): FieldError[] {
  const found: FieldError[] = []
  const items = itemsOf(schema)
  if (schema.type === 'array' && items === undefined) found.push(required(`${path}.items`, 'must be specified'))
  if (items !== undefined) found.push(...invariants(items, 'item', `${path}.items`))
  for (const [name, property] of properties(schema)) found.push(...invariants(property, 'field', key(path, name)))
  const additional = additionalOf(schema)
  if (schema.additionalProperties !== undefined && level === 'root')
    found.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
  if (additional !== undefined) found.push(...invariants(additional, 'field', `${path}.additionalProperties`))
  found.push(...extensions(schema, path))
  const skipsFirst = isIntOrStringList(schema.allOf?.[0]?.anyOf)
  found.push(...valueRules(schema, isIntOrStringList(schema.anyOf), skipsFirst, level, path))
  found.push(...typeRules(schema, level, path), ...metadataRules(schema, level, path))
  if (isEmbedded(schema) && !preservesUnknown(schema) && properties(schema).length === 0) {
    const text = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    found.push(required(`${path}.properties`, text))
  }
  return found
}

function extensions(schema: Structural, path: string): FieldError[] {
  if (!isIntOrString(schema)) return []
  const text = 'must be false if x-kubernetes-int-or-string is true'
  const found: FieldError[] = []
  if (preservesUnknown(schema)) found.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, text))
  if (isEmbedded(schema)) found.push(invalid(`${path}.x-kubernetes-embedded-resource`, true, text))
  return found
}

const emptyTypes = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
} as const

function typeRules(schema: Structural, level: Level, path: string): FieldError[] {
  const found: FieldError[] = []
  const { type = '' } = schema
  const embedded = isEmbedded(schema)
  if (embedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true'
    found.push(type === '' ? required(`${path}.type`, text) : invalid(`${path}.type`, type, text))
  } else if (type === '' && !isIntOrString(schema) && !preservesUnknown(schema)) found.push(required(`${path}.type`, emptyTypes[level]))
  if (embedded && schema.additionalProperties !== undefined)
    found.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'))
  if (level === 'root' && type !== '' && type !== 'object') found.push(invalid(`${path}.type`, type, 'must be object at the root'))
  return found
}

function metadataRules(schema: Structural, level: Level, path: string): FieldError[] {
  const found: FieldError[] = []
  const checks = level === 'root' || isEmbedded(schema)
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name)
    if (checks && property !== undefined && property.type !== 'string')
      found.push(invalid(`${key(path, name)}.type`, property.type ?? '', 'must be string'))
  }
  const metadata = propertyOf(schema, 'metadata')
  if (metadata === undefined) return found
  const at = key(path, 'metadata')
  if (checks && metadata.type !== 'object') found.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'))
  if (level === 'root' && saysMore(metadata)) {
    const text = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    found.push(forbidden(at, text))
  }
  return found
}

/** Whether a schema of metadata says more than rules for name and generateName. */
function saysMore({
  type: _type,
  default: _default,
  externalDocs: _docs,
  example: _example,
  properties: named,
  ...rest
}: Structural): boolean {
  const names = Object.keys(named ?? {})
  if (names.some((name) => name !== 'name' && name !== 'generateName')) return true
  return Object.values(rest).some(
    (value) => value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
}

const intOrString = [{ type: 'integer' }, { type: 'string' }]
const isIntOrStringList = (list: readonly Structural[] | undefined): boolean => sameJson(list, intOrString)

// biome-ignore lint/complexity/useMaxParams: where it stands and what is let pass there
function valueRules(schema: Structural, skipsAnyOf: boolean, skipsFirst: boolean, level: Level, path: string): FieldError[] {
  const found: FieldError[] = []
  if (!skipsAnyOf) schema.anyOf?.forEach((part, i) => void found.push(...nested(part, false, level, `${path}.anyOf[${i}]`)))
  schema.allOf?.forEach((part, i) => void found.push(...nested(part, skipsFirst && i === 0, level, `${path}.allOf[${i}]`)))
  schema.oneOf?.forEach((part, i) => void found.push(...nested(part, false, level, `${path}.oneOf[${i}]`)))
  if (schema.not !== undefined) found.push(...nested(schema.not, false, level, `${path}.not`))
  if (schema.pattern) {
    const compiled = compileRe2(schema.pattern)
    if (!compiled.ok)
      found.push(invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${compiled.error}`))
  }
  return found
}

/** A schema below allOf, anyOf, oneOf or not may only restrict values. */
function nested(schema: Structural, skipsAnyOf: boolean, level: Level, path: string): FieldError[] {
  const found = valueRules(schema, skipsAnyOf, false, level, path)
  const items = itemsOf(schema)
  if (items !== undefined) found.push(...nested(items, false, level, `${path}.items`))
  for (const [name, property] of properties(schema)) found.push(...nested(property, false, 'field', key(path, name)))
  const no = (field: string, text: string): void => void found.push(forbidden(`${path}.${field}`, `${text} to be structural`))
  if (schema.type) no('type', 'must be empty')
  if (additionalOf(schema) !== undefined || schema.additionalProperties === true) no('additionalProperties', 'must be undefined')
  if (schema.default !== undefined) no('default', 'must be undefined')
  if (schema.title) no('title', 'must be empty')
  if (schema.description) no('description', 'must be empty')
  if (schema.nullable === true) no('nullable', 'must be false')
  if (preservesUnknown(schema)) no('x-kubernetes-preserve-unknown-fields', 'must be false')
  if (isEmbedded(schema)) no('x-kubernetes-embedded-resource', 'must be false')
  if (isIntOrString(schema)) no('x-kubernetes-int-or-string', 'must be false')
  if ((schema['x-kubernetes-list-map-keys']?.length ?? 0) > 0) no('x-kubernetes-list-map-keys', 'must be empty')
  if (schema['x-kubernetes-list-type'] !== undefined) no('x-kubernetes-list-type', 'must be undefined')
  if (schema['x-kubernetes-map-type'] !== undefined) no('x-kubernetes-map-type', 'must be undefined')
  if ((schema['x-kubernetes-validations']?.length ?? 0) > 0) no('x-kubernetes-validations', 'must be empty')
  if (propertyOf(schema, 'metadata') !== undefined)
    found.push(forbidden(key(path, 'metadata'), 'must not be specified in a nested context'))
  return found
}

/** Everything that alternatives restrict is also typed outside of them. */
function completeness(rules: Structural, typed: Structural | undefined, at: string, from: string): FieldError[] {
  if (typed === undefined) return [required(at, `because it is defined in ${from}`)]
  const found: FieldError[] = []
  if (rules.not !== undefined) found.push(...nestedCompleteness(rules.not, typed, at, `${from}.not`))
  for (const kind of ['allOf', 'anyOf', 'oneOf'] as const)
    rules[kind]?.forEach((part, i) => void found.push(...nestedCompleteness(part, typed, at, `${from}.${kind}[${i}]`)))
  return found
}

function nestedCompleteness(rules: Structural, typed: Structural | undefined, at: string, from: string): FieldError[] {
  if (typed === undefined) return [required(at, `because it is defined in ${from}`)]
  const found = completeness(rules, typed, at, from)
  const items = itemsOf(rules)
  if (items !== undefined) found.push(...nestedCompleteness(items, itemsOf(typed), `${at}.items`, `${from}.items`))
  for (const [name, property] of properties(rules)) {
    const counterpart = propertyOf(typed, name)
    if (counterpart === undefined) found.push(required(key(at, name), `because it is defined in ${key(from, name)}`))
    else found.push(...nestedCompleteness(property, counterpart, key(at, name), key(from, name)))
  }
  return found
}

/** What keeps a schema from being read as a structural one at all; undefined where nothing does (source: schema/convert.go). */
export function unsupportedPart(schema: Structural): string | undefined {
  const no = (field: string): string => `OpenAPIV3Schema '${field}' is not supported`
  if (schema.id) return no('id')
  if (schema.$schema) return no('schema')
  if (schema.$ref) return no('$ref')
  if (Object.keys(schema.patternProperties ?? {}).length > 0) return no('patternProperties')
  if (Object.keys(schema.dependencies ?? {}).length > 0) return no('dependencies')
  if (schema.additionalItems !== undefined) return no('additionalItems')
  if (Object.keys(schema.definitions ?? {}).length > 0) return no('definitions')
  const parts = [schema.not, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  for (const part of parts) {
    const why = part && unsupportedPart(part)
    if (why !== undefined) return why
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  for (const part of [itemsOf(schema), ...Object.values(schema.properties ?? {}), additionalOf(schema)]) {
    const why = part && unsupportedPart(part)
    if (why !== undefined) return why
  }
  return undefined
}
