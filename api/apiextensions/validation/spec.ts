/** Rules of a definition's spec (source: validateCustomResourceDefinitionSpec). */
import type { CustomResourceDefinitionNames } from '#api/apiextensions/custom-resource-definition.ts'
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooMany } from '#api/meta/field-error.ts'
import { resolveFieldPath } from '#api/structural/field-path.ts'
import { unsupportedPart, validateStructural } from '#api/structural/structurality.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '#api/validation/names.ts'
import { validateDefaults } from './default-rules.ts'
import {
  goSchema,
  goVersions,
  type InternalSpec,
  type InternalVersion,
  type PrinterColumn,
  type SelectableField,
  type Subresources,
  type Validation,
} from './internal-form.ts'
import type { Requirements } from './requirements.ts'
import { anySchema } from './requirements.ts'
import { type RuleTotals, rootRules } from './rule-checks.ts'
import { validateSchema } from './schema-rules.ts'

export function validateSpec(internal: InternalSpec, given: Requirements): FieldError[] {
  const { group, scope, preserveUnknownFields = false, conversion: _conversion, names } = internal.given
  const found: FieldError[] = []
  if (group === '') found.push(required('spec.group'))
  else {
    const faults = checkDns1123Subdomain(group)
    if (faults.length > 0) found.push(invalid('spec.group', group, faults.join(',')))
    else if (!group.includes('.')) found.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  }
  if (scope === '') found.push(required('spec.scope'))
  else if (scope !== 'Cluster' && scope !== 'Namespaced') found.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  const needs = { ...given, structural: given.structural || !preserveUnknownFields || usesExtensions(internal) }
  found.push(...missingSchemas(internal, needs, preserveUnknownFields))
  if (preserveUnknownFields && allSchemas(internal).some((schema) => anySchema(schema, (part) => part.default !== undefined)))
    found.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'))
  found.push(...versions(internal, needs))
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names[field]) found.push(required(`spec.names.${field}`))
  found.push(...validateNames(names, 'spec.names'))
  found.push(...topLevel(internal, needs))
  return found
}

const allSchemas = ({ validation, versions }: InternalSpec): JsonSchemaProps[] =>
  [validation, ...versions.map(({ schema }) => schema)].flatMap((schema) => (schema?.openAPIV3Schema ? [schema.openAPIV3Schema] : []))

const usesExtensions = (internal: InternalSpec): boolean =>
  allSchemas(internal).some((schema) =>
    anySchema(
      schema,
      (part) =>
        part.default !== undefined ||
        part['x-kubernetes-embedded-resource'] === true ||
        part['x-kubernetes-preserve-unknown-fields'] !== undefined ||
        part['x-kubernetes-int-or-string'] === true ||
        (part['x-kubernetes-list-map-keys']?.length ?? 0) > 0 ||
        part['x-kubernetes-list-type'] !== undefined ||
        (part['x-kubernetes-validations']?.length ?? 0) > 0,
    ),
  )

function missingSchemas({ validation, versions }: InternalSpec, needs: Requirements, keepsUnknown: boolean): FieldError[] {
  if (validation?.openAPIV3Schema !== undefined) return []
  return versions.flatMap(({ schema, served }, i) => {
    if (schema?.openAPIV3Schema !== undefined) return []
    const field = `spec.versions[${i}].schema.openAPIV3Schema`
    if (needs.schemas) return [required(field)]
    return !keepsUnknown && served ? [required(field, 'because otherwise all fields are pruned')] : []
  })
}

function versions(internal: InternalSpec, needs: Requirements): FieldError[] {
  const { versions: list } = internal
  const found: FieldError[] = []
  const perVersion = list.some(({ subresources }) => subresources !== undefined)
  list.forEach((version, i) => {
    const faults = checkDns1035Label(version.name)
    if (faults.length > 0) found.push(invalid(`spec.versions[${i}].name`, version.name, faults.join(',')))
    const subresources = perVersion ? list.find(({ name }) => name === version.name)?.subresources : internal.subresources
    found.push(...validateVersion(version, `spec.versions[${i}]`, subresources?.status !== undefined, needs))
  })
  if (new Set(list.map(({ name }) => name)).size !== list.length)
    found.push(invalid('spec.versions', goVersions(list), 'must contain unique version names'))
  if (list.filter(({ storage }) => storage).length !== 1)
    found.push(invalid('spec.versions', goVersions(list), 'must have exactly one version marked as storage version'))
  return found
}

