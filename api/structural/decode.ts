/** Brings a parsed custom resource into its form: metadata read as built-in metadata, unknown fields pruned, nulls that may not be dropped. */
import { type Plain, setOwn } from '#api/own.ts'
import { applyStructuralDefaults, dropNulls } from './defaulting.ts'
import { pruneObject } from './prune.ts'
import { additionalOf, isEmbedded, itemsOf, memberOf, propertyOf, type Structural } from './schema.ts'
import { isObject, settleNumbers } from './values.ts'

/** Reads built-in metadata; throws where it does not fit. Unknown fields are named from the metadata on. */
export type ReadMetadata = (value: unknown) => { metadata: Plain; unknown: readonly string[] }

/** apiVersion, kind or metadata of a resource inside of another one has a wrong type. The message stands alone. */
export class EmbeddedMetaError extends Error {}

export interface Settled {
  object: Plain
  /** Paths of fields that went, in upstream's order: of metadata, of the object, of embedded metadata. */
  unknown: readonly string[]
}

/** In place, but for the object itself. Source: apiextensions-apiserver, unstructuredSchemaCoercer. */
export function settleCustom(value: Plain, schema: Structural, read: ReadMetadata): Settled {
  const object = settleNumbers(value) as Plain
  const { metadata, unknown } = read(Object.hasOwn(object, 'metadata') ? object['metadata'] : {})
  const pruned = pruneObject(object, schema)
  dropNulls(object, schema)
  const embedded: string[] = []
  if (holdsEmbedded(schema)) coerce(object, schema, { path: '', read, unknown: embedded })
  const { apiVersion, kind, metadata: _, ...rest } = object
  return {
    object: { apiVersion, kind, metadata, ...rest },
    unknown: [...unknown.map((path) => `metadata.${path}`), ...pruned, ...embedded.sort()],
  }
}

/** What another version of the definition stored, in place: pruned and defaulted by today's. Returns whether anything changed. */
export function settleStored(object: Plain, schema: Structural): boolean {
  const isPruned = pruneObject(object, schema).length > 0
  const isDropped = dropNulls(object, schema)
  return applyStructuralDefaults(object, schema) || isPruned || isDropped
}

/** Checks and settles the metadata of resources inside of a value, in place. Throws EmbeddedMetaError. */
export function coerceEmbedded(value: unknown, schema: Structural, read: ReadMetadata): void {
  coerce(value, schema, { path: '', read, unknown: [] })
}

const embedding = new WeakMap<Structural, boolean>()

export function holdsEmbedded(schema: Structural | undefined): boolean {
  if (schema === undefined) return false
  const known = embedding.get(schema)
  if (known !== undefined) return known
  const found =
    isEmbedded(schema) ||
    holdsEmbedded(itemsOf(schema)) ||
    holdsEmbedded(additionalOf(schema)) ||
    Object.values(schema.properties ?? {}).some(holdsEmbedded)
  embedding.set(schema, found)
  return found
}

interface Coercion {
  path: string
  read: ReadMetadata
  unknown: string[]
}

function coerce(value: unknown, schema: Structural, at: Coercion): void {
  if (!holdsEmbedded(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items !== undefined) value.forEach((item, i) => void coerce(item, items, { ...at, path: `${at.path}[${i}]` }))
    return
  }
  if (!isObject(value)) return
  if (isEmbedded(schema)) coerceMeta(value, at)
  for (const key of Object.keys(value)) {
    const member = memberOf(schema, key)
    if (member === undefined) continue
    const isNamed = propertyOf(schema, key) !== undefined
    coerce(value[key], member, { ...at, path: at.path === '' ? key : isNamed ? `${at.path}.${key}` : `${at.path}[${key}]` })
  }
}

function coerceMeta(object: Plain, { path, read, unknown }: Coercion): void {
  for (const key of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(object, key) || typeof object[key] === 'string') continue
    throw new EmbeddedMetaError(`${path}.${key}: Invalid value: ${JSON.stringify(object[key])}: must be a string`)
  }
  if (!Object.hasOwn(object, 'metadata')) return
  const given = object['metadata']
  try {
    const found = read(given)
    setOwn(object, 'metadata', found.metadata)
    unknown.push(...found.unknown.map((name) => `${path}.metadata.${name}`))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new EmbeddedMetaError(`${path}.metadata: Invalid value: ${JSON.stringify(given)}: ${error.message}`, { cause: error })
  }
}
