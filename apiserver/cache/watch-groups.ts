/** All watches of one resource: grouped by what they select and in which form, found by namespace, name or indexed field. */

import { formatSelector } from '#api/meta/label-selector.ts'
import { type ApiError, internalError } from '#api/meta/status.ts'
import type { Entry } from './entry.ts'
import type { Form } from './form.ts'
import { eventTypeOf, frameOf } from './frames.ts'
import type { Change } from './history.ts'
import type { Predicate } from './predicate.ts'
import type { ResourceCache } from './resource-cache.ts'
import { type SessionOptions, WatchSession } from './watch-session.ts'

/** A burst is written in pieces of this size at most. */
const FLUSH_BYTES = 128 * 1024

/** After so long without events the next one is not kept for others to join it. */
const CALM_MS = 3
/** After so much of it a sending lets requests have their turn: to thousands of watchers it takes a second. */
const SLICE_MS = 10

/** What is being sent: the same bytes to one session after the other. */
interface Sending {
  frames: readonly Buffer[]
  joined: Buffer | undefined
  /** All changes up to this one are in. */
  revision: number
  sessions: readonly WatchSession[]
  /** How many of them have it. */
  served: number
}

/** Watches that get the very same bytes. */
export class WatchGroup {
  readonly cache: ResourceCache
  readonly form: Form
  readonly predicate: Predicate
  /** All sessions, also those that are still catching up. */
  readonly sessions = new Set<WatchSession>()
  readonly revision: () => number
  readonly countLag: () => void
  readonly #live = new Set<WatchSession>()
  readonly #forget: () => void
  #pending: Buffer[] = []
  #pendingBytes = 0
  #pendingRevision = 0
  #sending: Sending | undefined

  constructor(
    cache: ResourceCache,
    select: { form: Form; predicate: Predicate },
    hooks: { revision: () => number; countLag: () => void; forget: () => void },
  ) {
    this.cache = cache
    this.form = select.form
    this.predicate = select.predicate
    this.revision = hooks.revision
    this.countLag = hooks.countLag
    this.#forget = hooks.forget
  }

  /** Everything up to the cache's revision was sent to it. */
  join(session: WatchSession): void {
    this.flush()
    this.#live.add(session)
  }

  leave(session: WatchSession): void {
    this.#live.delete(session)
    if (this.sessions.size === 0) this.#forget()
  }

