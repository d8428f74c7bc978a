/** One informer a kind, shared by all controllers of a program; indexes are gathered before it starts. */
import type { KubeObject } from '#api/resource.ts'
import { Informer } from '#client/informer.ts'
import type { ResourceType } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import { type Indexes, typeKey, type Watch, type World, worldFrom } from './world.ts'

export interface InformerSetOptions {
  onError?: (type: ResourceType, error: unknown) => void
}

export class InformerSet {
  readonly #client: Client
  readonly #options: InformerSetOptions
  readonly #wanted = new Map<string, { type: ResourceType; indexes: Record<string, Indexes<KubeObject>[string]> }>()
  readonly #informers = new Map<string, Informer<KubeObject>>()
  readonly world: World

  constructor(client: Client, options: InformerSetOptions = {}) {
    this.#client = client
    this.#options = options
    this.world = worldFrom((key) => this.#informers.get(key))
  }

  /** Declares what will be looked at; must come before the first `informer` of that kind. */
  want(watches: readonly Watch[]): void {
    for (const { type, indexes } of watches) {
      const key = typeKey(type)
      if (this.#informers.has(key)) throw new Error(`the informer of ${key} runs already`)
      const known = this.#wanted.get(key) ?? { type, indexes: {} }
      Object.assign(known.indexes, indexes)
      this.#wanted.set(key, known)
    }
  }

  /** Makes the informers of all that is wanted. */
  build(): void {
    for (const [key, { type, indexes }] of this.#wanted) {
      if (this.#informers.has(key)) continue
      const { onError } = this.#options
      const informer = new Informer<KubeObject>(this.#client, type, {
        indexes,
        transform: withoutManagedFields,
        ...(onError ? { onError: (error) => onError(type, error) } : {}),
      })
      this.#informers.set(key, informer)
    }
  }

  informer(type: ResourceType): Informer<KubeObject> {
    const informer = this.#informers.get(typeKey(type))
    if (!informer) throw new Error(`${type.plural} is not watched`)
    return informer
  }

  /** The informer of a kind, if there is one. */
  find(type: ResourceType): Informer<KubeObject> | undefined {
    return this.#informers.get(typeKey(type))
  }

  /** Runs them until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.build()
    // Without a controller there is nothing to watch, and still nothing has ended.
    const idle = new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
    )
    await Promise.all([idle, ...[...this.#informers.values()].map((informer) => informer.run(signal))])
  }

  async synced(types: readonly ResourceType[]): Promise<void> {
    await Promise.all(types.map((type) => this.informer(type).synced))
  }
}

/** Half of a small object's bytes; an update without the field leaves the stored one alone. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