function topLevel(internal: InternalSpec, needs: Requirements): FieldError[] {
  const { versions: list, validation, subresources, columns, selectable } = internal
  const hasStatus = [subresources, ...list.map((version) => version.subresources)].some((some) => some?.status !== undefined)
  const found: FieldError[] = []
  const [first] = list
  if (first !== undefined && first.name !== '') {
    const faults = checkDns1035Label(first.name)
    if (faults.length > 0) found.push(invalid('spec.version', first.name, faults.join(',')))
  }
  // Upstream checks the version's name before the names of the kind; the order of causes is of no account.
  const unchanged = first !== undefined && needs.unchangedVersions.has(first.name)
  found.push(...validateValidation(validation, 'spec.validation', hasStatus, needs, unchanged))
  found.push(...validateSubresources(subresources, 'spec.subresources'), ...validateColumns(columns, 'spec.additionalPrinterColumns'))
  if (selectable.length > 0) {
    if (validation === undefined) found.push(invalid('spec.selectableFields', '', 'may only be set when validations.schema is included'))
    else
      found.push(...selectableFaults(selectable, validation.openAPIV3Schema ?? {}, 'spec.selectableFields', needs.manySelectable.size > 0))
  }
  return found
}

function validateVersion(version: InternalVersion, field: string, hasStatus: boolean, needs: Requirements): FieldError[] {
  const { deprecationWarning: warning, schema, selectable } = version
  const found = deprecationFaults(version.deprecated === true, warning).map((text) =>
    invalid(`${field}.deprecationWarning`, warning ?? null, text),
  )
  found.push(...validateValidation(schema, `${field}.schema`, hasStatus, needs, needs.unchangedVersions.has(version.name)))
  found.push(...validateSubresources(version.subresources, `${field}.subresources`))
  found.push(...validateColumns(version.columns, `${field}.additionalPrinterColumns`))
  if (selectable.length === 0) return found
  const at = `${field}.selectableFields`
  if (schema?.openAPIV3Schema === undefined)
    found.push(invalid(at, '', 'may only be set when `version.schema.openAPIV3Schema` is not included'))
  else found.push(...selectableFaults(selectable, schema.openAPIV3Schema, at, needs.manySelectable.has(version.name)))
  return found
}

