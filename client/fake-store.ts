/** The objects behind the fake API: one revision over all kinds, a history that watches resume from, deletion with finalizers and grace. */
import { clone } from '#api/clone.ts'
import { matches, parseSelector } from '#api/meta/label-selector.ts'
import { ApiError, alreadyExists, conflict, gone, notFoundError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import type { WatchEvent } from './watch-frames.ts'

export type FakeObject = KubeObject & { spec?: Record<string, unknown>; status?: unknown }
export interface Collection {
  group: string
  version: string
  plural: string
  kind: string
  namespace?: string | undefined
}
export interface Selection {
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}
interface HistoryEntry {
  revision: number
  collection: string
  event: WatchEvent<FakeObject>
  before: FakeObject | undefined
}

export class FakeStore {
  readonly #objects = new Map<string, FakeObject>()
  readonly #history: HistoryEntry[] = []
  readonly #listeners = new Set<() => void>()
  readonly #now: () => Date
  #revision = 1
  /** Watches from before this version are told 410. */
  #compacted = 0
  #names = 0

  constructor(now: () => Date) {
    this.#now = now
  }

  get revision(): number {
    return this.#revision
  }

  /** Forgets the history, as a server does after a while. */
  compact(): void {
    this.#history.length = 0
    this.#compacted = this.#revision
  }

  get(at: Collection, name: string): FakeObject {
    const found = this.#objects.get(keyIn(at, at.namespace, name))
    if (!found) throw notFoundError(at, name)
    return clone(found)
  }

  list(at: Collection, selection: Selection): FakeObject[] {
    const prefix = `${collectionKey(at)}/`
    const found = [...this.#objects].filter(([key, object]) => key.startsWith(prefix) && isSelected(object, selection))
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => clone(object))
  }

  create(at: Collection, object: FakeObject): FakeObject {
    const { generateName } = object.metadata
    const name = object.metadata.name || (generateName ? `${generateName}${String(++this.#names).padStart(5, 'x')}` : '')
    if (name === '')
      throw new ApiError(422, 'Invalid', `${at.kind} "" is invalid: metadata.name: Required value: name or generateName is required`)
    if (this.#objects.has(keyIn(at, at.namespace, name))) throw alreadyExists(at, name)
    const made = clone(object)
    made.metadata = {
      ...made.metadata,
      name,
      ...(at.namespace ? { namespace: at.namespace } : {}),
      uid: `uid-${this.#revision + 1}`,
      creationTimestamp: `${this.#now().toISOString().slice(0, 19)}Z`,
      generation: 1,
    }
    return this.#write(at, made, 'ADDED')
  }

  /** The whole object, or of `status` only that; a version in it must be the current one. */
  update(at: Collection, object: FakeObject, subresource?: string): FakeObject {
    const name = object.metadata.name ?? ''
    const was = this.get(at, name)
    const { uid, resourceVersion } = object.metadata
    if (uid && uid !== was.metadata.uid)
      throw conflict(at, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${was.metadata.uid}`)
    if (resourceVersion && resourceVersion !== was.metadata.resourceVersion) {
      throw conflict(at, name, 'the object has been modified; please apply your changes to the latest version and try again')
    }
    const next = subresource === 'status' ? withStatus(was, object) : withoutStatus(was, object)
    const { name: _, ...kept } = was.metadata
    next.metadata = {
      ...next.metadata,
      name,
      uid: kept.uid ?? '',
      creationTimestamp: kept.creationTimestamp ?? '',
      generation: kept.generation ?? 1,
    }
    if (kept.deletionTimestamp) next.metadata.deletionTimestamp = kept.deletionTimestamp
    if (JSON.stringify(next.spec) !== JSON.stringify(was.spec)) next.metadata.generation = (kept.generation ?? 1) + 1
    if (JSON.stringify(withoutVersion(next)) === JSON.stringify(withoutVersion(was))) return was
    if (next.metadata.deletionTimestamp && !next.metadata.finalizers?.length && !isHeld(next)) return this.#remove(at, next)
    return this.#write(at, next, 'MODIFIED')
  }

  delete(
    at: Collection,
    name: string,
    options: { preconditions?: { uid?: string; resourceVersion?: string }; gracePeriodSeconds?: number; propagationPolicy?: string },
  ): FakeObject {
    const was = this.get(at, name)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if (uid && uid !== was.metadata.uid)
      throw conflict(at, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${was.metadata.uid}`)
    if (resourceVersion && resourceVersion !== was.metadata.resourceVersion) throw conflict(at, name, 'the object has been modified')
    const finalizers = [...(was.metadata.finalizers ?? [])]
    if (options.propagationPolicy === 'Foreground') finalizers.push('foregroundDeletion')
    if (options.propagationPolicy === 'Orphan') finalizers.push('orphan')
    if (finalizers.length === 0 && ((options.gracePeriodSeconds === 0 && was.kind === 'Pod') || !isHeld(was))) return this.#remove(at, was)
    if (was.metadata.deletionTimestamp) return was
    was.metadata.deletionTimestamp = `${this.#now().toISOString().slice(0, 19)}Z`
    if (finalizers.length > 0) was.metadata.finalizers = [...new Set(finalizers)]
    return this.#write(at, was, 'MODIFIED')
  }

  /** Events after `from`, then those to come, until `signal` aborts. */
  async *watch(at: Collection, selection: Selection, from: number, signal: AbortSignal): AsyncIterable<WatchEvent<FakeObject>> {
    if (from < this.#compacted) throw gone(`too old resource version: ${from} (${this.#compacted})`)
    let last = from
    while (!signal.aborted) {
      for (const entry of this.#history.filter((e) => e.revision > last && e.collection === collectionKey(at))) {
        last = entry.revision
        const event = selectedEvent(entry, selection)
        if (event) yield event
      }
      if (this.#history.some((e) => e.revision > last && e.collection === collectionKey(at))) continue
      await this.#changed(signal)
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#listeners.add(done)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }

  #write(at: Collection, object: FakeObject, type: 'ADDED' | 'MODIFIED'): FakeObject {
    const key = keyIn(at, object.metadata.namespace, object.metadata.name ?? '')
    const before = this.#objects.get(key)
    object.metadata.resourceVersion = String(++this.#revision)
    this.#objects.set(key, object)
    this.#tell(at, { type, object: clone(object) }, before)
    return clone(object)
  }

  #remove(at: Collection, object: FakeObject): FakeObject {
    const key = keyIn(at, object.metadata.namespace, object.metadata.name ?? '')
    const before = this.#objects.get(key)
    this.#objects.delete(key)
    object.metadata.resourceVersion = String(++this.#revision)
    this.#tell(at, { type: 'DELETED', object: clone(object) }, before)
    return object
  }

  #tell(at: Collection, event: WatchEvent<FakeObject>, before: FakeObject | undefined): void {
    this.#history.push({ revision: this.#revision, collection: collectionKey(at), event, before })
    for (const listener of [...this.#listeners]) listener()
  }
}

const collectionKey = ({ group, plural }: Collection): string => `${group}/${plural}`
const keyIn = (at: Collection, namespace: string | undefined, name: string): string => `${collectionKey(at)}/${namespace ?? ''}/${name}`

/** Pods on a node end when their kubelet says so, namespaces when they are finalized. */
function isHeld(object: FakeObject): boolean {
  if (object.kind === 'Pod') return Boolean(object.spec?.['nodeName'])
  const finalizers = object.spec?.['finalizers']
  return object.kind === 'Namespace' && Array.isArray(finalizers) && finalizers.length > 0
}

function withStatus(was: FakeObject, next: FakeObject): FakeObject {
  const annotations = next.metadata.annotations
  return { ...was, metadata: { ...was.metadata, ...(annotations ? { annotations } : {}) }, status: clone(next.status) }
}

function withoutStatus(was: FakeObject, next: FakeObject): FakeObject {
  const kept = clone(next)
  if (was.status !== undefined) kept.status = was.status
  return kept
}

function withoutVersion(object: FakeObject): unknown {
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function isSelected(object: FakeObject, { namespace, labelSelector, fieldSelector }: Selection): boolean {
  if (namespace && object.metadata.namespace !== namespace) return false
  if (labelSelector && !matches(parseSelector(labelSelector), object.metadata.labels)) return false
  return (fieldSelector ?? '').split(',').every((term) => {
    const [, path = '', operator, wanted = ''] = /^([\w.]+)(!=|==|=)(.*)$/.exec(term) ?? []
    if (path === '') return true
    const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object) ?? ''
    return (value === wanted) === (operator !== '!=')
  })
}

/** An object that enters or leaves the selection is added or deleted to the watcher. */
function selectedEvent({ event, before }: HistoryEntry, selection: Selection): WatchEvent<FakeObject> | undefined {
  const was = before !== undefined && isSelected(before, selection)
  const is = event.type !== 'DELETED' && isSelected(event.object, selection)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: event.object }
  return was ? { type: 'DELETED', object: event.object } : undefined
}
