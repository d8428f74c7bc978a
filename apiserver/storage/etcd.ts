/**
 * The store on etcd (3.4 and later). Only raw calls of the etcd3 library are used: its watcher loses events on reconnect, its retries repeat
 * writes, its circuit breaker prolongs outages.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Etcd3, type IOptions, type IRangeRequest, type IResponseOp, type ITxnRequest, type ITxnResponse } from 'etcd3'
import { type FailureKind, kindOfFailure } from './etcd-errors.ts'
import { EtcdWatch } from './etcd-watch.ts'
import { LeaseBuckets } from './lease-buckets.ts'
import { Limiter } from './limiter.ts'
import {
  type CommitOp,
  type CommitResult,
  Compacted,
  type Expect,
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

type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>
const silent = (): { dispose(): void } => ({ dispose: () => undefined })
const NEVER = new AbortController().signal
/** Runs the call, once. */
const once = {
  _altReturn: undefined,
  onSuccess: silent,
  onFailure: silent,
  execute: async (call: (context: { signal: AbortSignal }) => unknown) => call({ signal: NEVER }),
} as unknown as Policy

export class EtcdStorage implements Storage {
  readonly #client: Etcd3
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
    this.#client = new Etcd3(clientOptions(options))
    this.#writes = new Limiter(options.maxWrites ?? 16)
    this.#onReconnect = options.onReconnect ?? (() => undefined)
    const grant = async (seconds: number): Promise<string> => (await this.#client.leaseClient.leaseGrant({ TTL: seconds, ID: 0 })).ID
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
      const request: IRangeRequest = {
        key: from,
        range_end: end,
        limit,
        serializable: options.serializable === true,
        ...(revision && { revision }),
      }
      const response = await this.#read(() => this.#client.kv.range(request, { deadline: Date.now() + LONG_CALL_MS }), revision)
      revision ??= Number(response.header.revision)
      const items = response.kvs.map(storedOf)
      yield { items, revision }
      const last = response.kvs.at(-1)
      if (!response.more || last === undefined) return
      from = Buffer.concat([last.key, Buffer.from([0])])
      limit = pageLimit(items)
    }
  }

  async get(key: string): Promise<{ item: Stored | undefined; revision: number }> {
    const response = await this.#read(() => this.#client.kv.range({ key: Buffer.from(key) }))
    return { item: response.kvs.map(storedOf)[0], revision: Number(response.header.revision) }
  }

  async currentRevision(): Promise<number> {
    const response = await this.#read(() => this.#client.kv.range({ key: NO_KEY, count_only: true }))
    return Number(response.header.revision)
  }

  async watch(
    prefix: string,
    afterRevision: number,
    onEvents: (events: readonly StorageEvent[], revision: number) => void,
  ): Promise<StorageWatch> {
    const watch = new EtcdWatch({
      open: () => this.#client.watchClient.watch(),
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
      await this.#client.kv.compact({ revision }, { deadline: Date.now() + LONG_CALL_MS })
    } catch (error) {
      // Another server was faster.
      if (kindOfFailure(error) !== 'compacted') throw failure(error)
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await this.#client.kv.range({ key: NO_KEY, count_only: true }, { deadline: Date.now() + 2000 }).catch((error: unknown) => {
      throw failure(error)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#watches].map((watch) => watch[Symbol.asyncDispose]()))
    this.#client.close()
  }

  /** Reads may be asked again: a lost answer changes nothing. */
  async #read<T>(call: () => Promise<T>, revision?: number): Promise<T> {
    const deadline = Date.now() + RETRY_MS
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 200)) {
      try {
        return await call()
      } catch (error) {
        const kind = kindOfFailure(error)
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
        return resultOf(ops, await this.#client.kv.txn(await this.#requestOf(ops)))
      } catch (error) {
        const kind = kindOfFailure(error)
        if (kind === 'unknown') return await this.#findWrite(ops, error)
        if (kind === 'lease gone') this.#leases.clear()
        const isWorthIt: boolean = kind === 'lease gone' || kind === 'not applied'
        if (this.#isClosed || !isWorthIt || Date.now() + delayMs > deadline) throw failure(error)
        await sleep(delayMs)
      }
    }
  }

  async #requestOf(ops: readonly CommitOp[]): Promise<ITxnRequest> {
    const success: NonNullable<ITxnRequest['success']> = []
    for (const op of ops) {
      const key = Buffer.from(op.key)
      if (op.verb === 'delete') success.push({ request_delete_range: { key } })
      if (op.verb !== 'put') continue
      const lease = op.ttlSeconds === undefined ? 0 : await this.#leases.leaseFor(op.ttlSeconds)
      success.push({ request_put: { key, value: op.value, lease } })
    }
    const compare = ops.flatMap((op) => compareOf(Buffer.from(op.key), op.expect))
    return { compare, success, failure: ops.map((op) => ({ request_range: { key: Buffer.from(op.key) } })) }
  }

  /** Whether a write happened whose answer was lost: its very values stand there, under one revision. */
  async #findWrite(ops: readonly CommitOp[], cause: unknown): Promise<CommitResult> {
    const request: ITxnRequest = { success: ops.map((op) => ({ request_range: { key: Buffer.from(op.key) } })) }
    let response: ITxnResponse
    try {
      response = await this.#read(() => this.#client.kv.txn(request))
    } catch {
      throw failure(cause, 'unknown')
    }
    const current = rangesOf(ops, response.responses)
    const revision = writtenAt(ops, current, Number(response.header.revision))
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

/** No object has this key. */
const NO_KEY = Buffer.from('/registry/')

function clientOptions({ endpoints, tls, timeoutMs = 5000 }: EtcdOptions): IOptions {
  return {
    hosts: [...endpoints],
    ...(tls && { credentials: { rootCertificate: tls.ca, certChain: tls.cert, privateKey: tls.key } }),
    grpcOptions: {
      'grpc.max_receive_message_length': -1,
      // What etcd takes at its default settings: more is refused here instead of being sent for nothing, which may cost the connection.
      'grpc.max_send_message_length': 2 * 1024 * 1024,
      // 64 KiB, the default, hold 20 events: etcd then takes the watch for a slow one.
      'grpc-node.flow_control_window': 8 * 1024 * 1024,
      'grpc.enable_retries': 0,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5000,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.min_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 1000,
    },
    faultHandling: { host: () => once, global: once },
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + timeoutMs }),
  }
}

const storedOf = (kv: { key: Buffer; value: Buffer; mod_revision: string }): Stored => ({
  key: kv.key.toString(),
  value: kv.value,
  revision: Number(kv.mod_revision),
})

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

function compareOf(key: Buffer, expect: Expect): NonNullable<ITxnRequest['compare']> {
  if (expect === 'any') return []
  if (expect === 'absent') return [{ key, target: 'Create', result: 'Equal', create_revision: 0 }]
  return [{ key, target: 'Mod', result: 'Equal', mod_revision: expect.revision }]
}

function resultOf(
  ops: readonly CommitOp[],
  response: { succeeded: boolean; header: { revision: string }; responses: IResponseOp[] },
): CommitResult {
  const revision = Number(response.header.revision)
  if (response.succeeded) return { committed: true, revision }
  return { committed: false, current: rangesOf(ops, response.responses), revision }
}

const rangesOf = (ops: readonly CommitOp[], responses: readonly IResponseOp[]): (Stored | undefined)[] =>
  ops.map((_, i) => responses[i]?.response_range?.kvs.map(storedOf)[0])

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
