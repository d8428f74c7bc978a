/** Which old value stands where a new one stands: members by name, items of associative lists by key (source: apiserver, cel/common). */
import { sameJson } from '#api/own.ts'
import { itemsOf, memberOf, type Structural } from './schema.ts'
import { isObject } from './values.ts'

export class Correlated {
  readonly value: unknown
  readonly old: unknown
  readonly #schema: Structural
  readonly #children = new Map<string | number, Correlated>()
  #byKey: Map<string, unknown> | undefined
  #isSame: boolean | undefined

  constructor(value: unknown, old: unknown, schema: Structural) {
    this.value = value
    this.old = old
    this.#schema = schema
  }

  /** A member that stands in both objects and has a schema. */
  key(name: string): Correlated | undefined {
    const known = this.#children.get(name)
    if (known !== undefined) return known
    if (!isObject(this.value) || !isObject(this.old) || !Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined
    const schema = memberOf(this.#schema, name)
    if (schema === undefined) return undefined
    return this.#keep(name, new Correlated(this.value[name], this.old[name], schema))
  }

  /** An item of a list of type map whose keys some old item has. */
  index(at: number): Correlated | undefined {
    const known = this.#children.get(at)
    if (known !== undefined) return known
    const items = itemsOf(this.#schema)
    if (!Array.isArray(this.value) || !Array.isArray(this.old) || items === undefined) return undefined
    if (this.#schema['x-kubernetes-list-type'] !== 'map') return undefined
    this.#byKey ??= new Map(this.old.map((item) => [this.#keyOf(item), item] as const).reverse())
    const key = this.#keyOf(this.value[at])
    const old = key === '' ? undefined : this.#byKey.get(key)
    return old === undefined ? undefined : this.#keep(at, new Correlated(this.value[at], old, items))
  }

  #keep(at: string | number, child: Correlated): Correlated {
    this.#children.set(at, child)
    return child
  }

  #keyOf(item: unknown): string {
    if (!isObject(item)) return ''
    return JSON.stringify((this.#schema['x-kubernetes-list-map-keys'] ?? []).map((name) => (Object.hasOwn(item, name) ? item[name] : null)))
  }

  /** Whether the value did not change, as far as the schema can tell: a member that it does not know counts as changed. */
  get isSame(): boolean {
    this.#isSame ??= this.#compare()
    return this.#isSame
  }

  #compare(): boolean {
    const { value, old } = this
    if (Array.isArray(value) && Array.isArray(old)) {
      if (this.#schema['x-kubernetes-list-type'] !== 'map') return sameJson(value, old)
      return value.length === old.length && value.every((_, at) => this.index(at)?.isSame === true)
    }
    if (!isObject(value) || !isObject(old)) return sameJson(value, old)
    const names = Object.keys(value)
    return names.length === Object.keys(old).length && names.every((name) => this.key(name)?.isSame === true)
  }
}
