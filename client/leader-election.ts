/**
 * One active process of several, by a Lease (upstream's rules: client-go tools/leaderelection). Other holders are judged by how long their
 * record has not changed on our own monotonic clock, never by its timestamps. A leader may write only while `mayWrite()`:
 * a process that slept through its deadline finds out before its next write, not after.
 */
import { type Lease, Leases } from '#api/coordination/lease.ts'
import { ApiError } from '#api/meta/status.ts'
import { type Clock, systemClock } from './clock.ts'
import type { EventRecorder } from './events.ts'
import type { Client } from './rest.ts'

export interface LeaderElectionOptions {
  /** Where the Lease is; upstream uses kube-system and the name of the program. */
  namespace: string
  name: string
  /** Unique per process, such as hostname and a uuid. */
  identity: string
  leaseDurationMs?: number
  renewDeadlineMs?: number
  retryPeriodMs?: number
  clock?: Clock
  random?: () => number
  events?: EventRecorder
  onError?: (error: unknown) => void
  /** Told of the holder whenever it changes; '' when nobody is. */
  onHolder?: (identity: string) => void
}

/** At most one renewal was on its way, so the second attempt can only conflict with a writer that is not us. */
const releaseAttempts = 3

export class LeadershipLostError extends Error {
  override name = 'LeadershipLostError'
}

export class LeaderElector {
  readonly #client: Client
  readonly #options: LeaderElectionOptions
  readonly #clock: Clock
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  #observed: { lease: Lease; atMs: number } | undefined
  #holder: string | undefined
  /** When the last renewal that succeeded was sent. */
  #renewedAtMs = Number.NEGATIVE_INFINITY

