/** The store on etcd (3.4 and later). */
import { setTimeout as sleep } from 'node:timers/promises'
import { type FailureKind, kindOfFailure } from './etcd-errors.ts'
import * as etcd from './etcd-messages.ts'
import { EtcdWatch } from './etcd-watch.ts'
import { GrpcClient } from './grpc/client.ts'
import { LeaseBuckets } from './lease-buckets.ts'
import { Limiter } from './limiter.ts'
import {
  type CommitOp,
  type CommitResult,
  Compacted,
  type ListOptions,
  type Page,
  type Storage,
  type StorageEvent,
  type StorageStats,
  StorageUnavailable,
  type StorageWatch,
  type Stored,
  ValueTooLarge,
} from './storage.ts'

export interface EtcdOptions {
  /** `https://host:2379`, all with the same scheme. */
  endpoints: readonly string[]
  /** PEM. */
  tls?: { ca: Buffer; cert: Buffer; key: Buffer }
  /** Of one call that is not a stream. */
  timeoutMs?: number
  /** Writes under way at once; more of them only make watches lag (etcd serves a watcher that does not keep up every 100 ms). */
  maxWrites?: number
  /** Keys with a time to live share leases for so long, and may outlive it by as much. */
  leaseReuseSeconds?: number
  /** Told of every loss of the watch's connection. */
  onReconnect?: (error: Error) => void
}

const PAGE_KEYS = 500
const PAGE_BYTES = 8 * 1024 * 1024
const LONG_CALL_MS = 30_000
/** How long calls are tried again that certainly did nothing, and unknown writes looked for. */
const RETRY_MS = 3000

