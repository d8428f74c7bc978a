/** Sets hold every item once, associative lists every key (source: apiextensions-apiserver, schema/listtype). */
import { isWrittenNumber } from '#api/json-scan.ts'
import { duplicate, type FieldError, invalid } from '#api/meta/field-error.ts'
import type { Plain } from '#api/own.ts'
import { additionalOf, itemsOf, propertyOf, type Structural } from './schema.ts'
import { sortedKeys } from './value-print.ts'
import { isObject } from './values.ts'

const typed = new WeakMap<Structural, boolean>()

/** Whether a set or an associative list stands in the schema or below; most have none. */
function holdsTypes(schema: Structural | undefined): boolean {
  if (schema === undefined) return false
  const known = typed.get(schema)
  if (known !== undefined) return known
  const type = schema['x-kubernetes-list-type']
  const found =
    type === 'set' ||
    type === 'map' ||
    holdsTypes(itemsOf(schema)) ||
    holdsTypes(additionalOf(schema)) ||
    Object.values(schema.properties ?? {}).some(holdsTypes)
  typed.set(schema, found)
  return found
}

/** Causes for an object; the root where `path` is empty. */
export function validateListTypes(value: unknown, schema: Structural, path = ''): FieldError[] {
  if (!holdsTypes(schema)) return []
  if (Array.isArray(value)) return validateList(value, schema, path)
  return isObject(value) ? validateMembers(value, schema, path) : []
}

function validateMembers(object: Plain, schema: Structural, path: string): FieldError[] {
  const additional = additionalOf(schema)
  return Object.keys(object).flatMap((key) => {
    const property = propertyOf(schema, key)
    return [
      ...(additional === undefined ? [] : validateListTypes(object[key], additional, `${path}[${key}]`)),
      ...(property === undefined ? [] : validateListTypes(object[key], property, path === '' ? key : `${path}.${key}`)),
    ]
  })
}

function validateList(list: readonly unknown[], schema: Structural, path: string): FieldError[] {
  const items = itemsOf(schema)
  const below = items === undefined ? [] : list.flatMap((item, i) => validateListTypes(item, items, `${path}[${i}]`))
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return [...repeated(list).map((i) => duplicate(`${path}[${i}]`, sortedKeys(list[i]))), ...below]
    case 'map':
      return [...validateMapList(list, schema['x-kubernetes-list-map-keys'] ?? [], path), ...below]
    default:
      return below
  }
}

function validateMapList(list: readonly unknown[], keys: readonly string[], path: string): FieldError[] {
  const odd = list.findIndex((item) => item !== null && !isObject(item))
  if (odd >= 0) return [invalid(`${path}[${odd}]`, sortedKeys(list[odd]), 'must be an object for an array of list-type map')]
  const found = list.map((item) => {
    const present = isObject(item) ? keys.filter((key) => Object.hasOwn(item, key)) : []
    return Object.fromEntries(present.map((key) => [key, (item as Plain)[key]]))
  })
  return repeated(found).map((i) => duplicate(`${path}[${i}]`, sortedKeys(found[i])))
}

/** Where a value stands for the second time. */
function repeated(list: readonly unknown[]): number[] {
  const seen = new Map<string, number>()
  const found: number[] = []
  list.forEach((item, i) => {
    const key = isWrittenNumber(item) ? item.rawJSON : JSON.stringify(sortedKeys(item))
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    if (times === 2) found.push(i)
  })
  return found
}
