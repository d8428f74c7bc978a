/**
 * The loop of kube-proxy: changed services come from the informers by name, are resolved and rendered, and one restore of what differs brings
 * them into the kernel. A failed restore is tried again with everything; a look at the kernel now and then finds rules that somebody flushed.
 */
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import type { Lister } from '#client/informer.ts'
import { Backoff, sleep } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import type { Kernel } from './apply.ts'
import { staleFlows } from './conntrack.ts'
import { resolve, type ServicePort } from './resolve.ts'
import { type Change, jumps, Ruleset } from './ruleset.ts'

export const serviceIndex = 'service'

/** The service that a slice belongs to, as `namespace/name`. */
export function serviceOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.['kubernetes.io/service-name']
  return name === undefined ? undefined : `${slice.metadata.namespace}/${name}`
}

export interface LoopOptions {
  services: Lister<Service>
  slices: Lister<EndpointSlice>
  nodeName: string
  clusterCidr: string
  masqueradeAll: boolean
  syncPeriodMs: number
  minSyncPeriodMs: number
  kernel: Kernel
  log: Logger
  observe?: { synced(durationMs: number, chains: number): void }
}

export class ProxyLoop {
  readonly #options: LoopOptions
  readonly #ruleset: Ruleset
  readonly #dirty = new Set<string>()
  readonly #resolved = new Map<string, readonly ServicePort[]>()
  #wake: (() => void) | undefined
  #onResolved: (service: string) => void = () => undefined
  #lastSyncMs = 0
  /** Flows to be deleted once the rules stand; they outlive a write that fails. */
  #staleFlows: (readonly string[])[] = []

  constructor(options: LoopOptions) {
    this.#options = options
    this.#ruleset = new Ruleset({ clusterCidr: options.clusterCidr, masqueradeAll: options.masqueradeAll })
  }

  /** Says that a service or one of its slices changed. */
  touch(service: string): void {
    this.#dirty.add(service)
    this.#wake?.()
  }

  /** `handler` is called after a service was resolved anew. */
  onResolved(handler: (service: string) => void): void {
    this.#onResolved = handler
  }

  /** Wall-clock milliseconds of the last successful look at the rules; 0 before the first. */
  get lastSyncMs(): number {
    return this.#lastSyncMs
  }

  /** What stands resolved now, for the health ports of services. */
  resolved(): ReadonlyMap<string, readonly ServicePort[]> {
    return this.#resolved
  }

  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 200, maxMs: 30_000 })
    await this.#untilDone(() => this.#start(signal), backoff, signal)
    while (!signal.aborted) {
      const quiet = await this.#waitForWork(signal)
      if (signal.aborted) return
      await this.#untilDone(() => (quiet ? this.#audit(signal) : this.#sync(signal)), backoff, signal)
      await sleep(this.#options.minSyncPeriodMs, signal)
    }
  }

  async #untilDone(work: () => Promise<void>, backoff: Backoff, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await work()
        this.#lastSyncMs = Date.now()
        backoff.reset()
        return
      } catch (error) {
        if (signal.aborted) return
        const waitMs = backoff.next()
        this.#options.log.error({ error, waitMs }, 'cannot write rules, trying again with all of them')
        this.#ruleset.forget()
        await sleep(waitMs, signal)
      }
    }
  }

  /** True when the sync period passed with nothing to do. */
  async #waitForWork(signal: AbortSignal): Promise<boolean> {
    if (this.#dirty.size > 0) return false
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await sleep(this.#options.syncPeriodMs, AbortSignal.any([signal, woken.signal]))
    this.#wake = undefined
    return !woken.signal.aborted
  }

  /** The first write: everything, and away with chains of services that went while no proxy ran. */
  async #start(signal: AbortSignal): Promise<void> {
    await this.#sync(signal)
    const held = new Set(this.#ruleset.keys())
    const stale = (await this.#options.kernel.chains(signal)).filter((key) => !held.has(key))
    if (stale.length === 0) return
    this.#options.log.info({ chains: stale.length }, 'removing chains of services that are gone')
    await this.#options.kernel.restore({ write: new Map(), remove: stale }, signal)
  }

  async #sync(signal: AbortSignal): Promise<void> {
    const { kernel, log } = this.#options
    const started = performance.now()
    const names = [...this.#dirty]
    this.#dirty.clear()
    for (const name of names) this.#staleFlows.push(...this.#resolveOne(name))
    const change: Change = this.#ruleset.pending()
    try {
      if (change.write.size + change.remove.length > 0) await kernel.restore(change, signal)
      this.#ruleset.applied(change)
    } catch (error) {
      this.#ruleset.forget()
      throw error
    }
    if (this.#lastSyncMs === 0) await kernel.ensureJumps(jumps, signal)
    for (const argv of this.#staleFlows.splice(0)) {
      await kernel.deleteFlows(argv, signal).catch((error) => log.warn({ error }, 'cannot delete connection tracking entries'))
    }
    const durationMs = performance.now() - started
    this.#options.observe?.synced(durationMs, change.write.size)
    log.debug({ services: names.length, written: change.write.size, removed: change.remove.length, durationMs }, 'synced rules')
  }

  #resolveOne(name: string): readonly (readonly string[])[] {
    const { services, slices, nodeName } = this.#options
    const service = services.get(name)
    const was = this.#resolved.get(name) ?? []
    const now = service ? resolve(service, slices.byIndex(serviceIndex, name), nodeName) : []
    if (now.length > 0) this.#resolved.set(name, now)
    else this.#resolved.delete(name)
    this.#ruleset.set(name, now)
    this.#onResolved(name)
    return staleFlows(was, now)
  }

  /** Somebody else may have flushed the tables: the canary tells, and then everything is written again. */
  async #audit(signal: AbortSignal): Promise<void> {
    const { kernel, log } = this.#options
    if (!(await kernel.has('nat KUBE-PROXY-CANARY', signal))) {
      log.warn({}, 'rules were flushed by somebody else, writing all of them again')
      this.#ruleset.forget()
      await this.#sync(signal)
    }
    await kernel.ensureJumps(jumps, signal)
  }
}
