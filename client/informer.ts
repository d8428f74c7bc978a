/** A local copy of a collection, kept by a reflector: a store by key with named indexes, and change notices. */
import type { KubeObject } from '#api/resource.ts'
import { type ReflectorOptions, reflect } from './reflector.ts'
import { keyOf, type ResourceType } from './resource-path.ts'
import type { Client } from './rest.ts'
import { Store } from './store.ts'

export interface InformerOptions<T extends KubeObject> extends ReflectorOptions {
  /** Index name → the values under which an object is found. */
  indexes?: Readonly<Record<string, (object: T) => readonly string[]>>
  /** Trims objects before they are kept or told of, such as by dropping managedFields. */
  transform?: (object: T) => T
  /** Deep-freeze what is handed out; by default only under node:test. */
  freeze?: boolean
}
/** `now` is undefined for a deletion, `was` for an addition. */
export type ChangeHandler<T> = (now: T | undefined, was: T | undefined) => void

/** The reading half of an informer, which is all that deciders get. */
export interface Lister<T> {
  get(key: string): T | undefined
  list(): T[]
  byIndex(index: string, value: string): T[]
}

export class Informer<T extends KubeObject> implements Lister<T> {
  readonly type: ResourceType<T>
  readonly synced: Promise<void>
  readonly #client: Client
  readonly #options: InformerOptions<T>
  readonly #store: Store<T>
  readonly #handlers: ChangeHandler<T>[] = []
  readonly #passedHandlers: ((resourceVersion: string) => void)[] = []
  readonly #markSynced: () => void
  #isSynced = false
  #resourceVersion = ''

  constructor(client: Client, type: ResourceType<T>, options: InformerOptions<T> = {}) {
    this.type = type
    this.#client = client
    this.#options = options
    this.#store = new Store(options.indexes ?? {}, options.freeze ?? process.env['NODE_TEST_CONTEXT'] !== undefined)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.synced = promise
    this.#markSynced = resolve
  }

  /** Lists and watches until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    const target = {
      replace: (items: T[], resourceVersion: string): void => this.#replace(items, resourceVersion),
      apply: (event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }): void => this.#apply(event.type, event.object),
      passed: (resourceVersion: string): void => this.#pass(resourceVersion),
    }
    return reflect(this.#client, this.type, target, { ...this.#options, signal })
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** The newest version that this copy is known to have reached. */
  get resourceVersion(): string {
    return this.#resourceVersion
  }

  get(key: string): T | undefined {
    return this.#store.get(key)
  }

  list(): T[] {
    return this.#store.list()
  }

  byIndex(index: string, value: string): T[] {
    return this.#store.byIndex(index, value)
  }

  /** Called for every change after it is in the store, for what is there already at once. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler)
    for (const object of this.#store.list()) handler(object, undefined)
  }

  /** Called whenever `resourceVersion` moved, bookmarks included. */
  onPassed(handler: (resourceVersion: string) => void): void {
    this.#passedHandlers.push(handler)
  }

  #replace(items: T[], resourceVersion: string): void {
    const before = this.#store.snapshot()
    for (const item of items) {
      const key = keyOf(item)
      const was = before.get(key)
      before.delete(key)
      if (was?.metadata.resourceVersion !== undefined && was.metadata.resourceVersion === item.metadata.resourceVersion) continue
      // Deleted and made again while we did not look: two objects, two notices.
      if (was && was.metadata.uid !== item.metadata.uid) this.#drop(key, was)
      this.#put(key, item)
    }
    for (const [key, was] of before) this.#drop(key, was)
    this.#pass(resourceVersion)
    this.#isSynced = true
    this.#markSynced()
  }

  #apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const key = keyOf(object)
    if (type === 'DELETED') this.#drop(key, this.#trimmed(object))
    else this.#put(key, object)
    this.#pass(object.metadata.resourceVersion ?? '')
  }

  #put(key: string, object: T): void {
    const kept = this.#trimmed(object)
    const was = this.#store.set(key, kept)
    for (const handler of this.#handlers) handler(kept, was)
  }

  #trimmed(object: T): T {
    return this.#options.transform ? this.#options.transform(object) : object
  }

  /** `last` is the object as it was when it went, so that handlers see its final state. */
  #drop(key: string, last: T): void {
    const was = this.#store.delete(key)
    if (was) for (const handler of this.#handlers) handler(undefined, last)
  }

  #pass(resourceVersion: string): void {
    if (resourceVersion === '') return
    this.#resourceVersion = resourceVersion
    for (const handler of this.#passedHandlers) handler(resourceVersion)
  }
}
