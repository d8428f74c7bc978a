/** What the write path knows of the store: objects in, objects out, compare-and-swap in between. */
import { canonical } from '#api/canonical.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { structuralOf, treeOf } from '#api/tree.ts'
import { keyOf, type Ref, refOf, storedResource } from '#apiserver/storage/keys.ts'
import type { CommitOp, Storage, Stored } from '#apiserver/storage/storage.ts'
import type { Cache } from './cache.ts'
import { type Entry, entryFrom, exactObjectOf, objectOf, type Shape, shapeOf, storedBytesOf, withVersion } from './entry.ts'
import { apiErrorOf } from './errors.ts'
import { entryOfWrite, type OwnWrite } from './own-writes.ts'

/** An object as it stands in the store. */
export interface Current<T extends KubeObject = KubeObject> {
  /** Parsed anew for every caller, who may change it. Carries its resourceVersion. */
  object: T
  revision: number
  /** The object as JSON with its resourceVersion and a newline, ready to be sent. */
  bytes: Buffer
}

/**
 * `consistent` is at least as new as every write that was acknowledged before the question; `cached` may be behind by some milliseconds and
 * is the cheap first try of a compare-and-swap loop.
 */
export type Freshness = 'consistent' | 'cached'

export type Write =
  /** Fails if the key exists. The time to live is the resource's own `ttlSeconds` unless given. */
  | { verb: 'create'; resource: Resource; object: KubeObject; ttlSeconds?: number }
  /** Fails unless the stored object is at `revision` (the one `current` gave; not what a client claims). */
  | { verb: 'update'; resource: Resource; object: KubeObject; revision: number; ttlSeconds?: number }
  /** `object` is the last state, as the answer is to show it. */
  | { verb: 'delete'; resource: Resource; object: KubeObject; revision: number }
  /** Writes nothing: the commit only happens while this object is at `revision`, or absent. */
  | { verb: 'check'; resource: Resource; ref: Ref; revision: number | 'absent' }

export type Outcome =
  /** One for each write: the object as it now stands; for a delete the last state with the revision of the deletion, for a check undefined. */
  | { committed: true; revision: number; saved: readonly (Saved | undefined)[] }
  /** What stands at each write's key now, in the order of the writes. */
  | { committed: false; current: readonly (Current | undefined)[] }

export interface Saved {
  revision: number
  bytes: Buffer
}

export class Store {
  readonly #storage: Storage
  readonly #cache: Cache
  readonly #parsed = new WeakMap<Entry, KubeObject>()

  constructor(storage: Storage, cache: Cache) {
    this.#storage = storage
    this.#cache = cache
  }

  /** One object, undefined where there is none. Throws 503/504 while the store cannot answer. */
  async current<T extends KubeObject>(resource: Resource<T>, ref: Ref, freshness: Freshness): Promise<Current<T> | undefined> {
    const stored = storedResource(resource as Resource)
    const key = keyOf(stored, ref)
    await this.#wait(freshness)
    const entry = this.#cache.of(stored).get(key)
    return entry === undefined ? undefined : await currentOf(resource, entry)
  }

  /** All objects of a resource (of one namespace, if given), in key order. */
  async list<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, freshness: Freshness): Promise<Current<T>[]> {
    await this.#wait(freshness)
    const entries = this.#cache.of(storedResource(resource as Resource)).range(namespace)
    return await currentsOf(resource, entries)
  }

  /** All objects as far as the cache knows, parsed once per revision and shared: nobody may change them. */
  shared<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined): readonly T[] {
    this.#cache.assertReady()
    return this.#cache
      .of(storedResource(resource as Resource))
      .range(namespace)
      .map((entry) => this.#sharedOf(resource, entry))
  }

  /** One object, parsed once per revision and shared: nobody may change it. */
  async sharedOne<T extends KubeObject>(resource: Resource<T>, ref: Ref, freshness: Freshness): Promise<T | undefined> {
    const stored = storedResource(resource as Resource)
    const key = keyOf(stored, ref)
    await this.#wait(freshness)
    const entry = this.#cache.of(stored).get(key)
    return entry && this.#sharedOf(resource, entry)
  }

  /** The same as far as the cache knows, at once. Throws 429 while it is not filled. */
  cachedOne<T extends KubeObject>(resource: Resource<T>, ref: Ref): T | undefined {
    this.#cache.assertReady()
    const stored = storedResource(resource as Resource)
    const entry = this.#cache.of(stored).get(keyOf(stored, ref))
    return entry && this.#sharedOf(resource, entry)
  }

  #sharedOf<T extends KubeObject>(resource: Resource<T>, entry: Entry): T {
    const known = this.#parsed.get(entry) ?? resource.storedAs?.fromStored(objectOf(entry)) ?? objectOf(entry)
    this.#parsed.set(entry, known)
    return known as T
  }

  /** Whether the namespace holds any object of the resource, as far as the cache knows. */
  holds(resource: Resource, namespace: string): boolean {
    return this.#cache.of(storedResource(resource)).range(namespace).length > 0
  }

  /**
   * Atomic over all writes. Throws 413 for an object that is too large, 503 if the store cannot be reached (nothing was written), 504 if it
   * is unknown whether the write happened.
   */
  async commit(writes: readonly Write[]): Promise<Outcome> {
    const ops: CommitOp[] = []
    for (const write of writes) ops.push(await opOf(write))
    const own = writes.map((write, i) => this.#begin(write, ops[i]))
    const forget = (): void => {
      for (const [i, { key }] of ops.entries()) if (own[i] !== undefined) this.#cache.ownWrites.forget(key, own[i])
    }
    const result = await this.#storage.commit(ops).catch((error: unknown) => {
      forget()
      throw apiErrorOf(error)
    })
    const { revision } = result
    if (result.committed) return { committed: true, revision, saved: writes.map((write, i) => savedOf(write, ops[i], own[i], revision)) }
    forget()
    return { committed: false, current: await Promise.all(writes.map((write, i) => foundOf(write.resource, result.current[i]))) }
  }

  /** A write whose object will stand in the cache just as it is. */
  #begin({ verb, resource, ...rest }: Write, op: CommitOp | undefined): OwnWrite | undefined {
    if (verb === 'check' || op?.verb !== 'put' || !('object' in rest)) return undefined
    if (resource.storedAs !== undefined || structuralOf(resource.schema) !== undefined) return undefined
    return this.#cache.ownWrites.begin(op.key, { resource, value: op.value, object: rest.object })
  }

  async #wait(freshness: Freshness): Promise<void> {
    if (freshness === 'consistent') await this.#cache.fresh()
    else this.#cache.assertReady()
  }
}

