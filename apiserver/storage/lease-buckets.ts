/** Leases shared by keys that expire at about the same time, as upstream shares them: one lease for each key would burden etcd. */

/** So many keys end in one transaction when the lease does. */
const MAX_KEYS = 1000

interface Bucket {
  lease: Promise<bigint>
  until: number
  keys: number
}

export class LeaseBuckets {
  readonly #grant: (ttlSeconds: number) => Promise<bigint>
  readonly #now: () => number
  readonly #reuseSeconds: number
  readonly #buckets = new Map<number, Bucket>()

  /** `reuseSeconds`: how long a lease takes new keys; a key may live so much longer than asked. `now` in milliseconds. */
  constructor(grant: (ttlSeconds: number) => Promise<bigint>, options: { reuseSeconds: number; now: () => number }) {
    this.#grant = grant
    this.#now = options.now
    this.#reuseSeconds = options.reuseSeconds
  }

  /** A lease that ends between `ttlSeconds` and `ttlSeconds` + `reuseSeconds` from now. */
  leaseFor(ttlSeconds: number): Promise<bigint> {
    const known = this.#buckets.get(ttlSeconds)
    if (known !== undefined && known.until > this.#now() && known.keys < MAX_KEYS) {
      known.keys++
      return known.lease
    }
    const bucket: Bucket = { lease: this.#grant(ttlSeconds + this.#reuseSeconds), until: this.#now() + this.#reuseSeconds * 1000, keys: 1 }
    this.#buckets.set(ttlSeconds, bucket)
    bucket.lease.catch(() => this.#drop(ttlSeconds, bucket))
    return bucket.lease
  }

  /** Forgets all leases: one of them is gone from the store. */
  clear(): void {
    this.#buckets.clear()
  }

  #drop(ttlSeconds: number, bucket: Bucket): void {
    if (this.#buckets.get(ttlSeconds) === bucket) this.#buckets.delete(ttlSeconds)
  }
}
