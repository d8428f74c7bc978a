/**
 * Which event is written and how: spam filter, aggregation of similar events and counting of equal ones, with upstream's limits
 * (client-go tools/record). Pure but for the bounded memory it keeps of what was seen.
 */
import type { Event } from '#api/core/event.ts'
import { BoundedMap } from './bounded-map.ts'

const maxRemembered = 4096
/** Events that differ only in their message are one aggregate once this many were seen within the window. */
const aggregateAt = 10
const aggregateWindowMs = 600_000
/** Per source and object: a burst, refilled by one event in five minutes. */
const spamBurst = 25
const spamRefillMs = 300_000

/** What is to be sent: a new event, or the next count of one that was written before. */
export interface EventWrite {
  event: Event
  /** Set where `event.metadata.name` exists already: only count, lastTimestamp and message change. */
  repeat: boolean
  key: string
}
interface Seen {
  count: number
  firstTimestamp: string
  name: string
}

export class EventCorrelator {
  readonly #spam = new BoundedMap<string, { tokens: number; atMs: number }>(maxRemembered)
  readonly #aggregates = new BoundedMap<string, { messages: Set<string>; atMs: number }>(maxRemembered)
  readonly #seen = new BoundedMap<string, Seen>(maxRemembered)

  /** What to send for `event` (freshly made, count 1), or undefined where the source has said too much about the object. */
  correlate(event: Event, now: Date): EventWrite | undefined {
    const { event: chosen, key } = this.#aggregate(event, now)
    const seen = this.#seen.get(key)
    const counted: Event = seen
      ? {
          ...chosen,
          metadata: { ...chosen.metadata, name: seen.name },
          count: seen.count + 1,
          firstTimestamp: seen.firstTimestamp,
        }
      : chosen
    this.#remember(key, counted)
    if (this.#isSpam(event, now)) return undefined
    return { event: counted, repeat: seen !== undefined, key }
  }

  /** The stored event was gone and had to be made anew under another name. */
  renamed(write: EventWrite, event: Event): void {
    this.#remember(write.key, event)
  }

  #remember(key: string, event: Event): void {
    this.#seen.set(key, {
      count: event.count ?? 1,
      firstTimestamp: event.firstTimestamp ?? '',
      name: event.metadata.name ?? '',
    })
  }

  #aggregate(event: Event, now: Date): { event: Event; key: string } {
    const key = [...sourceAndObject(event), event.type, event.reason, event.reportingComponent, event.reportingInstance].join('\0')
    const old = this.#aggregates.get(key)
    const record = old && now.getTime() - old.atMs <= aggregateWindowMs ? old : { messages: new Set<string>(), atMs: 0 }
    record.messages.add(event.message ?? '')
    record.atMs = now.getTime()
    this.#aggregates.set(key, record)
    if (record.messages.size < aggregateAt) {
      return { event, key: [key, event.involvedObject.fieldPath, event.message].join('\0') }
    }
    const [oldest] = record.messages
    if (oldest !== undefined) record.messages.delete(oldest)
    const message = `(combined from similar events): ${event.message ?? ''}`
    // Upstream's aggregates name no reporting controller.
    return { event: { ...event, message, reportingComponent: '', reportingInstance: '' }, key }
  }

  #isSpam(event: Event, now: Date): boolean {
    const key = [...sourceAndObject(event), event.type].join('\0')
    const nowMs = now.getTime()
    const bucket = this.#spam.get(key) ?? { tokens: spamBurst, atMs: nowMs }
    const tokens = Math.min(spamBurst, bucket.tokens + (nowMs - bucket.atMs) / spamRefillMs)
    const spam = tokens < 1
    this.#spam.set(key, { tokens: spam ? tokens : tokens - 1, atMs: nowMs })
    return spam
  }
}

function sourceAndObject({ source, involvedObject }: Event): (string | undefined)[] {
  const { kind, namespace, name, uid, apiVersion } = involvedObject
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion]
}
