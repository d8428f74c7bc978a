/** One client's watch: first the state it asked for, then what it missed, then live events; never more in memory than its buffer. */
import { type ApiError, gone, internalError } from '#api/meta/status.ts'
import type { Entry } from './entry.ts'
import { eventTypeOf, frameOf } from './frames.ts'
import type { WatchGroup } from './watch-groups.ts'

/** Where a watch's bytes go. */
export interface WatchSink {
  /** False once the caller should wait for `onDrain`. */
  write(chunk: Buffer): boolean
  /** Bytes accepted and not sent yet. */
  pendingBytes(): number
  onDrain(listener: () => void): void
  onClose(listener: () => void): void
  end(): void
  /** Every event must be its own chunk (WebSocket messages). */
  readonly isMessageBased?: boolean
}

export interface SessionOptions {
  sink: WatchSink
  /** Everything up to this revision is in `initial` or known to the client. */
  revision: number
  /** Sent as ADDED first. */
  initial: readonly Entry[]
  bookmarks: boolean
  /** The end of `initial` is marked with a bookmark. */
  marksInitialEnd: boolean
  /** Milliseconds between bookmarks, and since when. */
  now: number
  random: () => number
}

/** A live watcher that has more than this waiting is fed from the history until it has caught up. */
const MAX_PENDING_BYTES = 512 * 1024
/** Pieces in which the initial state and missed events are written. */
const PIECE_BYTES = 64 * 1024
const PIECE_CHANGES = 64
const BOOKMARK_MS = 50_000

export class WatchSession {
  readonly ended: Promise<void>
  readonly #group: WatchGroup
  readonly #options: Omit<SessionOptions, 'initial'>
  readonly #resolve: () => void
  #revision: number
  /** What is left of the state to send; let go when it is sent. */
  #initial: readonly Entry[]
  #sent = 0
  #isInitialMarked: boolean
  /** The client's first event is still to come, and its form says more in the first one. */
  #isFirst: boolean
  #isLive = false
  #isOver = false
  #nextBookmark: number

  constructor(group: WatchGroup, options: SessionOptions) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#resolve = resolve
    this.#group = group
    const { initial, ...rest } = options
    this.#options = rest
    this.#revision = options.revision
    this.#initial = initial
    this.#isInitialMarked = !options.marksInitialEnd
    this.#isFirst = group.form.firstFrame !== undefined
    this.#nextBookmark = options.now + this.#bookmarkDelay()
    options.sink.onDrain(() => this.#pump())
    options.sink.onClose(() => this.#finish())
    group.sessions.add(this)
    this.#pump()
  }

  /** Whether frames must come one by one. */
  get wantsFrames(): boolean {
    return this.#options.sink.isMessageBased === true || this.#isFirst
  }

  /** Live events, as the group coalesced them; all changes up to `revision` are in. */
  push(chunk: Buffer, revision: number): void {
    this.#revision = revision
    const { sink } = this.#options
    if (sink.write(this.#isFirst ? this.#first(chunk) : chunk) || sink.pendingBytes() <= MAX_PENDING_BYTES) return
    this.#isLive = false
    this.#group.leave(this)
    this.#group.countLag()
  }

  tick(now: number): void {
    if (now < this.#nextBookmark || !this.#options.bookmarks || !this.#isLive) return
    this.#nextBookmark = now + this.#bookmarkDelay()
    this.#bookmark()
  }

  /** Ends the watch; with a bookmark at the end where the client takes them, or with the error that ended it. */
  end(error: ApiError | undefined): void {
    if (this.#isOver) return
    if (error !== undefined) this.#options.sink.write(this.#group.form.error(error.toStatus()))
    else if (this.#isLive && this.#options.bookmarks) this.#bookmark()
    this.#finish()
    this.#options.sink.end()
  }

  #bookmark(): void {
    this.#group.flush()
    if (this.#isLive) this.#options.sink.write(this.#group.form.bookmark(this.#group.revision(), false))
  }

  #bookmarkDelay(): number {
    return BOOKMARK_MS * (0.8 + 0.4 * this.#options.random())
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isLive = false
    this.#group.sessions.delete(this)
    this.#group.leave(this)
    this.#resolve()
  }

  /** Writes what the client has not got yet, until it is current or its buffer is full. */
  #pump(): void {
    while (!this.#isOver && !this.#isLive) {
      const piece = this.#tryNextPiece()
      if (piece === undefined) {
        if (this.#isOver) return
        this.#isLive = true
        this.#group.join(this)
        return
      }
      if (!this.#write(piece)) return
    }
  }

  #write(frames: readonly Buffer[]): boolean {
    const { sink } = this.#options
    const first = frames[0]
    if (first === undefined) return true
    if (this.#isFirst) frames = [this.#first(first), ...frames.slice(1)]
    if (sink.isMessageBased) return frames.map((frame) => sink.write(frame)).at(-1) === true
    return sink.write(frames.length === 1 ? (frames[0] ?? first) : Buffer.concat(frames))
  }

  #first(frame: Buffer): Buffer {
    this.#isFirst = false
    return this.#group.form.firstFrame?.(frame) ?? frame
  }

  /** As in a group: what cannot be shown ends the watch. */
  #tryNextPiece(): Buffer[] | undefined {
    try {
      return this.#nextPiece()
    } catch (error) {
      this.end(internalError(`an object cannot be shown: ${error instanceof Error ? error.message : String(error)}`))
      return undefined
    }
  }

  /** The next frames; undefined when the client is current. */
  #nextPiece(): Buffer[] | undefined {
    if (this.#sent < this.#initial.length) return this.#initialPiece()
    this.#initial = []
    this.#sent = 0
    if (!this.#isInitialMarked) {
      this.#isInitialMarked = true
      return [this.#group.form.bookmark(this.#revision, true)]
    }
    const missed = this.#group.cache.history.after(this.#revision, PIECE_CHANGES)
    if (missed === undefined) {
      this.end(gone(`too old resource version: ${this.#revision} (${this.#group.cache.history.floor})`))
      return undefined
    }
    const last = missed.at(-1)
    if (last === undefined) return undefined
    const frames: Buffer[] = []
    for (const change of missed) {
      const type = eventTypeOf(change, this.#group.predicate)
      if (type !== undefined) frames.push(frameOf(change, type, this.#group.form, this.#group.cache.history))
    }
    this.#revision = last.revision
    return frames
  }

  #initialPiece(): Buffer[] {
    const initial = this.#initial
    const frames: Buffer[] = []
    for (let bytes = 0; this.#sent < initial.length && bytes < PIECE_BYTES; this.#sent++) {
      const entry = initial[this.#sent]
      if (entry === undefined) continue
      const frame = this.#group.form.event('ADDED', this.#group.form.body(entry))
      bytes += frame.length
      frames.push(frame)
    }
    return frames
  }
}
