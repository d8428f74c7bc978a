/** Old items of a list found by the keys of new ones (apiserver, pkg/cel/common/maplist.go). */
import type { Structural } from '#api/structural/schema.ts'

/** Finds nothing where the list is no list of type map. */
export class MapList {
  readonly #keys: readonly string[]
  readonly #items: readonly unknown[]
  #byKey: Map<string, unknown> | undefined

  constructor(schema: Structural, items: unknown) {
    const isMap = schema.type === 'array' && schema['x-kubernetes-list-type'] === 'map'
    this.#keys = isMap ? (schema['x-kubernetes-list-map-keys'] ?? []) : []
    this.#items = this.#keys.length > 0 && Array.isArray(items) ? items : []
  }

  /** The first item with the keys of `item`. */
  find(item: unknown): unknown {
    if (this.#items.length === 0) return undefined
    const key = this.#keyOf(item)
    return key === undefined ? undefined : this.#index().get(key)
  }

  #index(): Map<string, unknown> {
    if (this.#byKey) return this.#byKey
    this.#byKey = new Map()
    for (const item of this.#items) {
      const key = this.#keyOf(item)
      if (key !== undefined && !this.#byKey.has(key)) this.#byKey.set(key, item)
    }
    return this.#byKey
  }

  /** Undefined where a key is missing or no scalar. */
  #keyOf(item: unknown): string | undefined {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined
    const members = item as Readonly<Record<string, unknown>>
    const parts: string[] = []
    for (const name of this.#keys) {
      const value = Object.hasOwn(members, name) ? members[name] : undefined
      if (value === undefined || value === null || typeof value === 'object') return undefined
      parts.push(`${typeof value}:${String(value)}`)
    }
    return parts.join('\0')
  }
}