/** What etcd takes at its default settings: more is refused here instead of being sent for nothing, which may cost the connection. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024

export class EtcdStorage implements Storage {
  readonly #client: GrpcClient
  readonly #writes: Limiter
  readonly #leases: LeaseBuckets
  readonly #watches = new Set<EtcdWatch>()
  readonly #onReconnect: (error: Error) => void
  /** When our latest writes were acknowledged, by revision. */
  readonly #acknowledged = new Map<number, number>()
  #watchLagMs = 0
  #reconnects = 0
  #isClosed = false

  constructor(options: EtcdOptions) {
    const { endpoints, tls, timeoutMs = 5000 } = options
    this.#client = new GrpcClient({ endpoints, timeoutMs, maxSendBytes: MAX_REQUEST_BYTES, ...(tls && { tls }) })
    this.#writes = new Limiter(options.maxWrites ?? 16)
    this.#onReconnect = options.onReconnect ?? (() => undefined)
    const grant = async (seconds: number): Promise<bigint> =>
      etcd.leaseGranted(await this.#client.unary(etcd.calls.leaseGrant, etcd.leaseGrantRequest(seconds)))
    this.#leases = new LeaseBuckets(grant, { reuseSeconds: options.leaseReuseSeconds ?? 60, now: Date.now })
  }

  stats(): StorageStats {
    return {
      writesRunning: this.#writes.running,
      writesWaiting: this.#writes.waiting,
      watchLagMs: this.#watchLagMs,
      reconnects: this.#reconnects,
    }
  }

  async commit(ops: readonly CommitOp[]): Promise<CommitResult> {
    const result = await this.#writes.run(() => this.#write(ops))
    if (result.committed) this.#noteWrite(result.revision)
    return result
  }

  async *pages(prefix: string, options: ListOptions = {}): AsyncIterable<Page> {
    let from = Buffer.from(prefix)
    const end = prefixEnd(prefix)
    let revision = options.revision
    let limit = 100
    for (;;) {
      const request = etcd.rangeRequest({
        key: from,
        rangeEnd: end,
        limit,
        serializable: options.serializable === true,
        ...(revision && { revision }),
      })
      const response = await this.#read(() => this.#range(request, LONG_CALL_MS), revision)
      revision ??= response.revision
      const items = response.kvs.map(storedOf)
      yield { items, revision }
      const last = response.kvs.at(-1)
      if (!response.more || last === undefined) return
      from = Buffer.concat([last.key, Buffer.from([0])])
      limit = pageLimit(items)
    }
  }

  async get(key: string): Promise<{ item: Stored | undefined; revision: number }> {
    const request = etcd.rangeRequest({ key: Buffer.from(key) })
    const response = await this.#read(() => this.#range(request))
    return { item: response.kvs.map(storedOf)[0], revision: response.revision }
  }

  async currentRevision(): Promise<number> {
    const response = await this.#read(() => this.#range(REVISION_QUESTION))
    return response.revision
  }

  async watch(
    prefix: string,
    afterRevision: number,
    onEvents: (events: readonly StorageEvent[], revision: number) => void,
  ): Promise<StorageWatch> {
    const watch = new EtcdWatch({
      open: (events) => this.#client.stream(etcd.calls.watch, events),
      key: Buffer.from(prefix),
      rangeEnd: prefixEnd(prefix),
      afterRevision,
      onEvents: (events, revision) => {
        this.#measureLag(events)
        onEvents(events, revision)
      },
      onReconnect: (error) => {
        this.#reconnects++
        this.#onReconnect(error)
      },
    })
    this.#watches.add(watch)
    watch.ended.catch(() => undefined).finally(() => this.#watches.delete(watch))
    await watch.opened
    return watch
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#client.unary(etcd.calls.compact, etcd.compactionRequest(revision), LONG_CALL_MS)
    } catch (error) {
      // Another server was faster.
      if (kindOfFailure(error) !== 'compacted') throw failure(error)
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await this.#range(REVISION_QUESTION, 2000).catch((error: unknown) => {
      throw failure(error)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#watches].map((watch) => watch[Symbol.asyncDispose]()))
    this.#client.close()
  }

  async #range(request: Buffer, timeoutMs?: number): Promise<etcd.RangeResponse> {
    return etcd.rangeResponse(await this.#client.unary(etcd.calls.range, request, timeoutMs))
  }

  async #txn(request: Buffer): Promise<etcd.TxnResponse> {
    return etcd.txnResponse(await this.#client.unary(etcd.calls.txn, request))
  }

  /** Reads may be asked again: a lost answer changes nothing. */
  async #read<T>(call: () => Promise<T>, revision?: number): Promise<T> {
    const deadline = Date.now() + RETRY_MS
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 200)) {
      try {
        return await call()
      } catch (error) {
        const kind = this.#kindOf(error)
        if (kind === 'compacted') throw new Compacted(revision ?? 0)
        if (this.#isClosed || (kind !== 'not applied' && kind !== 'unknown') || Date.now() + delayMs > deadline) throw failure(error, 'no')
        await sleep(delayMs)
      }
    }
  }

  /** Tries again only what certainly was not done; where that is unknown, looks whether the write is there. */
  async #write(ops: readonly CommitOp[]): Promise<CommitResult> {
    const deadline = Date.now() + RETRY_MS
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 200)) {
      try {
        return resultOf(ops, await this.#txn(await this.#requestOf(ops)))
      } catch (error) {
        const kind = this.#kindOf(error)
        if (kind === 'unknown') return await this.#findWrite(ops, error)
        if (kind === 'lease gone') this.#leases.clear()
        const isWorthIt: boolean = kind === 'lease gone' || kind === 'not applied'
        if (this.#isClosed || !isWorthIt || Date.now() + delayMs > deadline) throw failure(error)
        await sleep(delayMs)
      }
    }
  }

  /** A member that has lost the others is left. */
  #kindOf(error: unknown): FailureKind {
    if (error instanceof Error && error.message.includes('no leader')) this.#client.leaveEndpoint()
    return kindOfFailure(error)
  }

  async #requestOf(ops: readonly CommitOp[]): Promise<Buffer> {
    const success: etcd.RequestOp[] = []
    for (const op of ops) {
      const key = Buffer.from(op.key)
      if (op.verb === 'delete') success.push({ deleteRange: key })
      if (op.verb !== 'put') continue
      const lease = op.ttlSeconds === undefined ? 0n : await this.#leases.leaseFor(op.ttlSeconds)
      success.push({ put: { key, value: op.value, lease } })
    }
    return etcd.txnRequest({ compare: ops.flatMap(compareOf), success, failure: ops.map(rangeOf) })
  }

  /** Whether a write happened whose answer was lost: its very values stand there, under one revision. */
  async #findWrite(ops: readonly CommitOp[], cause: unknown): Promise<CommitResult> {
    const request = etcd.txnRequest({ compare: [], success: ops.map(rangeOf), failure: [] })
    let response: etcd.TxnResponse
    try {
      response = await this.#read(() => this.#txn(request))
    } catch {
      throw failure(cause, 'unknown')
    }
    const current = rangesOf(ops, response)
    const revision = writtenAt(ops, current, response.revision)
    if (revision === undefined) throw failure(cause, 'unknown')
    return { committed: true, revision }
  }

  #noteWrite(revision: number): void {
    this.#acknowledged.set(revision, performance.now())
    if (this.#acknowledged.size > 1000) this.#acknowledged.delete(this.#acknowledged.keys().next().value ?? 0)
  }

  #measureLag(events: readonly StorageEvent[]): void {
    for (const { revision } of events) {
      const at = this.#acknowledged.get(revision)
      // An event that overtakes its acknowledgement does not lag.
      const lagMs = at === undefined ? 0 : performance.now() - at
      this.#acknowledged.delete(revision)
      this.#watchLagMs += (lagMs - this.#watchLagMs) * 0.05
    }
  }
}

