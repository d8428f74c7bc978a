/** What a store must do. Implementations: etcd, SQLite, memory; one test-suite runs on all of them. */

export interface Stored {
  key: string
  value: Buffer
  /** Revision of the write that made this value (etcd's mod_revision). */
  revision: number
}

/** What must hold for an operation to happen: the key is absent, is at this revision, or anything goes. */
export type Expect = 'absent' | 'any' | { revision: number }

export type CommitOp =
  | { verb: 'put'; key: string; value: Buffer; expect: Expect; ttlSeconds?: number }
  | { verb: 'delete'; key: string; expect: Expect }
  /** Writes nothing: only a precondition on another key. */
  | { verb: 'check'; key: string; expect: Expect }

export type CommitResult =
  | { committed: true; revision: number }
  /** What stands at each op's key now, in the order of the ops. */
  | { committed: false; current: readonly (Stored | undefined)[]; revision: number }

export interface StorageEvent {
  type: 'put' | 'delete'
  key: string
  /** The value after a put. */
  value?: Buffer
  revision: number
}

export interface StorageWatch extends AsyncDisposable {
  /** Ends with undefined when closed by us; rejects with `Compacted` or another error when the store ended it: list again then. */
  readonly ended: Promise<undefined>
}

/** The revision asked for is no longer held. */
export class Compacted extends Error {
  readonly compactRevision: number
  constructor(compactRevision: number) {
    super(`required revision has been compacted (at ${compactRevision})`)
    this.name = 'Compacted'
    this.compactRevision = compactRevision
  }
}

/** The value is larger than the store takes: 413 for the client. */
export class ValueTooLarge extends Error {}

/** The store cannot be reached or did not answer in time; whether a write happened is then unknown unless `applied` says no. */
export class StorageUnavailable extends Error {
  readonly applied: 'no' | 'unknown'
  constructor(message: string, applied: 'no' | 'unknown', options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageUnavailable'
    this.applied = applied
  }
}

export interface ListOptions {
  /** The state at this revision instead of the newest; `Compacted` where it is gone. */
  revision?: number
  /** Any member may answer, it may be behind; only sensible together with a revision. */
  serializable?: boolean
}

export interface Page {
  items: readonly Stored[]
  /** Revision of the whole listing, the same on every page. */
  revision: number
}

/** What a store over a network counts. */
export interface StorageStats {
  writesRunning: number
  writesWaiting: number
  /** Milliseconds from the acknowledgement of one of our writes to its event on the watch, smoothed. */
  watchLagMs: number
  reconnects: number
}

export interface Storage {
  /** Atomic over all ops. */
  commit(ops: readonly CommitOp[]): Promise<CommitResult>
  /** All keys below `prefix` at one revision, sorted by key, in pages of bounded size; at least one page. */
  pages(prefix: string, options?: ListOptions): AsyncIterable<Page>
  get(key: string): Promise<{ item: Stored | undefined; revision: number }>
  /** The store's newest revision, linearizable. */
  currentRevision(): Promise<number>
  /** Events after `afterRevision`, in order, each revision's events in one call. Do nothing long in `onEvents`. */
  watch(prefix: string, afterRevision: number, onEvents: (events: readonly StorageEvent[], revision: number) => void): Promise<StorageWatch>
  /** Forgets history up to and with `revision`. */
  compact(revision: number): Promise<void>
  /** Rejects with the reason while the store is not usable. */
  check(signal: AbortSignal): Promise<void>
  stats?(): StorageStats
  /** Bytes of the file that it keeps itself. */
  sizeBytes?(): number
  close(): Promise<void>
}
