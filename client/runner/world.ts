/** What deciders see: listers by kind. The runner builds it from informers, tests from plain objects. */
import type { KubeObject } from '#api/resource.ts'
import type { Lister } from '#client/informer.ts'
import { keyOf, type ResourceType } from '#client/resource-path.ts'
import { Store } from '#client/store.ts'

export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>

export interface World {
  /** Throws where the controller does not watch the kind. */
  of<T extends KubeObject>(type: ResourceType<T>): Lister<T>
  /** What the last plan for this key failed at, until a plan succeeds: controllers tell it in conditions. */
  failed?: Failure | undefined
}
export interface Failure {
  verb: string
  kind: string
  /** ApiError's reason, '' where the server was not reached. */
  reason: string
  message: string
}

/** A kind that a controller looks at, and the keys that a change of one of its objects concerns. */
export interface Watch {
  type: ResourceType
  indexes: Indexes<KubeObject>
  keys(object: KubeObject, world: World): Iterable<string>
  /** Leaves out updates that do not matter. */
  concerns(now: KubeObject, was: KubeObject): boolean
}

export interface WatchSpec<T> {
  /** Index functions are shared between controllers by their name: the same name must mean the same. */
  indexes?: Indexes<T>
  /** Keys to look at after a change; called with the object as it is and, for updates and deletions, as it was. None by default. */
  keys?(object: T, world: World): Iterable<string>
  concerns?(now: T, was: T): boolean
}

/** The one cast that lets watches of different kinds stand in one list. */
export function watch<T extends KubeObject>(type: ResourceType<T>, spec: WatchSpec<T> = {}): Watch {
  const { indexes = {}, keys = () => [], concerns = () => true } = spec
  return { type, indexes, keys, concerns } as unknown as Watch
}

export function typeKey(type: Pick<ResourceType, 'group' | 'version' | 'plural'>): string {
  return `${type.group}/${type.version}/${type.plural}`
}

/** A world of plain objects, for tests of deciders: each list with its type, indexes as declared by the watches. */
export function worldOf(watches: readonly Watch[], objects: readonly KubeObject[]): World {
  const stores = new Map<string, Store<KubeObject>>()
  for (const { type } of watches) {
    const indexes = Object.assign(
      {},
      ...watches.filter((w) => typeKey(w.type) === typeKey(type)).map((w) => w.indexes),
    ) as Indexes<KubeObject>
    const store = new Store<KubeObject>(indexes, true)
    const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`
    for (const object of objects) if (object.kind === type.kind && object.apiVersion === apiVersion) store.set(keyOf(object), object)
    stores.set(typeKey(type), store)
  }
  return worldFrom((key) => stores.get(key))
}

export function worldFrom(listerOf: (typeKey: string) => Lister<KubeObject> | undefined): World {
  return {
    of: <T extends KubeObject>(type: ResourceType<T>): Lister<T> => {
      const lister = listerOf(typeKey(type))
      if (!lister) throw new Error(`${type.plural} is not watched`)
      return lister as unknown as Lister<T>
    },
  }
}
