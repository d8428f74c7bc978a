/** What a watch promises, checked against the writes that were made: the validators of etcd's robustness tests (ordered, unique, reliable, atomic, bookmarkable; resumable is asked by watching again from each cut). */
import type { StorageEvent } from './storage.ts'

/** One delivery of a watch: the events of one call. */
export interface Delivery {
  events: readonly StorageEvent[]
  revision: number
}

/** A write as its committer knows it: all keys it changed at one revision. */
export interface Written {
  revision: number
  changes: readonly { key: string; value: string | undefined }[]
}

/** Sentences about what is wrong; none means that all promises were kept. `from` is the revision after which the watch began. */
export function watchFaults(deliveries: readonly Delivery[], written: readonly Written[], from: number): string[] {
  const events = deliveries.flatMap((delivery) => delivery.events)
  return [
    ...orderFaults(events),
    ...uniquenessFaults(events),
    ...atomicityFaults(deliveries),
    ...bookmarkFaults(deliveries),
    ...reliabilityFaults(events, written, from),
  ]
}

function orderFaults(events: readonly StorageEvent[]): string[] {
  return events.flatMap((event, i) => {
    const before = events[i - 1]
    return before !== undefined && before.revision > event.revision ? [`ordered: ${event.revision} came after ${before.revision}`] : []
  })
}

function uniquenessFaults(events: readonly StorageEvent[]): string[] {
  const seen = new Set<string>()
  return events.flatMap((event) => {
    const id = `${event.revision} ${event.key}`
    if (seen.has(id)) return [`unique: ${id} came twice`]
    seen.add(id)
    return []
  })
}

function atomicityFaults(deliveries: readonly Delivery[]): string[] {
  const seen = new Set<number>()
  return deliveries.flatMap(({ events }) => {
    const revisions = new Set(events.map((event) => event.revision))
    const parted = [...revisions].filter((revision) => seen.has(revision))
    for (const revision of revisions) seen.add(revision)
    return parted.map((revision) => `atomic: ${revision} came in several deliveries`)
  })
}

/** A delivery's revision is a bookmark: nothing up to it comes later. */
function bookmarkFaults(deliveries: readonly Delivery[]): string[] {
  let bookmark = 0
  return deliveries.flatMap(({ events, revision }) => {
    const early = events.filter((event) => event.revision <= bookmark || event.revision > revision)
    bookmark = revision
    return early.map((event) => `bookmarkable: ${event.revision} came with the bookmark ${revision}`)
  })
}

/** Everything written after `from` up to the last delivered revision must be there, and nothing else. */
function reliabilityFaults(events: readonly StorageEvent[], written: readonly Written[], from: number): string[] {
  const last = events.at(-1)?.revision ?? from
  const line = (revision: number, key: string, value: string | undefined): string => `${revision} ${key} ${value ?? 'deleted'}`
  const expected = written
    .filter((write) => write.revision > from && write.revision <= last)
    .flatMap((write) => write.changes.map((change) => line(write.revision, change.key, change.value)))
  const delivered = events.map((event) => line(event.revision, event.key, event.value?.toString()))
  const [wanted, seen] = [new Set(expected), new Set(delivered)]
  const missing = expected.filter((text) => !seen.has(text)).map((text) => `reliable: ${text} is missing`)
  const invented = delivered.filter((text) => !wanted.has(text)).map((text) => `reliable: ${text} was never written`)
  return [...missing, ...invented]
}