function deprecationFaults(deprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return []
  if (!deprecated) return ['can only be set for deprecated versions']
  const found: string[] = []
  if (Buffer.byteLength(warning) > 256) found.push('must be <= 256 characters long')
  if (warning === '') found.push('must not be an empty string')
  let at = 0
  for (const char of warning) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) {
      found.push(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`)
      break
    }
    at += Buffer.byteLength(char)
  }
  return found
}

const allowedAtRoot =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'

// biome-ignore lint/complexity/useMaxParams: the schema, its place and how strictly it is judged
function validateValidation(
  validation: Validation | undefined,
  field: string,
  hasStatus: boolean,
  needs: Requirements,
  unchanged: boolean,
): FieldError[] {
  const schema = validation?.openAPIV3Schema
  if (schema === undefined) return []
  const path = `${field}.openAPIV3Schema`
  const found: FieldError[] = hasStatus ? rootFaults(schema, path) : []
  if (schema.nullable === true) found.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const unsupported = needs.structural ? unsupportedPart(schema) : undefined
  let rules: RuleTotals | undefined
  if (needs.structural && unsupported === undefined) {
    const structural = validateStructural(schema, path)
    const faults = structural.length > 0 ? structural : validateDefaults(schema, path, needs.prunedDefaults)
    found.push(...faults)
    if (faults.length === 0) rules = rootRules(schema, unchanged)
  }
  found.push(...validateSchema(schema, path, needs, rules?.context))
  if (found.length === 0 && unsupported !== undefined) found.push(invalid(path, '', unsupported))
  found.push(...(rules?.totals(path) ?? []))
  return found
}

/** With a status subresource its schema is taken out of the root's properties, so that nothing may restrict them from outside. */
function rootFaults(schema: JsonSchemaProps, path: string): FieldError[] {
  const shown = goSchema(schema) as Record<string, unknown>
  const allowed = new Set(allowedAtRoot.split(' '))
  for (const [name, value] of Object.entries(shown)) {
    if (value === null || value === '' || value === false) continue
    if (name === 'Type') {
      if (schema.type === 'object') continue
      const text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      return [invalid(`${path}.type`, schema.type ?? '', text)]
    }
    if (!allowed.has(name))
      return [
        invalid(path, shown, `only [${allowedAtRoot}] fields are allowed at the root of the schema if the status subresource is enabled`),
      ]
  }
  return []
}

export function validateNames(names: CustomResourceDefinitionNames, field: string): FieldError[] {
  const found: FieldError[] = []
  const label = (value: string | undefined, at: string, prefix = ''): void => {
    if (!value) return
    const faults = checkDns1035Label(prefix === '' ? value : value.toLowerCase())
    if (faults.length > 0) found.push(invalid(`${field}.${at}`, value, prefix + faults.join(',')))
  }
  const mixed = 'may have mixed case, but should otherwise match: '
  label(names.plural, 'plural')
  label(names.singular, 'singular')
  label(names.kind, 'kind', mixed)
  label(names.listKind, 'listKind', mixed)
  names.shortNames?.forEach((name, i) => {
    const faults = checkDns1035Label(name)
    if (faults.length > 0) found.push(invalid(`${field}.shortNames[${i}]`, name, faults.join(',')))
  })
  if (names.kind !== '' && names.kind === names.listKind)
    found.push(invalid(`${field}.listKind`, names.listKind, 'kind and listKind may not be the same'))
  names.categories?.forEach((name, i) => {
    const faults = checkDns1035Label(name)
    if (faults.length > 0) found.push(invalid(`${field}.categories[${i}]`, name, faults.join(',')))
  })
  return found
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function validateColumns(columns: readonly PrinterColumn[], field: string): FieldError[] {
  return columns.flatMap(({ name, type, format, jsonPath }, i) => {
    const at = `${field}[${i}]`
    const found: FieldError[] = []
    if (name === '') found.push(required(`${at}.name`))
    const types = `must be one of ${columnTypes.join(',')}`
    if (type === '') found.push(required(`${at}.type`, types))
    else if (!columnTypes.includes(type)) found.push(invalid(`${at}.type`, type, types))
    if (format && !columnFormats.includes(format)) found.push(invalid(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`))
    if (jsonPath === '') found.push(required(`${at}.JSONPath`))
    else found.push(...simplePath(jsonPath, `${at}.JSONPath`))
    return found
  })
}

const simplePath = (path: string, field: string): FieldError[] =>
  path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')]

function validateSubresources(subresources: Subresources | undefined, field: string): FieldError[] {
  const scale = subresources?.scale
  if (scale === undefined) return []
  const found: FieldError[] = []
  const check = (path: string, name: string, heads: readonly string[], text: string): void => {
    const at = `${field}.scale.${name}`
    const faults = simplePath(path, at)
    if (faults.length > 0) found.push(...faults)
    else if (!heads.some((head) => path.startsWith(head))) found.push(invalid(at, path, text))
  }
  if (scale.specReplicasPath === '') found.push(required(`${field}.scale.specReplicasPath`))
  else check(scale.specReplicasPath, 'specReplicasPath', ['.spec.'], 'should be a json path under .spec')
  if (scale.statusReplicasPath === '') found.push(required(`${field}.scale.statusReplicasPath`))
  else check(scale.statusReplicasPath, 'statusReplicasPath', ['.status.'], 'should be a json path under .status')
  if (scale.labelSelectorPath)
    check(scale.labelSelectorPath, 'labelSelectorPath', ['.spec.', '.status.'], 'should be a json path under either .spec or .status')
  return found
}

const MAX_SELECTABLE = 8

function selectableFaults(fields: readonly SelectableField[], schema: JsonSchemaProps, field: string, allowsMany: boolean): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, { jsonPath }] of fields.entries()) {
    const at = `${field}[${i}].jsonPath`
    if (jsonPath === '') {
      found.push(required(at))
      continue
    }
    const resolved = resolveFieldPath(jsonPath, schema, false)
    if (!resolved.ok) {
      found.push(invalid(at, jsonPath, `is an invalid path: ${resolved.why}`))
      continue
    }
    if (resolved.root === 'metadata') found.push(invalid(at, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(resolved.schema?.type ?? '')) {
      const text = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      found.push(invalid(at, jsonPath, text))
    }
    if (seen.has(resolved.path)) found.push(duplicate(at, jsonPath))
    seen.add(resolved.path)
  }
  if (seen.size > MAX_SELECTABLE && !allowsMany) found.push(tooMany(field, seen.size, MAX_SELECTABLE))
  return found
}