/** No object has this key: only the revision is wanted. */
const REVISION_QUESTION = etcd.rangeRequest({ key: Buffer.from('/registry/'), countOnly: true })

const storedOf = ({ key, value, modRevision }: etcd.KeyValue): Stored => ({ key: key.toString(), value, revision: modRevision })

const rangeOf = (op: CommitOp): etcd.RequestOp => ({ range: Buffer.from(op.key) })

/** The first key behind all that begin with `prefix`. */
function prefixEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix)
  const last = end.length - 1
  end[last] = (end[last] ?? 0) + 1
  return end
}

/** So many keys that a page stays at a few MiB. */
function pageLimit(items: readonly Stored[]): number {
  const bytes = items.reduce((sum, item) => sum + item.value.length, 0)
  const average = Math.max(1, bytes / items.length)
  return Math.max(1, Math.min(PAGE_KEYS, Math.floor(PAGE_BYTES / average)))
}

function compareOf({ key, expect }: CommitOp): etcd.Compare[] {
  if (expect === 'any') return []
  if (expect === 'absent') return [{ key: Buffer.from(key), createRevision: 0 }]
  return [{ key: Buffer.from(key), modRevision: expect.revision }]
}

function resultOf(ops: readonly CommitOp[], response: etcd.TxnResponse): CommitResult {
  const { revision } = response
  if (response.succeeded) return { committed: true, revision }
  return { committed: false, current: rangesOf(ops, response), revision }
}

const rangesOf = (ops: readonly CommitOp[], { ranges }: etcd.TxnResponse): (Stored | undefined)[] =>
  ops.map((_, i) => ranges[i]?.map(storedOf)[0])

function writtenAt(ops: readonly CommitOp[], current: readonly (Stored | undefined)[], now: number): number | undefined {
  const revisions = new Set<number>()
  for (const [i, op] of ops.entries()) {
    const item = current[i]
    if (op.verb === 'delete' && item !== undefined) return undefined
    if (op.verb !== 'put') continue
    if (item === undefined || !item.value.equals(op.value)) return undefined
    if (typeof op.expect === 'object' && item.revision <= op.expect.revision) return undefined
    revisions.add(item.revision)
  }
  return revisions.size > 1 ? undefined : (revisions.values().next().value ?? now)
}

/** What callers are told. `applied` overrules what the error says of itself. */
function failure(error: unknown, applied?: 'no' | 'unknown'): Error {
  const kind: FailureKind = kindOfFailure(error)
  const message = error instanceof Error ? error.message : String(error)
  if (kind === 'too large') return new ValueTooLarge(message)
  return new StorageUnavailable(`etcd: ${message}`, applied ?? (kind === 'unknown' ? 'unknown' : 'no'), { cause: error })
}
