/**
 * A Map for entries that come and go, with every request say. V8's own goes over to another table when many were deleted, and the table it leaves, with
 * what was in it then, points to the next one. Once a table has got to the old generation so do all that follow it: what they hold is copied at
 * each collection of the young one instead of being forgotten, until the whole heap is collected. This one begins anew now and then, with a table
 * that no other points to.
 */
export class RenewedMap<K, V> {
  #map = new Map<K, V>()
  #deleted = 0

  get size(): number {
    return this.#map.size
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  has(key: K): boolean {
    return this.#map.has(key)
  }

  set(key: K, value: V): void {
    this.#map.set(key, value)
  }

  delete(key: K): void {
    if (!this.#map.delete(key) || ++this.#deleted < Math.max(fewest, this.#map.size)) return
    this.#map = new Map(this.#map)
    this.#deleted = 0
  }

  clear(): void {
    this.#map = new Map()
    this.#deleted = 0
  }

  /** In the order in which they came. */
  keys(): MapIterator<K> {
    return this.#map.keys()
  }

  /** In the same order, without what is deleted meanwhile. */
  *values(): Generator<V> {
    for (const [key, value] of this.#map) if (this.#map.get(key) === value) yield value
  }
}

/** Deletions before it begins anew. */
const fewest = 32