  constructor(client: Client, options: LeaderElectionOptions) {
    this.#client = client
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000
    if (this.#leaseDurationMs <= this.#renewDeadlineMs) throw new Error('leaseDuration must be greater than renewDeadline')
    if (this.#renewDeadlineMs <= 1.2 * this.#retryPeriodMs) throw new Error('renewDeadline must be greater than retryPeriod*1.2')
  }

  /** False from the renew deadline on, 5 s before another process may take over (by default). */
  mayWrite(): boolean {
    return this.#clock.monotonicMs() - this.#renewedAtMs < this.#renewDeadlineMs
  }

  /** For a runner's guard: throws LeadershipLostError where `mayWrite` is false. */
  guard(): void {
    if (!this.mayWrite()) throw new LeadershipLostError('leader election lost: the lease was not renewed in time')
  }

  /**
   * Waits for the lease, then runs `lead` with a signal of its own. Ends with LeadershipLostError when the lease is lost, and normally when
   * `signal` aborts: then `lead` is stopped first and the lease released, so that the next process need not wait for it to expire.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return
    this.#say('became leader')
    const leading = new AbortController()
    const stop = (): void => leading.abort()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const work = lead(leading.signal)
    const renewal = this.#renewUntilLost(leading.signal)
    try {
      await Promise.race([work, renewal])
      if (!leading.signal.aborted && !this.mayWrite()) throw new LeadershipLostError('leader election lost')
    } finally {
      leading.abort()
      signal.removeEventListener('abort', stop)
      await Promise.allSettled([work, renewal])
      if (this.mayWrite()) await this.#release()
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#tryAcquireOrRenew(signal)) return true
      await this.#clock.sleep(this.#retryPeriodMs * (1 + 1.2 * (this.#options.random ?? Math.random)()), signal)
    }
    return false
  }

  async #renewUntilLost(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#retryPeriodMs, signal)
      if (signal.aborted) return
      await this.#tryAcquireOrRenew(signal)
      if (signal.aborted) return
      if (this.#holder !== this.#options.identity || !this.mayWrite()) {
        this.#renewedAtMs = Number.NEGATIVE_INFINITY
        this.#say('stopped leading')
        return
      }
    }
  }

  /** True if we hold the lease now. Failures to reach the server are reported and count as not renewed. */
  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const sentAtMs = this.#clock.monotonicMs()
    try {
      const written = await this.#write(sentAtMs, signal)
      if (!written) return false
      this.#observe(written)
      this.#renewedAtMs = sentAtMs
      return true
    } catch (error) {
      if (error instanceof ApiError && (error.code === 409 || error.code === 404)) this.#observed = undefined
      if (!signal.aborted) this.#options.onError?.(error)
      return false
    }
  }

  async #write(nowMs: number, signal: AbortSignal): Promise<Lease | undefined> {
    const { namespace, name, identity } = this.#options
    const request = { signal, timeoutMs: this.#renewDeadlineMs }
    const now = `${this.#clock.now().toISOString().slice(0, -1)}000Z`
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    }
    // The holder's own copy is the newest there is, unless somebody took the lease: then the write conflicts.
    const ours = this.#observed?.lease
    if (ours?.spec.holderIdentity === identity && this.mayWrite()) {
      return this.#client.update(Leases, { ...ours, spec: { ...ours.spec, ...spec, ...kept(ours) } }, request)
    }
    let lease: Lease
    try {
      lease = await this.#client.get(Leases, { namespace, name }, request)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error
      return this.#client.create(Leases, { metadata: { namespace, name }, spec }, request)
    }
    this.#observe(lease)
    const holder = lease.spec.holderIdentity ?? ''
    if (holder !== '' && holder !== identity && nowMs - (this.#observed?.atMs ?? nowMs) < this.#durationOf(lease)) return undefined
    const same = holder === identity
    const transitions = (lease.spec.leaseTransitions ?? 0) + (same ? 0 : 1)
    const next = { ...lease.spec, ...spec, leaseTransitions: transitions, ...(same ? kept(lease) : {}) }
    return this.#client.update(Leases, { ...lease, spec: next }, request)
  }

  /** The holder promised this much; a process with other flags may have promised more than we do. */
  #durationOf(lease: Lease): number {
    return Math.max(1, lease.spec.leaseDurationSeconds ?? 0) * 1000
  }

  #observe(lease: Lease): void {
    const changed = this.#observed?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion
    if (changed) this.#observed = { lease, atMs: this.#clock.monotonicMs() }
    const holder = lease.spec.holderIdentity ?? ''
    if (holder === this.#holder) return
    this.#holder = holder
    this.#options.onHolder?.(holder)
  }

  /** Read anew, as upstream does: a renewal that the stop aborted may have been written all the same, even between our read and our write. */
  async #release(): Promise<void> {
    const { namespace, name, identity } = this.#options
    const request = { timeoutMs: this.#renewDeadlineMs }
    this.#renewedAtMs = Number.NEGATIVE_INFINITY
    for (let attempt = 1; attempt <= releaseAttempts; attempt++) {
      try {
        const lease = await this.#client.get(Leases, { namespace, name }, request)
        if (lease.spec.holderIdentity !== identity) return
        const now = `${this.#clock.now().toISOString().slice(0, -1)}000Z`
        const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now }
        await this.#client.update(Leases, { ...lease, spec }, request)
        return
      } catch (error) {
        if (error instanceof ApiError && error.code === 409 && attempt < releaseAttempts) continue
        this.#options.onError?.(error)
        return
      }
    }
  }

  #say(what: string): void {
    const { events, identity, namespace, name } = this.#options
    const { uid, resourceVersion } = this.#observed?.lease.metadata ?? {}
    const metadata = { namespace, name, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
    const about = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata }
    events?.event(about, { type: 'Normal', reason: 'LeaderElection', message: `${identity} ${what}` })
  }
}

/** Renewing keeps when the lease was taken and how often it changed hands. */
function kept(lease: Lease): Pick<Lease['spec'] & object, 'acquireTime' | 'leaseTransitions'> {
  const { acquireTime, leaseTransitions } = lease.spec
  return { ...(acquireTime ? { acquireTime } : {}), ...(leaseTransitions === undefined ? {} : { leaseTransitions }) }
}
