/** Rules of resources inside of custom resources: they have a type and, if any, valid metadata (source: apiextensions-apiserver, schema/objectmeta). */
import { type FieldError, invalid, required } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import type { Plain } from '#api/own.ts'
import { checkDns1035Label } from '#api/validation/names.ts'
import { validateObjectMeta } from '#api/validation/object-meta.ts'
import { holdsEmbedded } from './decode.ts'
import { isEmbedded, itemsOf, memberOf, propertyOf, type Structural } from './schema.ts'
import { sortedKeys } from './value-print.ts'
import { isObject } from './values.ts'

export function validateEmbedded(value: unknown, schema: Structural, path = ''): FieldError[] {
  if (!holdsEmbedded(schema)) return []
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return items === undefined ? [] : value.flatMap((item, i) => validateEmbedded(item, items, `${path}[${i}]`))
  }
  if (!isObject(value)) return []
  const own = isEmbedded(schema) ? validateResource(value, path) : []
  const members = Object.keys(value).flatMap((key) => {
    const member = memberOf(schema, key)
    if (member === undefined) return []
    const isNamed = propertyOf(schema, key) !== undefined
    return validateEmbedded(value[key], member, path === '' ? key : isNamed ? `${path}.${key}` : `${path}[${key}]`)
  })
  return [...own, ...members]
}

function validateResource(object: Plain, path: string): FieldError[] {
  return [...validateApiVersion(object, `${path}.apiVersion`), ...validateKind(object, `${path}.kind`), ...validateMetadata(object, path)]
}

function validateApiVersion(object: Plain, field: string): FieldError[] {
  if (!Object.hasOwn(object, 'apiVersion')) return [required(field)]
  const value = object['apiVersion']
  if (typeof value !== 'string') return [invalid(field, sortedKeys(value), 'must be a string')]
  if (value === '') return [invalid(field, value, 'must not be empty')]
  return value.split('/').length > 2 ? [invalid(field, value, `unexpected GroupVersion string: ${value}`)] : []
}

function validateKind(object: Plain, field: string): FieldError[] {
  if (!Object.hasOwn(object, 'kind')) return [required(field)]
  const value = object['kind']
  if (typeof value !== 'string') return [invalid(field, sortedKeys(value), 'must be a string')]
  if (value === '') return [invalid(field, value, 'must not be empty')]
  const faults = checkDns1035Label(value.toLowerCase())
  return faults.length === 0 ? [] : [invalid(field, value, `may have mixed case, but should otherwise match: ${faults.join(',')}`)]
}

function checkPathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`)
}

function validateMetadata(object: Plain, path: string): FieldError[] {
  if (!Object.hasOwn(object, 'metadata')) return []
  const metadata = (object['metadata'] ?? {}) as ObjectMeta
  return validateObjectMeta(
    { ...metadata, name: metadata.name || 'fakename' },
    { namespaced: !!metadata.namespace, validateName: checkPathSegment, path: `${path}.metadata` },
  )
}
