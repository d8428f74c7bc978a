/** Keeps the cache on the store's heels: lists once, then watches; lists again only when the store says that events are lost. */
import { REGISTRY } from '#apiserver/storage/keys.ts'
import { Compacted, type Storage, type Stored } from '#apiserver/storage/storage.ts'
import type { Cache, CacheLog } from './cache.ts'

export interface FollowOptions {
  cache: Cache
  storage: Storage
  log: CacheLog
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
  now: () => number
  random: () => number
}

/** So many revisions before the newest the first listing begins, so that watches survive a restart of this server. */
const REPLAY_REVISIONS = 1000
const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 5000

/** Runs until `signal`. Failures are logged and tried again with back-off; it never gives up. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { cache, log, sleep, now, random } = options
  const ticker = setInterval(() => cache.tick(now()), 1000)
  let delayMs = FIRST_DELAY_MS
  try {
    while (!signal.aborted) {
      const since = now()
      try {
        await list(options)
        await watch(options, signal)
      } catch (error) {
        if (signal.aborted) return
        if (now() - since > MAX_DELAY_MS) delayMs = FIRST_DELAY_MS
        log.warn({ error, revision: cache.revision }, 'lost the watch of the store, listing again')
        await sleep(delayMs * (0.5 + random()), signal).catch(() => undefined)
        delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)
      }
    }
  } finally {
    clearInterval(ticker)
  }
}

async function list({ cache, storage, log }: FollowOptions): Promise<void> {
  const { items, revision } = cache.isReady ? await listing(storage) : await earlierListing(storage)
  cache.replace(items, revision)
  log.info({ revision, objects: items.length }, 'listed the store')
}

async function earlierListing(storage: Storage): Promise<{ items: Stored[]; revision: number }> {
  const current = await storage.currentRevision()
  if (current <= 1) return listing(storage)
  try {
    return await listing(storage, Math.max(1, current - REPLAY_REVISIONS))
  } catch (error) {
    if (!(error instanceof Compacted)) throw error
    return listing(storage)
  }
}

async function listing(storage: Storage, revision?: number): Promise<{ items: Stored[]; revision: number }> {
  const items: Stored[] = []
  let at = 0
  for await (const page of storage.pages(REGISTRY, revision === undefined ? {} : { revision })) {
    items.push(...page.items)
    at = page.revision
  }
  return { items, revision: at }
}

async function watch({ cache, storage }: FollowOptions, signal: AbortSignal): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>()
  const stop = (): void => resolve(undefined)
  signal.addEventListener('abort', stop)
  const opening = storage.watch(REGISTRY, cache.revision, (events, revision) => cache.apply(events, revision))
  try {
    const stream = await Promise.race([opening, stopped, cache.listingDemanded])
    if (stream !== undefined) await Promise.race([stream.ended, stopped, cache.listingDemanded])
  } finally {
    signal.removeEventListener('abort', stop)
    // While the store is away the watch may still be opening: it is closed when it comes, or by the store's own end.
    opening.then((stream) => stream[Symbol.asyncDispose]()).catch(() => undefined)
  }
}
