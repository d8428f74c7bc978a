/** Drops what no schema names, as Go's decoder does for built-in kinds; in place (source: apiextensions-apiserver, schema/pruning). */
import type { Plain } from '#api/own.ts'
import { additionalOf, isEmbedded, itemsOf, META_FIELDS, preservesUnknown, propertyOf, type Structural } from './schema.ts'
import { isObject } from './values.ts'

/** The path of a member: `spec.a`, or `a` at the top. */
const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

class Pruner {
  readonly unknown: string[] = []
  isChanged = false

  value(value: unknown, schema: Structural | undefined, path: string): void {
    if (schema !== undefined && preservesUnknown(schema)) this.kept(value, schema, path)
    else if (Array.isArray(value)) {
      const items = schema && itemsOf(schema)
      for (let i = 0; i < value.length; i++) this.value(value[i], items, `${path}[${i}]`)
    } else if (isObject(value)) this.object(value, schema, path, schema !== undefined && isEmbedded(schema))
  }

  object(object: Plain, schema: Structural | undefined, path: string, keepsMeta: boolean): void {
    for (const key of Object.keys(object)) {
      if (keepsMeta && META_FIELDS.has(key)) continue
      const property = schema && propertyOf(schema, key)
      if (property !== undefined) this.value(object[key], property, below(path, key))
      else if (schema?.additionalProperties !== undefined) this.value(object[key], additionalOf(schema), below(path, key))
      else {
        this.unknown.push(below(path, key))
        this.isChanged = true
        delete object[key]
      }
    }
  }

  /** Below a schema that keeps unknown fields, only what it names is looked at. */
  kept(value: unknown, schema: Structural, path: string, isRoot = false): void {
    if (Array.isArray(value)) {
      const items = itemsOf(schema)
      if (items !== undefined) for (let i = 0; i < value.length; i++) this.kept(value[i], items, `${path}[${i}]`)
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        if ((isRoot || isEmbedded(schema)) && META_FIELDS.has(key)) continue
        const property = propertyOf(schema, key)
        if (property !== undefined) this.value(value[key], property, below(path, key))
        else if (schema.additionalProperties !== undefined) this.value(value[key], additionalOf(schema), below(path, key))
      }
    }
  }
}

/** Prunes a whole object; apiVersion, kind and metadata are left alone. Returns the paths that went, sorted. */
export function pruneObject(object: Plain, schema: Structural): readonly string[] {
  const pruner = new Pruner()
  if (preservesUnknown(schema)) pruner.kept(object, schema, '', true)
  else pruner.object(object, schema, '', true)
  return pruner.unknown.sort()
}

/** Prunes a part of an object (a default). Returns whether anything went. */
export function pruneValue(value: unknown, schema: Structural): boolean {
  const pruner = new Pruner()
  pruner.value(value, schema, '')
  return pruner.isChanged
}
