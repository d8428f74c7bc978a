/** What keeps store and cache healthy over days: compaction of the store's history, and the audit of the cache against the store. */
import { REGISTRY } from '#apiserver/storage/keys.ts'
import { Compacted, type Storage, type Stored } from '#apiserver/storage/storage.ts'
import { type Cache, type CacheLog, COMPACTION_KEY } from './cache.ts'
import { type Entry, isSameValue } from './entry.ts'

export interface UpkeepOptions {
  cache: Cache
  storage: Storage
  log: CacheLog
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
  random: () => number
  /** Upstream's --etcd-compaction-interval, five minutes there; 0: this server never compacts. */
  compactionMs: number
  auditMs: number
}

/**
 * Runs until `signal`; failures are logged and left for the next time. Servers do not act together, but none comes late: what was listed must be
 * forgotten within two intervals.
 */
export async function upkeep(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const compactor = new Compactor(options)
  const every = async (ms: number, what: string, work: () => Promise<unknown>): Promise<void> => {
    while (ms > 0 && !signal.aborted) {
      await options.sleep(ms * (1 - 0.1 * options.random()), signal).catch(() => undefined)
      if (signal.aborted) return
      await work().catch((error: unknown) => options.log.warn({ error }, `${what} failed`))
    }
  }
  await Promise.all([
    every(options.compactionMs, 'compaction', () => compactor.compact()),
    every(options.auditMs, 'audit', () => audit(options)),
  ])
}

/** Compacts to what was newest one interval ago, so that every watch has long passed it; one server an interval does it (upstream: etcd3/compact.go). */
export class Compactor {
  readonly #options: Pick<UpkeepOptions, 'cache' | 'storage' | 'log'>
  /** Revision of the shared key when it was looked at last. */
  #seen: number | undefined
  #previous = 0

  constructor(options: Pick<UpkeepOptions, 'cache' | 'storage' | 'log'>) {
    this.#options = options
  }

  /** The revision that was compacted to, if it was this server's turn. */
  async compact(): Promise<number | undefined> {
    const { storage, cache, log } = this.#options
    const { item, revision } = await storage.get(COMPACTION_KEY)
    const target = this.#previous
    const isFirst = target === 0
    const isOthers = item?.revision !== this.#seen
    this.#previous = revision
    this.#seen = item?.revision
    if (isFirst || isOthers) return undefined
    const expect = item === undefined ? 'absent' : { revision: item.revision }
    const turn = await storage.commit([{ verb: 'put', key: COMPACTION_KEY, value: Buffer.from(String(target)), expect }])
    if (!turn.committed) return undefined
    this.#seen = turn.revision
    if (target >= cache.revision) return undefined
    await storage.compact(target)
    log.info({ revision: target }, 'compacted the store')
    return target
  }
}

/**
 * Compares every cached value with the store's at the same revision. Any difference is a fault of the store's watch or of the cache (etcd before
 * 3.4.38 has several): it is counted, and the cache is built anew. Returns what differs, or undefined where the comparison was not possible.
 */
export async function audit({ cache, storage, log }: Pick<UpkeepOptions, 'cache' | 'storage' | 'log'>): Promise<string[] | undefined> {
  if (!cache.isReady) return undefined
  const revision = cache.revision
  const expected = new Map<string, Entry>()
  for (const resource of cache.caches()) for (const entry of resource.range()) expected.set(entry.key, entry)
  const faults: string[] = []
  try {
    for await (const page of storage.pages(REGISTRY, { revision, serializable: true })) {
      for (const item of page.items) {
        const fault = compared(cache, item, expected.get(item.key))
        if (fault !== undefined) faults.push(fault)
        expected.delete(item.key)
      }
    }
  } catch (error) {
    if (error instanceof Compacted) return undefined
    throw error
  }
  for (const key of expected.keys()) faults.push(`${key} is cached but not stored`)
  if (faults.length === 0) return faults
  log.error({ revision, faults: faults.slice(0, 10), count: faults.length }, 'the cache differs from the store')
  cache.countMismatch()
  cache.demandRebuild('the audit found differences')
  return faults
}

function compared(cache: Cache, item: Stored, entry: Entry | undefined): string | undefined {
  const resource = cache.cacheAt(item.key)
  if (resource === undefined) return undefined
  if (entry === undefined) return cache.isUndecodable(item.key) ? undefined : `${item.key} is stored but not cached`
  if (entry.revision !== item.revision) return `${item.key} is cached at ${entry.revision} and stored at ${item.revision}`
  return isSameValue(entry, item.value, resource.shape) === false ? `${item.key} has other bytes than stored` : undefined
}
