/** Writes events about objects, one at a time and in order, with upstream's aggregation; it never throws and never waits. */
import { CoreEvents, type Event } from '#api/core/event.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Clock, systemClock } from './clock.ts'
import { EventCorrelator, type EventWrite } from './event-correlation.ts'
import type { Client } from './rest.ts'
import { ConnectionError } from './transport.ts'

export interface EventText {
  type: 'Normal' | 'Warning'
  /** Short, CamelCase. */
  reason: string
  message: string
  action?: string
  /** Names a part of the object, such as `spec.containers{web}`. */
  fieldPath?: string
  annotations?: Readonly<Record<string, string>>
}
export interface EventRecorderOptions {
  component: string
  /** The node, where the source is one of many. */
  host?: string
  now?: () => Date
  clock?: Pick<Clock, 'sleep'>
  /**
   * Milliseconds without another event that are waited for before any is written, so that the events of a burst do not compete with what they
   * tell about; but none waits longer than `longestDelayMs`.
   */
  delayMs?: number
  /** Told of each event that is given up. */
  onError?: (error: unknown, event: Event) => void
}
/** An object, or only what names it: uid is needed for events to show up in `describe`. */
export type EventSubject = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>

const maxQueued = 1000
const longestDelayMs = 3000
const maxAttempts = 12
const retryMs = 10_000

export class EventRecorder {
  readonly #client: Client
  readonly #options: EventRecorderOptions
  readonly #correlator = new EventCorrelator()
  readonly #queue: Event[] = []
  #sending: Promise<void> | undefined
  /** Ends the wait for a calm. */
  readonly #hurry = new AbortController()
  #lastNanoseconds = 0n

  constructor(client: Client, options: EventRecorderOptions) {
    this.#client = client
    this.#options = options
  }

  event(object: EventSubject, text: EventText): void {
    if (this.#queue.length >= maxQueued) return
    this.#queue.push(this.#made(object, text))
    this.#sending ??= this.#drain()
  }

  /** Resolves when everything so far is written or given up. From then on no calm is waited for. */
  async flushed(): Promise<void> {
    this.#hurry.abort()
    await this.#sending
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date()
  }

  #made(object: EventSubject, text: EventText): Event {
    const now = this.#now()
    const { component, host } = this.#options
    const { namespace, name = '', uid, resourceVersion } = object.metadata
    const time = `${now.toISOString().slice(0, 19)}Z`
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name.slice(0, 230)}.${this.#nanoseconds(now).toString(16)}`,
        namespace: namespace || 'default',
        ...(text.annotations ? { annotations: { ...text.annotations } } : {}),
      },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace ? { namespace } : {}),
        ...(uid ? { uid } : {}),
        ...(resourceVersion ? { resourceVersion } : {}),
        ...(text.fieldPath ? { fieldPath: text.fieldPath } : {}),
      },
      reason: text.reason,
      message: text.message,
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type: text.type,
      ...(text.action ? { action: text.action } : {}),
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  /**
   * Never the same twice, as it is part of the name. What the clock does not tell is chance: scheduler and kubelet write of one pod in the same
   * millisecond, and one of two events of the same name would be lost.
   */
  #nanoseconds(now: Date): bigint {
    const next = BigInt(now.getTime()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))
    this.#lastNanoseconds = next > this.#lastNanoseconds ? next : this.#lastNanoseconds + 1n
    return this.#lastNanoseconds
  }

  async #drain(): Promise<void> {
    // Leave the caller's turn first: an event must not delay what it tells about.
    await Promise.resolve()
    if (this.#options.delayMs) await this.#untilCalm(this.#options.delayMs)
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      const write = this.#correlator.correlate(event, this.#now())
      if (write) await this.#sendWithRetries(write)
    }
    this.#sending = undefined
  }

  /** Returns once a while has brought no new event. */
  async #untilCalm(delayMs: number): Promise<void> {
    const clock = this.#options.clock ?? systemClock
    for (let queued = 0, waitedMs = 0; queued < this.#queue.length; waitedMs += delayMs) {
      queued = this.#queue.length
      if (waitedMs + delayMs > longestDelayMs || queued > maxQueued / 2 || this.#hurry.signal.aborted) return
      await clock.sleep(delayMs, this.#hurry.signal)
    }
  }

  async #sendWithRetries(write: EventWrite): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send(write)
        return
      } catch (error) {
        // As upstream: what the server refuses is dropped, what did not reach it is tried for two minutes.
        if (!(error instanceof ConnectionError) || attempt >= maxAttempts) {
          this.#options.onError?.(error, write.event)
          return
        }
        await (this.#options.clock ?? systemClock).sleep(retryMs)
      }
    }
  }

  async #send(write: EventWrite): Promise<void> {
    const { event } = write
    if (write.repeat) {
      const { count, lastTimestamp, message } = event
      const ref = { namespace: event.metadata.namespace, name: event.metadata.name ?? '' }
      try {
        await this.#client.patch(CoreEvents, ref, { type: 'strategic', body: { count, lastTimestamp, message } })
        return
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 404)) throw error
      }
      // It has expired: start again with the count that was reached, as upstream does.
      const name = `${event.involvedObject.name?.slice(0, 230)}.${this.#nanoseconds(this.#now()).toString(16)}`
      write.event = { ...event, metadata: { ...event.metadata, name } }
      this.#correlator.renamed(write, write.event)
    }
    try {
      await this.#client.create(CoreEvents, write.event)
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error
    }
  }
}
