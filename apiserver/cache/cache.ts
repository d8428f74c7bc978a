/** The watch cache: one watch over the whole registry feeds the caches of all resources, which so share one revision. */
import { ApiError, gone } from '#api/meta/status.ts'
import { groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'
import { REGISTRY, storedResource } from '#apiserver/storage/keys.ts'
import { type Storage, type StorageEvent, StorageUnavailable, type Stored } from '#apiserver/storage/storage.ts'
import { type Entry, entryFrom, shapeOf, Undecodable } from './entry.ts'
import { apiErrorOf } from './errors.ts'
import { SharedQuestion } from './fence.ts'
import type { Change, HistoryLimits } from './history.ts'
import { OwnWrites } from './own-writes.ts'
import { Progress, tooLargeResourceVersion } from './progress.ts'
import { ResourceCache } from './resource-cache.ts'
import { WatchGroups } from './watch-groups.ts'

export interface CacheLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface CacheOptions {
  storage: Storage
  /** All served resources; faces of a kind that is stored under another one share its cache. */
  resources: readonly Resource[]
  log: CacheLog
  /** Brings an object that another program or another version stored into today's form (defaults included). */
  upgrade?: (resource: Resource, object: KubeObject) => KubeObject
  history?: HistoryLimits
  /** Field selectors that are looked up rather than scanned for, by `plural.group`. */
  indexedFields?: Readonly<Record<string, readonly string[]>>
}

/** Counters and gauges; the caller names and exports them. */
export interface CacheStats {
  revision: number
  objects: number
  bytes: number
  historyBytes: number
  watches: number
  /** Full listings of the store since the start. */
  listings: number
  /** Events that the store sent twice or out of order. */
  discardedEvents: number
  /** Stored values that are not objects; they are not served. */
  undecodable: number
  /** Audits that found a difference between store and cache. */
  mismatches: number
  /** Slow watchers that fell behind and were fed from the history. */
  laggingWatches: number
}

const defaultHistory: HistoryLimits = { changes: 20_000, bytes: 32 * 1024 * 1024 }
const defaultIndexedFields: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName'],
  events: ['involvedObject.uid', 'involvedObject.name'],
}
/** Upstream's limit of a wait for a revision. */
const WAIT_MS = 3000
/** After this the fence key is written: the store has moved on outside the registry, so that no event will come. */
const QUIET_MS = 150
const FENCE_KEY = `${REGISTRY}typernetes.io/fence`
/** Holds the revision that the store was compacted to; the servers that share the store see it change. */
export const COMPACTION_KEY = `${REGISTRY}typernetes.io/compaction`

interface Feed {
  cache: ResourceCache
  groups: WatchGroups
  /** Events that came before the first listing of a feed that was added while the server runs; undefined once it is in. */
  early: StorageEvent[] | undefined
  /** What takes this one's place once its objects are in: the same objects under another definition. */
  successor: Feed | undefined
}

const noStats = (): CacheStats => ({
  revision: 0,
  objects: 0,
  bytes: 0,
  historyBytes: 0,
  watches: 0,
  listings: 0,
  discardedEvents: 0,
  undecodable: 0,
  mismatches: 0,
  laggingWatches: 0,
})

/** What follows `/registry/` in the keys of a resource. */
const feedName = (stored: Resource): string => stored.storagePrefix ?? stored.plural

export class Cache {
  /** What this server writes; whoever writes through the cache's store tells it. */
  readonly ownWrites = new OwnWrites()
  readonly #options: CacheOptions
  readonly #feeds = new Map<string, Feed>()
  readonly #observers = new Map<string, Set<(change: Change | undefined) => void>>()
  readonly #progress = new Progress()
  readonly #question: SharedQuestion<number>
  readonly #fenceWrite: SharedQuestion<number>
  readonly #counted = noStats()
  readonly #undecodable = new Set<string>()
  #isLoaded = false
  #listing = Promise.withResolvers<undefined>()
  #mustRebuild = false