const shapes = new WeakMap<Resource, Shape>()

function shapeFor(resource: Resource): Shape {
  const known = shapes.get(resource)
  if (known !== undefined) return known
  const shape = shapeOf(resource)
  shapes.set(resource, shape)
  return shape
}

async function putBytes(resource: Resource, object: KubeObject): Promise<Buffer> {
  const face = resource.storedAs
  if (face === undefined) return storedBytesOf(resource, object)
  const [converted = object] = face.convert ? await face.convert([object], 'stored') : [face.toStored(object)]
  // converters need not leave out what is empty
  return storedBytesOf(face.resource, canonical(converted, face.resource.schema))
}

async function opOf(write: Write): Promise<CommitOp> {
  const stored = storedResource(write.resource)
  if (write.verb === 'check') {
    const expect = write.revision === 'absent' ? 'absent' : { revision: write.revision }
    return { verb: 'check', key: keyOf(stored, write.ref), expect }
  }
  const key = keyOf(stored, refOf(write.object))
  if (write.verb === 'delete') return { verb: 'delete', key, expect: { revision: write.revision } }
  const ttlSeconds = write.ttlSeconds ?? stored.ttlSeconds
  const value = await putBytes(write.resource, write.object)
  const expect = write.verb === 'create' ? 'absent' : { revision: write.revision }
  return { verb: 'put', key, value, expect, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) }
}

function savedOf(write: Write, op: CommitOp | undefined, own: OwnWrite | undefined, revision: number): Saved | undefined {
  if (write.verb === 'check') return undefined
  if (own !== undefined && op !== undefined)
    return { revision, bytes: entryOfWrite(own, shapeFor(write.resource), { key: op.key, revision }).bytes }
  const isSameFace = write.resource.storedAs === undefined
  const value = isSameFace && op?.verb === 'put' ? op.value : storedBytesOf(write.resource, write.object)
  return { revision, bytes: withVersion(value, shapeFor(write.resource).head.length, revision).bytes }
}

async function foundOf(resource: Resource, item: Stored | undefined): Promise<Current | undefined> {
  return item === undefined ? undefined : await currentOf(resource, entryFrom(shapeFor(storedResource(resource)), item))
}

async function currentOf<T extends KubeObject>(resource: Resource<T>, entry: Entry): Promise<Current<T>> {
  const [current] = await currentsOf(resource, [entry])
  if (current === undefined) throw new Error(`${entry.key} was lost in its conversion`)
  return current
}

async function currentsOf<T extends KubeObject>(resource: Resource<T>, entries: readonly Entry[]): Promise<Current<T>[]> {
  const face = resource.storedAs
  const read = treeOf(resource.schema).structural === undefined ? objectOf : exactObjectOf
  if (face === undefined) return entries.map((entry) => ({ object: read(entry) as T, revision: entry.revision, bytes: entry.bytes }))
  const stored = entries.map(read)
  const objects = (face.convert ? await face.convert(stored, 'face') : stored.map((object) => face.fromStored(object))) as T[]
  return entries.map(({ revision }, i) => {
    const object = objects[i] as T
    return { object, revision, bytes: Buffer.from(`${JSON.stringify(object)}\n`) }
  })
}