  /** An object that cannot be shown in this form ends the group's watches, not the server. */
  take(change: Change): void {
    if (this.#live.size === 0) return
    try {
      this.#take(change)
    } catch (error) {
      const failure = internalError(`${change.key} cannot be shown: ${error instanceof Error ? error.message : String(error)}`)
      for (const session of [...this.sessions]) session.end(failure)
    }
  }

  #take(change: Change): void {
    const type = eventTypeOf(change, this.predicate)
    if (type === undefined) return
    // Never between two changes of one revision: a session that falls behind goes on after the revision it was given.
    if (this.#pendingBytes > FLUSH_BYTES && change.revision > this.#pendingRevision) this.flush(change.revision - 1)
    const frame = frameOf(change, type, this.form, this.cache.history)
    this.#pending.push(frame)
    this.#pendingBytes += frame.length
    this.#pendingRevision = change.revision
  }

  /** Hands what has gathered, all changes up to `revision`, to the live sessions: one write each. */
  flush(revision = this.revision()): void {
    this.sendUntil(Number.POSITIVE_INFINITY)
    if (this.#pending.length === 0) return
    this.#begin(revision)
    this.sendUntil(Number.POSITIVE_INFINITY)
  }

  /** Begins to hand out what has gathered. */
  begin(): void {
    if (this.#pending.length > 0 && this.#sending === undefined) this.#begin(this.revision())
  }

  /** Goes on with what was begun until that time of the process; whether all have it. */
  sendUntil(time: number): boolean {
    const sending = this.#sending
    if (sending === undefined) return true
    while (sending.served < sending.sessions.length) {
      const session = sending.sessions[sending.served++]
      if (session !== undefined && this.#live.has(session)) handTo(session, sending)
      if (performance.now() > time) break
    }
    if (sending.served < sending.sessions.length) return false
    this.#sending = undefined
    return true
  }

  #begin(revision: number): void {
    this.#sending = { frames: this.#pending, joined: undefined, revision, sessions: [...this.#live], served: 0 }
    this.#pending = []
    this.#pendingBytes = 0
  }
}

function handTo(session: WatchSession, sending: Sending): void {
  const { frames, revision } = sending
  if (session.wantsFrames) {
    for (const frame of frames) session.push(frame, revision)
    return
  }
  sending.joined ??= frames.length === 1 ? frames[0] : Buffer.concat(frames)
  if (sending.joined !== undefined) session.push(sending.joined, revision)
}

export class WatchGroups {
  readonly #cache: ResourceCache
  readonly #revision: () => number
  readonly #groups = new Map<string, WatchGroup>()
  /** Groups by the narrowest thing that tells whether a change can concern them. */
  readonly #everything = new Set<WatchGroup>()
  readonly #byKey = new Map<string, Set<WatchGroup>>()
  readonly #byNamespace = new Map<string, Set<WatchGroup>>()
  readonly #byField = new Map<string, Set<WatchGroup>>()
  /** The first indexed field, spec.nodeName for pods. */
  readonly #trigger: string | undefined
  /** Sends, or is going to. */
  #isFlushing = false
  /** More has come since it began. */
  #isDueAgain = false
  /** When the last sending ended. */
  #sentAt = 0
  /** Groups that a sending has not come to. */
  #unsent: WatchGroup[] = []
  /** How often a watcher was too slow for live events. */
  lagged = 0

  constructor(cache: ResourceCache, revision: () => number) {
    this.#cache = cache
    this.#revision = revision
    this.#trigger = cache.indexedFields[0]
  }

  get size(): number {
    let sum = 0
    for (const group of this.#groups.values()) sum += group.sessions.size
    return sum
  }

  open(select: { form: Form; predicate: Predicate }, options: SessionOptions): WatchSession {
    const id = groupId(select)
    let group = this.#groups.get(id)
    if (group === undefined) {
      const made = new WatchGroup(this.#cache, select, {
        revision: this.#revision,
        countLag: () => this.lagged++,
        forget: () => this.#forget(id, made),
      })
      group = made
      this.#groups.set(id, made)
      addTo(this.#placeOf(made), made)
    }
    return new WatchSession(group, options)
  }

  /** Hands a change to every group it can concern. */
  dispatch(change: Change): void {
    for (const group of this.#everything) group.take(change)
    this.#dispatchTo(this.#byKey.get(change.key), change)
    if (this.#byNamespace.size > 0) this.#dispatchTo(this.#byNamespace.get((change.now ?? change.was)?.namespace ?? ''), change)
    if (this.#byField.size === 0 || this.#trigger === undefined) return
    const read = this.#cache.fieldReader(this.#trigger)
    const value = (entry: Entry | undefined): string | undefined => (entry === undefined ? undefined : read?.(entry))
    const now = value(change.now)
    const was = value(change.was)
    if (now !== undefined) this.#dispatchTo(this.#byField.get(now), change)
    if (was !== undefined && was !== now) this.#dispatchTo(this.#byField.get(was), change)
  }

  /**
   * Sends what was dispatched in this turn of the event loop at its end, or, where a sending is under way, after that: events gather meanwhile and share
   * a write. A pause between sendings would let more of them gather, and make each delivery a fifth cheaper and twice as late. After a calm it sends at
   * once, before the writer is answered: who waits for an event acts on it, and nothing gathers.
   */
  flushSoon(): void {
    this.#isDueAgain = this.#isFlushing
    if (this.#isFlushing) return
    this.#isFlushing = true
    if (performance.now() - this.#sentAt > CALM_MS) queueMicrotask(() => this.#flush())
    else setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isDueAgain = false
    this.#unsent = [...this.#groups.values()]
    for (const group of this.#unsent) group.begin()
    this.#send()
  }

  #send(): void {
    const started = performance.now()
    let group = this.#unsent.at(-1)
    while (group?.sendUntil(started + SLICE_MS)) {
      this.#unsent.pop()
      group = this.#unsent.at(-1)
    }
    // Responses write to their sockets in ticks that stand before this one.
    process.nextTick(() => {
      if (group === undefined) this.#flushed()
      else setImmediate(() => this.#send())
    })
  }

  #flushed(): void {
    this.#isFlushing = false
    this.#sentAt = performance.now()
    if (this.#isDueAgain) this.flushSoon()
  }

  tick(now: number): void {
    for (const group of this.#groups.values()) for (const session of group.sessions) session.tick(now)
  }

  endAll(error: ApiError | undefined): void {
    for (const group of [...this.#groups.values()]) for (const session of [...group.sessions]) session.end(error)
  }

  #dispatchTo(groups: Set<WatchGroup> | undefined, change: Change): void {
    if (groups !== undefined) for (const group of groups) group.take(change)
  }

  /** The set in which a group waits for changes. */
  #placeOf(group: WatchGroup): { sets: Map<string, Set<WatchGroup>>; at: string } | Set<WatchGroup> {
    const { predicate } = group
    if (predicate.name !== '' && (predicate.namespace !== '' || this.#cache.resource.scope === 'Cluster')) {
      return { sets: this.#byKey, at: this.#cache.keyOf(predicate.namespace, predicate.name) }
    }
    const trigger = predicate.fields.find((term) => term.operator === '=' && term.field === this.#trigger)
    if (trigger !== undefined) return { sets: this.#byField, at: trigger.value }
    if (predicate.namespace !== '') return { sets: this.#byNamespace, at: predicate.namespace }
    return this.#everything
  }

  #forget(id: string, group: WatchGroup): void {
    this.#groups.delete(id)
    const place = this.#placeOf(group)
    if (place instanceof Set) {
      place.delete(group)
      return
    }
    const set = place.sets.get(place.at)
    set?.delete(group)
    if (set?.size === 0) place.sets.delete(place.at)
  }
}

function addTo(place: { sets: Map<string, Set<WatchGroup>>; at: string } | Set<WatchGroup>, group: WatchGroup): void {
  if (place instanceof Set) {
    place.add(group)
    return
  }
  const set = place.sets.get(place.at)
  if (set === undefined) place.sets.set(place.at, new Set([group]))
  else set.add(group)
}

function groupId({ form, predicate }: { form: Form; predicate: Predicate }): string {
  const fields = predicate.fields.map((term) => `${term.field}${term.operator}${JSON.stringify(term.value)}`)
  return JSON.stringify([form.id, predicate.namespace, predicate.name, predicate.isNever, formatSelector(predicate.labels), fields])
}