  constructor(options: CacheOptions) {
    this.#options = options
    this.#question = new SharedQuestion(() => this.#askRevision().catch(asApiError))
    this.#fenceWrite = new SharedQuestion(() => this.#writeFence().catch(asApiError))
    for (const resource of options.resources) {
      const stored = storedResource(resource)
      if (!this.#feeds.has(feedName(stored))) this.#feeds.set(feedName(stored), this.#feedFor(stored))
    }
  }

  /**
   * Takes up a resource that came while the server runs, or one that is defined anew: then its watches end. Resolves once its objects are in;
   * until then nothing may be read from a new one. Throws 503 or 504 while the store cannot be listed; then it can be tried again. One
   * call at a time for a resource.
   */
  async add(resource: Resource): Promise<void> {
    const stored = storedResource(resource)
    const name = feedName(stored)
    const old = this.#feeds.get(name)
    if (old?.cache.resource === stored) return
    const feed = this.#feedFor(stored)
    if (!this.#isLoaded || old === undefined) this.#feeds.set(name, feed)
    if (!this.#isLoaded) return
    feed.early = []
    if (old !== undefined) old.successor = feed
    try {
      await this.#fill(feed)
    } catch (error) {
      if (old !== undefined) old.successor = undefined
      else if (this.#feeds.get(name) === feed) this.#feeds.delete(name)
      throw apiErrorOf(error)
    }
    if (old === undefined || this.#feeds.get(name) !== old) return
    this.#feeds.set(name, feed)
    old.groups.endAll(undefined)
  }

  async #fill(feed: Feed): Promise<void> {
    const items: Stored[] = []
    let revision = 0
    for await (const page of this.#options.storage.pages(feed.cache.prefix)) {
      items.push(...page.items)
      revision = page.revision
    }
    await this.reach(revision)
    // A listing of the whole store came in between.
    if (feed.early === undefined) return
    const { early } = feed
    this.#loadFeed(feed, items, revision)
    for (const event of early) if (event.revision > revision) this.#take(feed, event, new Set())
  }

  /** Lets go of a resource: its watches end, its objects stay in the store. */
  remove(resource: Resource): void {
    const name = feedName(storedResource(resource))
    const feed = this.#feeds.get(name)
    if (feed === undefined) return
    this.#feeds.delete(name)
    feed.groups.endAll(undefined)
    for (const key of this.#undecodable) if (key.startsWith(feed.cache.prefix)) this.#undecodable.delete(key)
  }

  /** Tells of every change of a resource, after the cache took it in; of a new listing as `undefined`. Returns what ends it. */
  observe(resource: Resource, listener: (change: Change | undefined) => void): () => void {
    const name = feedName(storedResource(resource))
    const listeners = this.#observers.get(name) ?? new Set()
    this.#observers.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** The revision up to which every event was taken in. */
  get revision(): number {
    return this.#progress.revision
  }

  get isReady(): boolean {
    return this.#isLoaded
  }

  /** Throws upstream's 429 while the first listing is not in. */
  assertReady(): void {
    if (!this.#isLoaded) throw new ApiError(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 })
  }

  /** The cache of a resource, or of the one it is stored as. */
  of(resource: Resource): ResourceCache {
    return this.#feedOf(resource).cache
  }

  groupsOf(resource: Resource): WatchGroups {
    return this.#feedOf(resource).groups
  }

  /**
   * Resolves once the cache holds every write that was acknowledged, by any server, before the call. One question to the store serves all who wait.
   * Throws 503 while the store cannot be asked, 504 if the cache does not get there in time.
   */
  async fresh(): Promise<void> {
    this.assertReady()
    const revision = await this.#question.answer()
    if (revision <= this.revision || (await this.#progress.reach(revision, QUIET_MS))) return
    const fence = await this.#fenceWrite.answer()
    if (await this.#progress.reach(fence, WAIT_MS)) return
    this.#demandListing('the watch of the store is silent')
    throw tooLargeResourceVersion(fence, this.revision)
  }

  /** Resolves once the cache is at `revision` at least; throws upstream's 504 after three seconds. */
  async reach(revision: number): Promise<void> {
    this.assertReady()
    if (!(await this.#progress.reach(revision, WAIT_MS))) throw tooLargeResourceVersion(revision, this.revision)
  }

  /** Whether the cache got to `revision` in time. */
  reached(revision: number, timeoutMs: number): Promise<boolean> {
    return this.#progress.reach(revision, timeoutMs)
  }

  stats(): CacheStats {
    const sum = { ...this.#counted, revision: this.revision, undecodable: this.#undecodable.size }
    for (const { cache, groups } of this.#feeds.values()) {
      sum.objects += cache.size
      sum.bytes += cache.bytes
      sum.historyBytes += cache.history.bytes
      sum.watches += groups.size
      sum.laggingWatches += groups.lagged
    }
    return sum
  }

  /** Resolves when the store must be listed anew: its watch is silent, or the cache can no longer be trusted. */
  get listingDemanded(): Promise<undefined> {
    return this.#listing.promise
  }

  /** Ends in a new listing; all watches end then, since what they were told may be wrong. */
  demandRebuild(reason: string): void {
    if (this.#mustRebuild) return
    this.#mustRebuild = true
    this.#demandListing(reason)
  }

  /** All caches, for the audit. */
  caches(): ResourceCache[] {
    return [...this.#feeds.values()].map((feed) => feed.cache)
  }

  /** The cache that a key of the store belongs to. */
  cacheAt(key: string): ResourceCache | undefined {
    return this.#feedAt(key)?.cache
  }

  /** Whether a key holds what is not an object. */
  isUndecodable(key: string): boolean {
    return this.#undecodable.has(key)
  }

  countMismatch(): void {
    this.#counted.mismatches++
  }

  /** Sends what is due to watchers on time: called once a second. */
  tick(now: number): void {
    for (const { cache, groups } of this.#feeds.values()) {
      groups.tick(now)
      cache.history.dropFrames()
    }
  }

  /** Ends all watches, on shutdown; clients come back to another server at the revision they saw. */
  endWatches(): void {
    for (const { groups } of this.#feeds.values()) groups.endAll(undefined)
  }

  /** Takes events of the store, in order. Events that were seen before are dropped. */
  apply(events: readonly StorageEvent[], revision: number): void {
    const seen = this.revision
    const touched = new Set<WatchGroups>()
    for (const event of events) {
      if (event.revision <= seen) {
        this.#counted.discardedEvents++
        continue
      }
      if (event.key === COMPACTION_KEY) this.#compacted(Number(event.value?.toString()))
      const feed = this.#feedAt(event.key)
      feed?.successor?.early?.push(event)
      if (feed?.early !== undefined) feed.early.push(event)
      else if (feed !== undefined) this.#take(feed, event, touched)
    }
    if (revision > seen) this.#progress.advance(revision)
    for (const groups of touched) groups.flushSoon()
  }

  /**
   * Lists of states before `revision` are refused from now on, as the store refuses them: a list that goes on in pages must come to an end at some
   * time, and clients count on it. Watches still resume from the history.
   */
  #compacted(revision: number): void {
    if (!Number.isSafeInteger(revision)) return
    for (const { cache } of this.#feeds.values()) cache.history.exactSince = Math.max(cache.history.exactSince, revision)
  }

  #take(feed: Feed, { key, value, revision }: StorageEvent, touched: Set<WatchGroups>): void {
    if (value === undefined) this.#undecodable.delete(key)
    const now = value === undefined ? undefined : this.#decode(feed, { key, value, revision })
    this.#change(feed, { key, now, revision }, touched)
  }

  /**
   * Takes a full listing: at first as it is; later as the events that must have happened since, so that watches go on. A listing older than
   * the cache means that the store was restored from a backup: then all watches end and clients list again.
   */
  replace(items: readonly Stored[], revision: number): void {
    this.#counted.listings++
    if (!this.#isLoaded || this.#mustRebuild || revision < this.revision) this.#load(items, revision)
    else this.#applyDifference(items, revision)
    this.#isLoaded = true
    this.#mustRebuild = false
    this.#listing = Promise.withResolvers()
    for (const listeners of this.#observers.values()) for (const listener of listeners) listener(undefined)
  }

  #load(items: readonly Stored[], revision: number): void {
    const byFeed = this.#byFeed(items)
    for (const feed of this.#feeds.values()) {
      feed.groups.endAll(gone('The resourceVersion for the provided watch is too old.'))
      this.#loadFeed(feed, byFeed.get(feed) ?? [], revision)
      if (feed.successor !== undefined) this.#loadFeed(feed.successor, byFeed.get(feed) ?? [], revision)
    }
    this.#progress.advance(revision)
  }

  #byFeed(items: readonly Stored[]): Map<Feed | undefined, Stored[]> {
    return Map.groupBy(items, (item) => this.#feedAt(item.key))
  }

  /** Takes all objects of a feed as they are. */
  #loadFeed(feed: Feed, items: readonly Stored[], revision: number): void {
    feed.early = undefined
    feed.cache.clear(revision)
    for (const item of items) {
      const entry = this.#decode(feed, item)
      if (entry !== undefined) feed.cache.load(entry)
    }
  }

  #applyDifference(items: readonly Stored[], revision: number): void {
    const added = [...this.#feeds.values()].filter((feed) => feed.early !== undefined || feed.successor !== undefined)
    const byFeed = added.length === 0 ? undefined : this.#byFeed(items)
    const standing = new Map(items.map((item) => [item.key, item]))
    const events: StorageEvent[] = []
    for (const { cache } of this.#feeds.values()) {
      for (const entry of cache.range()) if (!standing.has(entry.key)) events.push({ type: 'delete', key: entry.key, revision })
    }
    for (const item of items) {
      if (item.revision > this.revision) events.push({ type: 'put', ...item })
    }
    this.apply(
      events.sort((a, b) => a.revision - b.revision),
      revision,
    )
    for (const feed of added) this.#loadFeed(feed.successor ?? feed, byFeed?.get(feed) ?? [], revision)
    for (const { cache } of this.#feeds.values()) cache.history.exactSince = revision
  }

  #change(feed: Feed, event: { key: string; now: Entry | undefined; revision: number }, touched: Set<WatchGroups>): void {
    const { key, now, revision } = event
    const was = feed.cache.get(key)
    // Another object under the same name: its predecessor's end must be seen (only a difference of listings can hide it).
    const steps = was !== undefined && now !== undefined && was.uid !== now.uid ? [undefined, now] : [now]
    for (const step of steps) {
      const change = feed.cache.apply(key, step, revision)
      if (change === undefined) continue
      feed.groups.dispatch(change)
      touched.add(feed.groups)
      const listeners = this.#observers.size === 0 ? undefined : this.#observers.get(feedName(feed.cache.resource))
      if (listeners !== undefined) for (const listener of listeners) listener(change)
    }
  }

  #decode(feed: Feed, stored: Stored): Entry | undefined {
    try {
      const entry = this.ownWrites.echo(feed.cache.shape, stored) ?? entryFrom(feed.cache.shape, stored)
      this.#undecodable.delete(stored.key)
      return entry
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error
      this.#undecodable.add(stored.key)
      this.#options.log.error({ key: stored.key, revision: stored.revision, err: error }, 'stored value is not an object, it is not served')
      return undefined
    }
  }

  #feedFor(resource: Resource): Feed {
    const { upgrade, history = defaultHistory, indexedFields = defaultIndexedFields } = this.#options
    const cache = new ResourceCache(shapeOf(resource, upgrade), 0, {
      history,
      indexedFields: indexedFields[groupResourceOf(resource)] ?? [],
    })
    return { cache, groups: new WatchGroups(cache, () => this.revision), early: undefined, successor: undefined }
  }

  #feedOf(resource: Resource): Feed {
    const stored = storedResource(resource)
    const feed = this.#feeds.get(feedName(stored))
    if (feed === undefined) throw new Error(`the cache does not hold ${groupResourceOf(resource)}`)
    return feed
  }

  #feedAt(key: string): Feed | undefined {
    const first = key.indexOf('/', REGISTRY.length)
    if (first < 0) return undefined
    const second = key.indexOf('/', first + 1)
    const two = second < 0 ? undefined : this.#feeds.get(key.slice(REGISTRY.length, second))
    return two ?? this.#feeds.get(key.slice(REGISTRY.length, first))
  }

  async #askRevision(): Promise<number> {
    const known = this.revision
    const revision = await this.#options.storage.currentRevision()
    if (revision < known) {
      this.demandRebuild(`the store went back to revision ${revision}`)
      throw new StorageUnavailable('the store was restored to an older revision', 'no')
    }
    return revision
  }

  #demandListing(reason: string): void {
    this.#options.log.error({ revision: this.revision, reason, rebuild: this.#mustRebuild }, 'the store is listed anew')
    this.#listing.resolve(undefined)
  }

  async #writeFence(): Promise<number> {
    const result = await this.#options.storage.commit([{ verb: 'put', key: FENCE_KEY, value: Buffer.from('1'), expect: 'any' }])
    return result.revision
  }
}

function asApiError(error: unknown): never {
  throw apiErrorOf(error)
}
