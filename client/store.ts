/** Objects by key with named indexes; what is handed out must not be changed (and cannot be, where freezing is on). */

type IndexFunctions<T> = Readonly<Record<string, (object: T) => readonly string[]>>

export class Store<T extends object> {
  readonly #objects = new Map<string, T>()
  readonly #functions: IndexFunctions<T>
  /** index → value → keys */
  readonly #indexes = new Map<string, Map<string, Set<string>>>()
  readonly #freeze: boolean

  constructor(indexes: IndexFunctions<T> = {}, freeze = false) {
    this.#functions = indexes
    this.#freeze = freeze
    for (const name of Object.keys(indexes)) this.#indexes.set(name, new Map())
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  snapshot(): Map<string, T> {
    return new Map(this.#objects)
  }

  /** In order of keys' arrival in the index. An index that was not declared is a programming error. */
  byIndex(index: string, value: string): T[] {
    const values = this.#indexes.get(index)
    if (!values) throw new Error(`no index named ${index}`)
    const found: T[] = []
    for (const key of values.get(value) ?? []) {
      const object = this.#objects.get(key)
      if (object) found.push(object)
    }
    return found
  }

  /** Returns what was there. */
  set(key: string, object: T): T | undefined {
    const was = this.#objects.get(key)
    if (this.#freeze) deepFreeze(object)
    if (was) this.#unindex(key, was)
    this.#objects.set(key, object)
    for (const [name, values] of this.#indexes) {
      for (const value of this.#functions[name]?.(object) ?? []) {
        const keys = values.get(value)
        if (keys) keys.add(key)
        else values.set(value, new Set([key]))
      }
    }
    return was
  }

  delete(key: string): T | undefined {
    const was = this.#objects.get(key)
    if (!was) return undefined
    this.#unindex(key, was)
    this.#objects.delete(key)
    return was
  }

  #unindex(key: string, object: T): void {
    for (const [name, values] of this.#indexes) {
      for (const value of this.#functions[name]?.(object) ?? []) {
        const keys = values.get(value)
        keys?.delete(key)
        if (keys?.size === 0) values.delete(value)
      }
    }
  }
}

export function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
