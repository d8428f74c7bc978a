/** Defaults of structural schemas and what becomes of null; in place (source: apiextensions-apiserver, schema/defaulting). */
import { type Plain, setOwn } from '#api/own.ts'
import { additionalOf, itemsOf, memberOf, propertyOf, type Structural } from './schema.ts'
import { copyJson, isObject } from './values.ts'

const isForbiddenNull = (value: unknown, schema: Structural | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true

const hasDefault = (schema: Structural): boolean => schema.default !== undefined && schema.default !== null

/** Removes members that are null, may not be, and have no default. Nulls with a default are left to `applyStructuralDefaults`. */
export function dropNulls(value: unknown, schema: Structural | undefined): boolean {
  let isChanged = false
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    for (const item of value) isChanged = dropNulls(item, items) || isChanged
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const member = schema && memberOf(schema, key)
      if (member !== undefined && isForbiddenNull(value[key], member) && !hasDefault(member)) {
        delete value[key]
        isChanged = true
      } else isChanged = dropNulls(value[key], member) || isChanged
    }
  }
  return isChanged
}

/** Schemas without a default anywhere below are not walked; most are. */
const defaulted = new WeakMap<Structural, boolean>()

export function holdsDefaults(schema: Structural | undefined): boolean {
  if (schema === undefined) return false
  const known = defaulted.get(schema)
  if (known !== undefined) return known
  const found =
    hasDefault(schema) ||
    holdsDefaults(itemsOf(schema)) ||
    holdsDefaults(additionalOf(schema)) ||
    Object.values(schema.properties ?? {}).some(holdsDefaults)
  defaulted.set(schema, found)
  return found
}

/** Fills in defaults where a member is absent, or null though it may not be. Returns whether anything was filled in. */
export function applyStructuralDefaults(value: unknown, schema: Structural | undefined): boolean {
  if (schema === undefined || !holdsDefaults(schema)) return false
  if (Array.isArray(value)) return defaultList(value, itemsOf(schema))
  return isObject(value) && defaultObject(value, schema)
}

function defaultList(list: unknown[], items: Structural | undefined): boolean {
  let isChanged = false
  for (let i = 0; i < list.length; i++) {
    if (items !== undefined && isForbiddenNull(list[i], items) && hasDefault(items)) {
      list[i] = copyJson(items.default)
      isChanged = true
    }
    isChanged = applyStructuralDefaults(list[i], items) || isChanged
  }
  return isChanged
}

function defaultObject(object: Plain, schema: Structural): boolean {
  let isChanged = false
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (!hasDefault(property)) continue
    if (Object.hasOwn(object, key) && !isForbiddenNull(object[key], property)) continue
    setOwn(object, key, copyJson(property.default))
    isChanged = true
  }
  for (const key of Object.keys(object)) {
    const member = memberOf(schema, key)
    if (member === undefined) continue
    if (propertyOf(schema, key) === undefined && isForbiddenNull(object[key], member) && hasDefault(member)) {
      setOwn(object, key, copyJson(member.default))
      isChanged = true
    }
    isChanged = applyStructuralDefaults(object[key], member) || isChanged
  }
  return isChanged
}
