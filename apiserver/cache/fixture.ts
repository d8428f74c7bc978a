/** For tests: a cache that follows a store in memory, small objects to put there, and a sink that records. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject, Resource } from '#api/resource.ts'
import { keyOf, refOf } from '#apiserver/storage/keys.ts'
import { MemoryStorage } from '#apiserver/storage/memory.ts'
import type { Storage } from '#apiserver/storage/storage.ts'
import { Cache, type CacheOptions } from './cache.ts'
import { storedBytesOf } from './entry.ts'
import { follow } from './follow.ts'
import { Store } from './store.ts'
import type { WatchSink } from './watch-session.ts'

export const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined }
export const sleepFor = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal })

export interface Fixture<S extends Storage = MemoryStorage> extends AsyncDisposable {
  storage: S
  cache: Cache
  store: Store
}

export async function cacheOn<S extends Storage>(storage: S, options: Omit<CacheOptions, 'storage' | 'log'>): Promise<Fixture<S>> {
  const cache = new Cache({ ...options, storage, log: silentLog })
  const abort = new AbortController()
  const running = follow({ cache, storage, log: silentLog, sleep: sleepFor, now: Date.now, random: Math.random }, abort.signal)
  await eventually('the first listing', () => cache.isReady)
  return {
    storage,
    cache,
    store: new Store(storage, cache),
    async [Symbol.asyncDispose]() {
      abort.abort()
      cache.endWatches()
      await running
      await storage.close()
    },
  }
}

export const memoryCache = (options: Omit<CacheOptions, 'storage' | 'log'>): Promise<Fixture> => cacheOn(new MemoryStorage(), options)

/** Polls until it holds; throws after a minute unless said. */
export async function eventually(what: string, holds: () => boolean, deadlineMs = 60_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await sleep(2)
  }
}

let uids = 0

/** An object with a uid of its own. */
export function made(
  resource: Resource,
  name: string,
  more: { namespace?: string; labels?: Record<string, string>; spec?: object; uid?: string } = {},
): KubeObject {
  const { namespace, labels, spec = {}, uid = `uid-${++uids}` } = more
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), uid, ...(labels === undefined ? {} : { labels }) }
  return { kind: resource.kind, apiVersion: '', metadata, spec, status: {} } as KubeObject
}

/** Writes past the write path; returns the revision. */
export async function put(storage: Storage, resource: Resource, object: KubeObject): Promise<number> {
  const op = { verb: 'put', key: keyOf(resource, refOf(object)), value: storedBytesOf(resource, object), expect: 'any' } as const
  return (await storage.commit([op])).revision
}

export async function remove(storage: Storage, resource: Resource, object: KubeObject): Promise<number> {
  return (await storage.commit([{ verb: 'delete', key: keyOf(resource, refOf(object)), expect: 'any' }])).revision
}

export interface RecordedEvent {
  type: string
  object: KubeObject & Record<string, unknown>
}

/** Records what is written; `isStuck` makes it take nothing more, as a client that does not read. */
export class RecordingSink implements WatchSink {
  text = ''
  writes = 0
  isEnded = false
  isStuck = false
  #pending = 0
  #drain: (() => void)[] = []
  #close: (() => void)[] = []

  write(chunk: Buffer): boolean {
    this.writes++
    this.text += chunk.toString()
    if (!this.isStuck) return true
    this.#pending += chunk.length
    return false
  }

  pendingBytes(): number {
    return this.#pending
  }

  onDrain(listener: () => void): void {
    this.#drain.push(listener)
  }

  onClose(listener: () => void): void {
    this.#close.push(listener)
  }

  end(): void {
    this.isEnded = true
    this.close()
  }

  /** The client reads again. */
  drain(): void {
    this.isStuck = false
    this.#pending = 0
    for (const listener of this.#drain) listener()
  }

  close(): void {
    for (const listener of this.#close) listener()
  }

  get events(): RecordedEvent[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordedEvent)
  }

  /** `ADDED a@3`, one for each event. */
  get lines(): string[] {
    return this.events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}@${object.metadata.resourceVersion ?? ''}`)
  }
}
