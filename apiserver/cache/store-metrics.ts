/** Gauges of the store and its cache, under upstream's names where upstream has them; they are read when the page is asked for. */
import { Gauge, type Registry } from 'prom-client'
import type { Storage } from '#apiserver/storage/storage.ts'
import type { Cache } from './cache.ts'

export function registerStoreMetrics(registry: Registry, cache: Cache, storage: Storage): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  gauge('apiserver_watch_cache_resource_version', 'Revision up to which the cache has followed the store.', () => cache.revision)
  gauge('apiserver_watch_cache_bytes', 'JSON of all cached objects.', () => cache.stats().bytes)
  gauge('apiserver_watch_cache_history_bytes', 'Replaced and deleted objects that the history holds.', () => cache.stats().historyBytes)
  gauge('apiserver_watch_cache_initializations', 'Full listings of the store since the start.', () => cache.stats().listings)
  gauge('apiserver_registered_watchers', 'Open watches.', () => cache.stats().watches)
  gauge('apiserver_watch_cache_lagging_watchers', 'How often a watcher was too slow for live events.', () => cache.stats().laggingWatches)
  gauge('apiserver_watch_cache_discarded_events', 'Events that the store sent twice or too late.', () => cache.stats().discardedEvents)
  gauge('apiserver_watch_cache_mismatches', 'Audits that found the cache to differ from the store.', () => cache.stats().mismatches)
  gauge('apiserver_storage_undecodable_objects', 'Stored values that are not objects and are not served.', () => cache.stats().undecodable)
  new Gauge({
    name: 'apiserver_storage_objects',
    help: 'Stored objects by resource.',
    labelNames: ['resource'],
    registers: [registry],
    collect() {
      for (const resource of cache.caches()) this.set({ resource: resource.groupResource }, resource.size)
    },
  })
  const sizeBytes = storage.sizeBytes?.bind(storage)
  if (sizeBytes !== undefined) gauge('apiserver_storage_size_bytes', 'Size of the storage database file.', sizeBytes)
  const stats = storage.stats?.bind(storage)
  if (stats === undefined) return
  gauge('apiserver_etcd_writes_running', 'Writes under way.', () => stats().writesRunning)
  gauge('apiserver_etcd_writes_waiting', 'Writes that wait for their turn.', () => stats().writesWaiting)
  gauge('apiserver_etcd_watch_lag_seconds', "From a write's acknowledgement to its event, smoothed.", () => stats().watchLagMs / 1000)
  gauge('apiserver_etcd_watch_reconnects', 'Lost connections of the watch.', () => stats().reconnects)
}
